#!/usr/bin/env bash
# After three moderated tasks within an hour an account rests, and is given nothing more by the next
# run either, which knows of them from the state; a person may let it go on. A clip that was moderated
# is not sent again under another voice, and a batch with too many of them is paused until a person
# has looked.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# One account; more lines of YAML on standard input.
scenario() { # CAPACITY, which is the seed too: ids of tasks differ
  {
    printf '%s\n' "seed: $1" 'work: {base: 10s, per_second: 1s, start: [1s, 2s]}' \
      'artifacts: {bytes: [20000, 60000]}' 'accounts:' "  - {email: one@example.com, capacity: $1}"
    cat
  } >scenario.yaml
}

make_clips 6
printf 'batch: strikes\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
printf 'moderation: {pause_batch: off}\n' >config.yaml
scenario 2 <<'YAML'
failures:
  - {kind: moderation, asset: "*clip-001*"}
  - {kind: moderation, asset: "*clip-002*"}
  - {kind: submission, asset: "*clip-003*"}
YAML
start_simulator scenario.yaml

rests() {
  "$nightshift" status --state "$scratch/state.db" --json batch.yaml >status.json || return 1
  [ "$(jq -r '.accounts[0].state' status.json)" = paused ]
}
start_run --config config.yaml batch.yaml
wait_until rests
kill -KILL "$run_pid"
await "$run_pid"
submissions=$(total submissions)
start_run --config config.yaml batch.yaml
wait_until grep -q 'event=account.paused .*3 moderated within 1h 00m' "$err"
wait_until grep -q 'event=progress ' "$err"
expect_same "submissions while it rests" "$submissions" "$(total submissions)"
status_json batch.yaml
expect_same "state of the account" paused "$(jq -r '.accounts[0].state' status.json)"
expect_same "it says until when" string "$(jq -r '.accounts[0].until | type' status.json)"
expect_in status.json 'the account rests|the account is paused'
ns resume --account one@example.com --state "$scratch/state.db"
expect_status 0
await "$run_pid"
expect_status 1
status_json batch.yaml
expect_same "moderated" 3 "$(jq '.counts.moderated' status.json)"
expect_same "succeeded" 3 "$(jq '.counts.succeeded' status.json)"

# The same clips with another voice, in another batch: those that were moderated are not sent.
submissions=$(total submissions)
printf 'batch: again\njobs: [{video: [clips/clip-001.mp4, clips/clip-004.mp4], voice: Leo, output: "out/{video}-{voice}.mp4"}]\n' >again.yaml
run --config config.yaml again.yaml
expect_status 1
expect_same "submissions" $((submissions + 1)) "$(total submissions)"
status_json again.yaml
expect_in status.json 'its clip was moderated before: job .* of batch strikes'

# A batch of which a third was moderated.
make_clips 9
printf 'batch: shares\njobs: [{video: [clips/clip-004.mp4, clips/clip-005.mp4, clips/clip-006.mp4, clips/clip-007.mp4, clips/clip-008.mp4, clips/clip-009.mp4], voice: Ivy}]\n' >shares.yaml
printf 'moderation: {pause_account: off, pause_batch: 30%% of 1}\n' >share.yaml
stop_simulator
scenario 1 <<'YAML'
failures:
  - {kind: submission, nth: [1]}
YAML
start_simulator scenario.yaml
run --config share.yaml shares.yaml
expect_status 3
expect_in "$err" 'event=batch.paused batch=shares '
expect_in "$err" 'nightshift resume'
submissions=$(total submissions)
run --config share.yaml shares.yaml
expect_status 3
expect_same "submissions of a paused batch" "$submissions" "$(total submissions)"
ns resume --state "$scratch/state.db" shares.yaml
expect_status 0
run --config share.yaml shares.yaml
expect_status 1
