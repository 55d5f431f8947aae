#!/usr/bin/env bash
# A database that takes connections and says nothing more: noticed within the patience for an answer, and
# a signal is heard in time all the same. What was on its way when it hung is gone on with.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ "$("$nightshift" status --state postgresql:///x?host=/nowhere 2>&1 | grep -c POSTGRES=OFF)" != 0 ]; then
  printf 'left out: built without PostgreSQL\n'
  exit 0
fi
start_database
make_clips 3
printf 'batch: hanging\njobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
sed -i 's|base: 10s|base: 4m|' scenario.yaml
start_simulator scenario.yaml
start_run batch.yaml
wait_until at_least 4 accepted
sessions=$(sql "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
began=$(now_ms)
# shellcheck disable=SC2086 # process numbers
kill -STOP "$database" $sessions
wait_until grep -q 'level=error event=store.away .*does not answer' "$err"
expect_most "milliseconds until it was noticed" 20000 $(($(now_ms) - began))
began=$(now_ms)
kill -TERM "$run_pid"
await "$run_pid"
expect_status 3
expect_most "milliseconds to stop" 11500 $(($(now_ms) - began))
# shellcheck disable=SC2086
kill -CONT "$database" $sessions
run batch.yaml
expect_status 0
expect_paid 6
