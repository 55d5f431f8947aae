#!/usr/bin/env bash
# Replies to submissions get lost on every known way after the task was created, or before. Whether
# the service's lists carry our reference or not: each job is paid for once, and none is lost.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

clips hello.mp4 goodbye.mp4 scene-01.mp4
cat >batch.yaml <<'YAML'
batch: lost
jobs:
  - video: clips/*.mp4
    voice: [Maya, Leo, Ivy]
YAML
for refs in true false; do
  quick_scenario scenario.yaml <<YAML
replies: {list_refs: $refs}
listing_lag: 3s
faults:
  - {call: submit, kind: lost_after, nth: [1, 7]}
  - {call: submit, kind: 5xx_after, nth: 3}
  - {call: submit, kind: cut, nth: 5}
  - {call: submit, kind: reset_before, nth: 8}
  - {call: submit, kind: html, nth: 10}
  - {call: submit, kind: lost_after, nth: 12, late: 20s}
YAML
  rm -rf out state.db*
  start_simulator scenario.yaml
  run batch.yaml
  expect_status 0
  expect_paid 9
  expect_least "faults that struck" 6 "$(total faults)"
  expect_whole batch.yaml 9
  expect_in "$err" 'event=job.unsure '
  expect_in "$err" 'event=job.resolved '
  stop_simulator
done
