#!/usr/bin/env bash
# An account with hours is given jobs only within them, by the local time; the gap between two and the
# number in a day are kept as well; --until stops in time and ends with 3, and the next run goes on.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

speed=240
export TZ=Europe/Berlin
make_clips 4
printf 'batch: hours\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
{
  printf '%s\n' 'work: {base: 10s, per_second: 1s, start: [1s, 2s]}' 'artifacts: {bytes: [20000, 60000]}' \
    'accounts:' '  - {email: one@example.com, capacity: 2}'
} >scenario.yaml
start_simulator scenario.yaml

# Some minutes from now, on a clock that goes 240 times as fast: a second or so.
from=$(date -d '+6 min' +%H:%M) until=$(date -d '+100 min' +%H:%M)
cat >config.yaml <<YAML
accounts:
  - email: one@example.com
    hours: $from-$until
    min_gap: 4m
    jobs_per_day: 3
YAML
ns check --config config.yaml --state "$scratch/state.db" --api "$api" batch.yaml
expect_status 0
expect_not_in "$err" 'not heeded'
start_run --config config.yaml batch.yaml
wait_until at_least 3 accepted
wait_until grep -q 'event=account.paused .*jobs_per_day' "$err"
kill -TERM "$run_pid"
await "$run_pid"
expect_status 3
expect_in "$err" 'event=account.paused account=one@example.com why="outside its hours" until='

# When each left, in seconds, by the log: in hours, and four minutes apart.
opens=$(date -d "$from" +%s)
mapfile -t times < <(sed -n 's/^ts=\([^ ]*\) .*event=job.submitted .*/\1/p' "$err")
expect_same "jobs begun in a day" 3 "${#times[@]}"
before=0
for time in "${times[@]}"; do
  at=$(date -d "$time" +%s)
  expect_least "begun at, with hours from $from" "$opens" "$at"
  expect_least "gap between two" 238 $((at - before))
  before=$at
done

# Without the guards, but not long enough for a task: nothing is begun.
submissions=$(total submissions)
run --until 10s batch.yaml
expect_status 3
expect_in "$err" '"--until is reached'
expect_same "submissions with too little time" "$submissions" "$(total submissions)"
run --until "$(date -d '+20 hours' +%H:%M)" batch.yaml
expect_status 0
expect_whole batch.yaml 4
run --until 7:30 batch.yaml
expect_status 2
expect_in "$err" '06:30'
