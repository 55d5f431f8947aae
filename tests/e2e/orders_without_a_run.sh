#!/usr/bin/env bash
# retry, cancel, pause and resume with no run at work: what needs no service is done at once, the rest
# is written down for the next run; a dead run's order is not lost; a finished task is fetched, not
# paid for again; a retried job takes up what the batch says by now.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

order() { ns "$1" --state "$scratch/state.db" "${@:2}"; }
state_of() { status_json batch.yaml && jq -r --arg id "$1" '.jobs[] | select(.id == $id) | .state' status.json; }
count_is() { status_json batch.yaml && [ "$(jq -r ".counts.$1 // 0" status.json)" = "$2" ]; }

order retry batch.yaml
expect_status 1
expect_in "$err" 'no state'

make_clips 4
cat >batch.yaml <<'YAML'
batch: orders
jobs: [{video: clips/*.mp4, voice: Maya, id: x}]
YAML
quick_scenario scenario.yaml </dev/null
sed -i 's/^work: .*/work: {base: 600s, per_second: 1s, start: [1s, 2s]}/' scenario.yaml
sed -i 's/capacity: 2/capacity: 1/' scenario.yaml
start_simulator scenario.yaml
start_run batch.yaml
wait_until at_least 2 accepted
wait_until count_is running 2
kill -KILL "$run_pid"
await "$run_pid"

order pause batch.yaml
expect_status 0
order pause batch.yaml
expect_in "$out" 'is paused already'
order resume batch.yaml
order cancel batch.yaml --all
expect_status 0
expect_in "$out" ': cancelled'
expect_in "$out" 'the next run looks at its task'
count_is cancelled 2 || fail "two had no task: $(cat status.json)"
count_is running 2 || fail "two have a task"
order cancel batch.yaml 'x-*' nothing
expect_status 1

# the next run carries it out, and all has ended
run batch.yaml
expect_status 1
count_is cancelled 4 || fail "all should be cancelled: $(cat status.json)"
expect_same "tasks deleted" 2 "$(ledger && jq -s '[.[] | select(.method == "DELETE")] | length' ledger.json)"
expect_same "tasks" 2 "$(total accepted)"

# a run that cannot be reached: what was ordered is there when it is
start_run batch.yaml
run_first=$run_pid
await "$run_first"
sqlite3 state.db "INSERT INTO request (verb, batch, pattern, asked) VALUES ('retry', 'orders', 'x-*1*', 1)"
sed -i 's/600s/10s/; s/^seed: 7/seed: 8/' scenario.yaml # quicker; other tasks
stop_simulator
start_simulator scenario.yaml
run batch.yaml
expect_status 1
expect_same "jobs that succeeded after the order was found" 1 "$(jq '.counts.succeeded' <(status_json batch.yaml && cat status.json))"
expect_same "answered requests" 0 "$(sqlite3 state.db 'SELECT count(*) FROM request WHERE answered = 0')"

# a later edit of the batch is taken up by a retry alone
sed -i 's/voice: Maya/voice: Leo/' batch.yaml
run batch.yaml
expect_in "$err" 'keeps its voice Maya'
done_one=$(jq -r '[.jobs[] | select(.state == "succeeded") | .id][0]' <(status_json batch.yaml && cat status.json))
order retry batch.yaml
expect_status 0
run batch.yaml
expect_status 0
ledger
expect_same "tasks with Leo, with Maya" "3 1" "$(jq -r 'select(.origin) | .voice' ledger.json | sort | uniq -c | awk '{print $1}' | tr '\n' ' ' | sed 's/ $//')"
order retry batch.yaml
expect_status 1
expect_in "$err" 'nothing to retry'
order retry batch.yaml "$done_one"
expect_status 1
expect_in "$err" 'has succeeded: nothing to retry'

# a finished task whose result cannot be written: fetched later, elsewhere, and not paid for again
printf '%s\n' 'batch: blocked' 'jobs: [{video: clips/clip-001.mp4, voice: Ivy, id: b, output: blocked/b.mp4}]' >blocked.yaml
start_run blocked.yaml
wait_until grep -q 'event=job\.submitted' "$err"
touch blocked # at the start it would have been told before anything was paid
await "$run_pid"
expect_status 1
paid=$(total accepted)
sed -i 's/blocked.b/free\/b/' blocked.yaml
run blocked.yaml
expect_status 1
expect_in "$err" 'keeps its output'
order retry blocked.yaml b
expect_status 0
expect_in "$out" 'its task has succeeded: the next run fetches the result, nothing is paid again'
run blocked.yaml
expect_status 0
expect_file free/b.mp4
expect_same "tasks paid for" "$paid" "$(total accepted)"

# paid again only when a person says so, and never over a file that is there
order retry blocked.yaml b --again
expect_in "$out" 'b: queued again'
run blocked.yaml
expect_status 1
expect_in "$err" 'a file stands where the result shall be'
order retry blocked.yaml b
rm free/b.mp4
run blocked.yaml
expect_status 0
expect_same "tasks paid for" $((paid + 1)) "$(total accepted)"
