#!/usr/bin/env bash
# Accounts that take less than they say: the API's own queue is full with another program's tasks, and
# Runway takes one at a time with somebody at work on the website. All is waited out, no job fails, no
# attempt is counted, the log folds the refusals, and the account is not pestered.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 8
cat >batch.yaml <<'YAML'
batch: busy
jobs: [{video: clips/*.mp4, voice: Maya}]
YAML
cat >scenario.yaml <<'YAML'
work: {base: 10s, per_second: 1s, start: [1s, 2s]}
replies: {retry_after: seconds, retry_wait: 12s}
accounts:
  - email: one@example.com
    max_jobs: 2
    capacity: 3
    by_program: [{at: 0s, length: 60s}, {at: 0s, length: 40s}]
  - email: two@example.com
    max_jobs: 5
    capacity: [{at: 0s, slots: 0}, {at: 30s, slots: 1}]
    by_hand: [{at: 50s, length: 30s}]
YAML
start_simulator scenario.yaml
run batch.yaml
expect_status 0
expect_paid 8
expect_least "429s of the API's queue" 1 "$(total refused_queue)"
expect_least "429s of Runway" 1 "$(total refused_runway)"
expect_most "429s" 24 $(($(total refused_queue) + $(total refused_runway)))
expect_same "most of ours over max_jobs" 0 "$(total most_in_flight)"
expect_whole batch.yaml 8
expect_same "attempts of any job" '[1]' "$(jq -c '[.jobs[].attempts] | unique' status.json)"
expect_in "$err" 'level=warn event=account.throttled .*account=one@example.com .*kind=maxjobs'
expect_in "$err" 'level=warn event=account.throttled .*account=two@example.com .*kind=runway'
expect_in "$err" 'event=account.ready .*account=two@example.com .*count=[0-9]'
