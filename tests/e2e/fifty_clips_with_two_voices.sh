#!/usr/bin/env bash
# A hundred jobs: fifty clips with two voices each over four accounts, on a line that is not perfect.
# Each clip goes up at most once per account, no job is paid for twice, all is whole.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

speed=240
make_clips 50
printf 'batch: hundred\njobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]\n' >batch.yaml
cat >scenario.yaml <<'YAML'
seed: 50
work: {base: 45s, per_second: 6s, jitter: 15%, start: [1s, 5s]}
latency: {any: [80ms, 400ms], submit: [500ms, 1500ms], upload: [1s, 4s]}
listing_lag: 3s
artifacts: {bytes: [20000, 60000]}
accounts:
  - {email: one@example.com, max_jobs: 5, capacity: {between: [1, 3], every: 10m}}
  - {email: two@example.com, max_jobs: 4, capacity: {between: [1, 3], every: 10m}, by_program: {every: 10m, length: [1m, 3m]}}
  - {email: three@example.com, max_jobs: 3, capacity: 3, by_hand: {every: 10m, length: [1m, 4m]}}
  - {email: four@example.com, max_jobs: 5, capacity: 3}
faults:
  - {call: submit, kind: lost_after, rate: 4%}
  - {call: submit, kind: 5xx_after, rate: 2%}
  - {call: submit, kind: reset_before, rate: 2%}
  - {call: list-tasks, kind: cut, rate: 2%}
  - {call: upload, kind: 5xx_before, rate: 3%}
  - {call: artifact, kind: cut, rate: 10%}
failures: [{kind: internal, rate: 3%}]
YAML
start_simulator scenario.yaml
run batch.yaml
expect_status 0
expect_paid 100
expect_most "429s per 100 jobs" 150 $(($(total refused_queue) + $(total refused_runway)))
expect_same "clips that one account got more than once" "" \
  "$(jq -r 'select(.call == "upload" and .status == 200) | .account' ledger.json | sort | uniq -c | awk '$1 > 52 { print }')"
expect_whole batch.yaml 100
