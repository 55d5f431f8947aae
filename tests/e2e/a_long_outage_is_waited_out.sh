#!/usr/bin/env bash
# In the middle of the work nothing answers any more, for fifty minutes: API and results alike. The run
# waits, gives nothing up, and goes on: all is there in the end, nothing was paid for twice.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

speed=600
make_clips 10
printf 'batch: outage\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml <<'YAML'
faults:
  - {call: any, kind: reset_before, from: 5m, until: 55m}
  - {call: artifact, kind: 5xx_before, from: 0s, until: 55m}
YAML
sed -i 's/base: 10s/base: 2m/' scenario.yaml
start_simulator scenario.yaml
run batch.yaml
expect_status 0
expect_least "calls that failed" 40 "$(total faults)"
expect_most "calls that failed" 1500 "$(total faults)"
expect_paid 10
expect_whole batch.yaml 10
expect_in "$err" 'level=warn event=api.error'
