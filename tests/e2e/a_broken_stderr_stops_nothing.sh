#!/usr/bin/env bash
# Standard error goes away: its reader has gone, it was closed from the start, or nobody reads it any
# more. The run goes on to its end all the same; what it is asked for on standard output that cannot be
# written is told by the exit status.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 4
printf 'batch: broken\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
options=(--api '' --speed "$speed" batch.yaml)
again() {
  rm -rf out state.db*
  start_simulator scenario.yaml
  options[1]=$api
}

# Its reader reads one line and leaves.
again
mkfifo pipe
head -n 1 pipe >first-line &
children+=($!)
"$nightshift" run --state "$scratch/state.db" "${options[@]}" 2>pipe </dev/null &
run_pid=$!
children+=("$run_pid")
await "$run_pid"
expect_status 0
expect_in first-line event=
expect_paid 4
stop_simulator

# Closed.
again
"$nightshift" run --state "$scratch/state.db" "${options[@]}" 2>&- >&- <&- &
run_pid=$!
children+=("$run_pid")
await "$run_pid"
expect_status 0
expect_paid 4
expect_whole batch.yaml 4
stop_simulator

# A reader that does not read: the pipe fills, lines are left out, the run goes on.
again
exec 7<>pipe
head -c 65536 /dev/zero >&7
"$nightshift" run -v --log-file whole.log --state "$scratch/state.db" "${options[@]}" 2>pipe </dev/null &
run_pid=$!
children+=("$run_pid")
await "$run_pid"
exec 7>&-
expect_status 0
expect_paid 4
expect_in whole.log 'event=run.finished .*status=0'

# A full standard output is no success.
status=0
"$nightshift" status --state "$scratch/state.db" batch.yaml >/dev/full 2>full.err || status=$?
[ "$status" != 0 ] || fail "status into a full disk ends with 0"
