#!/usr/bin/env bash
# The log file is moved away while a run is at work; SIGHUP begins a new one. It ends nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 4
printf 'batch: moved\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
start_run --log-file night.log batch.yaml
wait_until grep -q event=job.submitted night.log
mv night.log night.log.1
kill -HUP "$run_pid"
wait_until test -e night.log
await "$run_pid"
expect_status 0
expect_paid 4
expect_in night.log 'event=run.finished'
expect_same "mode of the new one" 600 "$(stat -c %a night.log)"
cat night.log.1 night.log | cmp - "$err" || fail "lines were lost between the two files"
