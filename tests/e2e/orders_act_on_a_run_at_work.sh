#!/usr/bin/env bash
# retry, cancel, pause and resume while a run is at work: each acts within 2 s and says what was done,
# the service's ledger agrees, and what was paused stays so over the end of the run.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# order WORDS...: a command beside the run; its answer is in $out, and it took less than 2 s.
order() {
  local begun took
  begun=$(now_ms)
  ns "$1" --state "$scratch/state.db" "${@:2}"
  took=$(($(now_ms) - begun))
  expect_most "ms that '$*' took" 2000 "$took"
  expect_not_in "$err" 'written down'
}

state_of() { status_json batch.yaml && jq -r --arg id "$1" '.jobs[] | select(.id == $id) | .state' status.json; }
why_of() { status_json batch.yaml && jq -r --arg id "$1" '.jobs[] | select(.id == $id) | .why' status.json; }
is_state() { [ "$(state_of "$1")" = "$2" ]; }
count_of() { status_json batch.yaml && jq -r ".counts.$1 // 0" status.json; }
count_is() { [ "$(count_of "$1")" = "$2" ]; }

make_clips 6
cat >batch.yaml <<'YAML'
batch: orders
jobs: [{video: clips/*.mp4, voice: Maya}]
YAML
quick_scenario scenario.yaml </dev/null
sed -i 's/^work: .*/work: {base: 420s, per_second: 1s, start: [1s, 2s]}/' scenario.yaml # 7 s of ours
start_simulator scenario.yaml
start_run batch.yaml
run_err=$err
wait_until at_least 4 accepted
wait_until count_is running 4

# two wait; the batch is paused, then one of them is cancelled at once, the other alone resumed
order pause batch.yaml
expect_status 0
expect_in "$out" 'orders: paused'
waiting=$(jq -r '[.jobs[] | select(.state == "queued" or .state == "uploading") | .id] | sort | join(" ")' status.json)
first=${waiting% *} second=${waiting#* }
expect_in <(why_of "$first") 'paused by a person'
order cancel batch.yaml "$first"
expect_in "$out" "$first: cancelled"
expect_same "state of $first" cancelled "$(state_of "$first")"

# a task in flight is looked at and deleted
at_work=$(jq -r '[.jobs[] | select(.state == "running") | .id][0]' status.json)
order cancel batch.yaml "$at_work"
expect_in "$out" "$at_work: its task is looked at"
wait_until is_state "$at_work" cancelled
expect_same "tasks deleted" 1 "$(ledger && jq -s '[.[] | select(.method == "DELETE")] | length' ledger.json)"

# what is not there is said, and the rest is done all the same
order retry batch.yaml "$first" nothing-such
expect_status 1
expect_in "$err" 'nothing-such: the batch has no such job'
expect_in "$err" "$first: queued again, and paused"
order cancel batch.yaml
expect_status 2

# an account rests; the batch goes on, on the other one
order pause --account one@example.com
expect_status 0
expect_in "$out" 'one@example.com: paused'
order pause --account nobody@example.com
expect_status 1
order resume batch.yaml
expect_in "$out" 'orders: resumed'
wait_until count_is queued 0
status_json batch.yaml
expect_same "state of the account" paused "$(jq -r '.accounts[] | select(.email == "one@example.com") | .state' status.json)"
expect_same "account of $second" two@example.com "$(jq -r --arg id "$second" '.jobs[] | select(.id == $id) | .account' status.json)"

# a cancelled one again, paused before it is submitted: the run ends when only that is left
order pause batch.yaml "$at_work"
expect_in "$out" "$at_work: left as it is: it has ended"
order pause --account two@example.com
order retry batch.yaml "$at_work"
expect_in "$out" "$at_work: queued again"
order pause batch.yaml "$at_work"
expect_in "$out" "$at_work: paused"
order resume --account two@example.com
await "$run_pid"
err=$run_err
expect_status 3
expect_in "$run_err" 'event=run.finished.* status=3'
expect_in "$run_err" 'event=batch.paused'
expect_in "$run_err" 'event=account.paused account=one@example.com'
expect_same "socket left behind" "" "$(find . -name '*.sock')"

# it holds over the end of the run, and so does the account's pause
run batch.yaml
expect_status 3
expect_in <(why_of "$at_work") 'paused by a person'
status_json batch.yaml
expect_same "state of the account" paused "$(jq -r '.accounts[] | select(.email == "one@example.com") | .state' status.json)"
ns resume --state state.db batch.yaml "$at_work"
expect_status 0
run batch.yaml
expect_status 0
ledger
expect_same "tasks" 7 "$(jq 'select(.totals) | .totals.accepted' ledger.json)" # six jobs, one cancelled and paid again
expect_same "tasks paid for twice" 0 "$(jq 'select(.totals) | .totals.duplicates' ledger.json)"
expect_whole batch.yaml 6
