#!/usr/bin/env bash
# A batch whose jobs have all ended is told as such at once, though the service is out of reach.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 2
printf 'batch: done\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
run batch.yaml
expect_status 0
expect_paid 2
stop_simulator
run batch.yaml
expect_status 0
expect_in "$err" 'event=run.finished .*succeeded=2'
expect_not_in "$err" 'api.error'
