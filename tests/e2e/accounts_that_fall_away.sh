#!/usr/bin/env bash
# Accounts are suspended, run out of credits, or lose their session in the middle of the night. Their
# jobs go to the others; where no other is left the run ends with 4 and says which account and why, and
# a session that is mended within the hour is waited for.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

speed=120
make_clips 6
printf 'batch: fall\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
night() { # the scenario on standard input
  rm -rf out state.db*
  cat >scenario.yaml
  start_simulator scenario.yaml
}

# One has credits for a job, one is suspended from the start: the third does the rest.
night <<'YAML'
work: {base: 10s, per_second: 1s, start: [1s, 2s]}
accounts:
  - {email: one@example.com, suspended: 0s}
  - {email: two@example.com, credits: 70}
  - {email: three@example.com, capacity: 1}
YAML
run batch.yaml
expect_status 0
expect_paid 6
expect_whole batch.yaml 6
expect_in "$err" 'event=account.lost .*one@example\.com'
stop_simulator

# Suspended with tasks at work: they are not paid for again elsewhere, and a person is told.
night <<'YAML'
work: {base: 6m, per_second: 1s, start: [1s, 2s]}
accounts:
  - {email: one@example.com, suspended: 4m}
  - {email: two@example.com, capacity: 2}
YAML
run batch.yaml
expect_status 1
ledger
expect_same "tasks paid for twice" 0 "$(total duplicates)"
expect_in "$err" 'event=account.lost .*one@example\.com'
status_json batch.yaml
expect_same "jobs that succeeded, or are held for a person" 6 "$(jq '.counts.succeeded + .counts.held' status.json)"
expect_least "held ones" 1 "$(jq .counts.held status.json)"
expect_same "held ones elsewhere, or without a reason" 0 \
  "$(jq '[.jobs[] | select(.state == "held" and (.account != "one@example.com" or (.error // "") == ""))] | length' status.json)"
stop_simulator

# Nobody has credits.
night <<'YAML'
accounts: [{email: one@example.com, credits: 1}]
YAML
run batch.yaml
expect_status 4
expect_in "$err" 'level=(warn|error) event=account.empty .*one@example\.com'
expect_in "$err" 'event=run.finished .*status=4'
status_json batch.yaml
expect_same "jobs that do not say why" 0 "$(jq '[.jobs[] | select(.why == null)] | length' status.json)"
stop_simulator

# Suspended from the start: nothing can be done there.
night <<'YAML'
accounts: [{email: one@example.com, suspended: 0s}]
YAML
run batch.yaml
expect_status 4
expect_same "accepted" 0 "$(total accepted)"
stop_simulator

# A session broken for twenty minutes, in the middle.
speed=300
night <<'YAML'
work: {base: 4m, per_second: 1s, start: [1s, 2s]}
accounts: [{email: one@example.com, broken: {from: 3m, until: 20m}}]
YAML
run batch.yaml
expect_status 0
expect_paid 6
expect_whole batch.yaml 6
expect_in "$err" 'event=account.broken .*one@example\.com'
stop_simulator

# The same from the start: no voices can be learned, which is no reason to send their names as ids.
night <<'YAML'
work: {base: 1m, per_second: 1s, start: [1s, 2s]}
accounts: [{email: one@example.com, broken: {from: 0s, until: 20m}}]
YAML
run batch.yaml
expect_status 0
expect_paid 6
expect_in "$err" 'level=warn event=api.error .*broken-session'
stop_simulator

# Broken for good: after an hour a person is asked.
speed=900
night <<'YAML'
accounts: [{email: one@example.com, broken: {from: 0s, until: 9h}}]
YAML
run batch.yaml
expect_status 4
expect_in "$err" 'broken'
expect_nothing_sent
