#!/usr/bin/env bash
# A run that is not heard of for the lease (here: stopped, as a machine that sleeps) is replaced by another,
# which goes on with its tasks. When it wakes up it writes and submits nothing more, says so, and ends
# with exit status 4. Nothing is paid for twice.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ "$("$nightshift" status --state postgresql:///x?host=/nowhere 2>&1 | grep -c POSTGRES=OFF)" != 0 ]; then
  printf 'left out: built without PostgreSQL\n'
  exit 0
fi
start_database
make_clips 6
printf 'batch: moved\njobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
sed -i 's|base: 10s|base: 3m|' scenario.yaml
start_simulator scenario.yaml

# All slots are taken, nothing is on the wire.
start_run batch.yaml
first=$run_pid first_err=$err
wait_until at_least 4 accepted
is_settled() { [ "$(sql "SELECT count(*) FROM nightshift.attempt WHERE state = 'accepted' AND task_id IS NOT NULL")" = 4 ]; }
wait_until is_settled
kill -STOP "$first"

# It still counts as at work; 30 s later it does not.
run batch.yaml
expect_status 4
expect_in "$err" "in use by process $first on"
sql "UPDATE nightshift.writer SET seen = seen - interval '31 s'"
start_run batch.yaml
second=$run_pid second_err=$err
wait_until at_least 6 accepted

kill -CONT "$first"
await "$first"
expect_status 4
expect_in "$first_err" 'level=error event=store.taken .*taken over'
expect_not_in "$second_err" 'event=store.(taken|away)'
await "$second"
expect_status 0
expect_paid 12
expect_whole batch.yaml 12
