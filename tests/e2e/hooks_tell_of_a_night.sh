#!/usr/bin/env bash
# on_finish is run at the end with the counts in its environment, on_alert when an account is lost. No token
# is in either environment, no descriptor is inherited, neither holds up the run, and a hook that fails is a
# warning.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 4
printf 'batch: hooked\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
printf 'batch: other\njobs: [{video: clips/clip-001.mp4, voice: Leo, output: leo.mp4}]\n' >other.yaml
quick_scenario scenario.yaml <<'YAML'
  - {email: three@example.com, suspended: 0s}
YAML
cat >hook.sh <<'SH'
{
  env
  if (true <&9) 2>/dev/null; then echo descriptor 9; fi
} >"$1.part"
mv "$1.part" "$1"
SH
cat >config.yaml <<'YAML'
on_finish: sh ./hook.sh finish.env; exit 7
on_alert: sh ./hook.sh alert.env; echo 'no mail today' >&2; exit 3
YAML
start_simulator scenario.yaml
export TOKEN_OF_MINE=user:77-other-secret-0kCanary PASSWORD=hunter2-0kCanary
exec 9</dev/null
run --config config.yaml batch.yaml other.yaml
exec 9<&-
expect_status 0
expect_file finish.env
expect_file alert.env
expect_in finish.env '^NIGHTSHIFT_STATUS=0$'
expect_in finish.env '^NIGHTSHIFT_JOBS=5$'
expect_in finish.env '^NIGHTSHIFT_SUCCEEDED=5$'
expect_in finish.env '^NIGHTSHIFT_FAILED=0$'
expect_in finish.env '^NIGHTSHIFT_LEFT=0$'
expect_same "batches" $'NIGHTSHIFT_BATCHES=hooked\nother' "$(grep -A1 ^NIGHTSHIFT_BATCHES finish.env)"
expect_in alert.env '^NIGHTSHIFT_ALERT=account.lost$'
expect_in alert.env '^NIGHTSHIFT_ACCOUNT=three@example.com$'
expect_in alert.env '^NIGHTSHIFT_TEXT=suspended by Runway'
expect_in alert.env '^NIGHTSHIFT_COUNT=1$'
for file in finish.env alert.env; do
  expect_not_in "$file" 'secret|hunter2|USEAPI|TOKEN|PASSWORD'
  expect_not_in "$file" '^descriptor'
done
expect_in "$err" 'level=warn event=hook.failed hook=on_finish why="exit status 7"'
expect_in "$err" 'level=warn event=hook.failed hook=on_alert why="exit status 3: no mail today"'

# The run does not end before the hook has, its lock is free by then, and a run that had nothing to do runs
# it as well.
printf 'on_finish: %q run --state %q --api %q batch.yaml; sleep 1; echo $? >after\n' "$nightshift" \
  "$scratch/state.db" "$api" >config.yaml
run --config config.yaml batch.yaml
expect_status 0
expect_file after

# A hook that hangs: a signal ends the waiting, and the hook.
printf 'on_finish: echo $$ >pid; sleep 1000\n' >config.yaml
start_run --config config.yaml batch.yaml
wait_until test -s pid
kill -TERM "$run_pid"
await "$run_pid"
expect_status 0
wait_until is_gone "$(cat pid)"

# Nothing was read: nothing is run.
printf 'on_finish: touch wrong\n' >config.yaml
run --config config.yaml none.yaml
expect_status 2
expect_no_file wrong
