#!/usr/bin/env bash
# Nobody answers at the start: the run says so, waits, and begins when the service is there. `check`
# does not wait. Later the service falls over and comes back knowing nothing: clips are uploaded anew,
# but what it was given tasks for is not paid for again by itself.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 8
printf 'batch: away\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
sed -i 's/base: 10s/base: 300s/' scenario.yaml # all are at work still when the service falls over
start_simulator scenario.yaml # only to learn a port that is free
place=${api#http://} place=${place%%/*}
stop_simulator

ns check --state "$scratch/state.db" --api "$api" batch.yaml
expect_status 0
expect_in "$out" 'not checked'
start_run batch.yaml
wait_until grep -q 'level=warn event=api.error' "$err"
expect_not_in "$err" 'event=run.started'
# A signal is heard while it waits.
kill -TERM "$run_pid"
await "$run_pid"
expect_status 3

start_run batch.yaml
wait_until grep -q 'level=warn event=api.error' "$err"
start_simulator scenario.yaml "$place"
wait_until at_least 4 accepted
accepted=$(total accepted)
kill -KILL "$simulator"
await "$simulator"
simulator=''
submitted=$(grep -c event=job.submitted "$err")
sed -i 's/^seed: .*/seed: 99/' scenario.yaml
wait_until grep -q 'event=api.error' "$err"
start_simulator scenario.yaml "$place"
await "$run_pid"
expect_status 1
status_json batch.yaml
expect_same "jobs that are not accounted for" 8 "$(jq '.counts.succeeded + .counts.held + .counts.failed' status.json)"
expect_least "held ones" 1 "$(jq .counts.held status.json)"
expect_most "jobs paid for at the service that came back" $((8 - submitted)) "$(total accepted)"
expect_same "held ones that do not say why" 0 "$(jq '[.jobs[] | select(.state == "held" and .error == null and .why == null)] | length' status.json)"
expect_no_parts
