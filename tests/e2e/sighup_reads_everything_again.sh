#!/usr/bin/env bash
# SIGHUP while a run is at work: new jobs join, a job taken out is not submitted any more, a changed limit
# holds, and what changed is told. Files with mistakes are refused whole. Nothing is paid for twice.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

speed=30
make_clips 8
cat >batch.yaml <<'YAML'
batch: again
defaults: {voice: Maya}
jobs:
  - clips/clip-001.mp4
  - clips/clip-002.mp4
  - {video: clips/clip-003.mp4, priority: -1}
YAML
cat >scenario.yaml <<'YAML'
seed: 7
work: {base: 60s, per_second: 1s, start: [1s, 2s]}
artifacts: {bytes: [20000, 60000]}
accounts:
  - {email: one@example.com, capacity: 2}
  - {email: two@example.com, capacity: 2}
YAML
printf 'accounts: [{email: one@example.com, max_jobs: 2}]\non_finish: "true"\n' >config.yaml
start_simulator scenario.yaml
start_run --config config.yaml batch.yaml
wait_until at_least 2 submissions

# Mistakes: each is told, nothing is taken over.
cp batch.yaml good.yaml
printf '  - {video: clips/none.mp4}\n  - {video: clips/clip-004.mp4, voce: Leo}\n' >>batch.yaml
printf 'scheduling: {max_attempts: many}\n' >>config.yaml
kill -HUP "$run_pid"
wait_until grep -q 'event=config.refused why="nothing was taken over' "$err"
expect_in "$err" 'event=config.refused why="config.yaml:3:.*max_attempts'
sed -i '$d' config.yaml
kill -HUP "$run_pid"
wait_until grep -q 'event=config.refused why=".*clips/none.mp4' "$err"
wait_until grep -q 'event=config.refused why=".*voce' "$err"
expect_not_in "$err" 'event=config.reloaded'

# Another account, two more jobs, one less, which has not begun.
printf 'accounts: [{email: one@example.com, max_jobs: 1}, {email: two@example.com}]\n' >config.yaml
printf 'scheduling: {poll: [3s, 20s]}\n' >>config.yaml
grep -v clip-003 good.yaml >batch.yaml
printf '  - clips/clip-004.mp4\n  - {video: clips/clip-005.mp4, priority: 5}\n' >>batch.yaml
kill -HUP "$run_pid"
wait_until grep -q 'event=config.reloaded' "$err"
expect_in "$err" 'event=config.reloaded jobs_added=2 jobs_removed=1 .*accounts_added=1 accounts_changed=1 settings="scheduling.poll, on_finish"'

# Where everything stands.
kill -USR1 "$run_pid"
wait_until grep -q 'event=run.status count=4' "$err"
wait_until grep -q 'event=account.status account=one@example.com state=' "$err"
wait_until grep -qE 'event=job.(status|waiting) ' "$err"

# Nothing has changed.
kill -HUP "$run_pid"
wait_until grep -q 'event=config.reloaded why="nothing has changed"' "$err"
await "$run_pid"
expect_status 0
expect_paid 4
expect_in "$err" 'event=job.succeeded .*clip-005'
expect_in "$err" 'event=job.submitted .*account=two@example.com'
expect_not_in "$err" 'event=job.submitted .*clip-003'
status_json batch.yaml
expect_same "jobs that succeeded" 4 "$(jq .counts.succeeded status.json)"

# All of it is known to the next run.
run --config config.yaml batch.yaml
expect_status 0
expect_paid 4

# A run that is stopped while it reads ends in time.
printf 'jobs: [{video: clips/*.mp4, voice: Leo, output: "leo/{video}.mp4"}]\n' >leo.yaml
start_run leo.yaml
wait_until grep -q event=run.started "$err"
kill -STOP "$simulator"
kill -HUP "$run_pid"
kill -TERM "$run_pid"
began=$(now_ms)
kill -CONT "$simulator"
await "$run_pid"
expect_status 3
expect_most "milliseconds to stop" 12500 $(($(now_ms) - began))
