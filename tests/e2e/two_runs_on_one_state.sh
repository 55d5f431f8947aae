#!/usr/bin/env bash
# A second run on the same state is refused with exit status 4 and told who holds it; the first is not
# disturbed. Commands that only look are never refused.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 3
printf 'batch: one\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
printf 'batch: other\njobs: [{video: clips/clip-001.mp4, voice: Leo}]\n' >other.yaml
quick_scenario scenario.yaml </dev/null
sed -i 's/base: 10s/base: 4m/' scenario.yaml
start_simulator scenario.yaml
start_run batch.yaml
first=$run_pid first_err=$err
wait_until at_least 1 submissions
run other.yaml
expect_status 4
expect_in "$err" "$first"
expect_in "$err" 'state\.db.* in use'
run batch.yaml
expect_status 4
expect_in "$err" "$first"
ns status --state "$scratch/state.db" batch.yaml
expect_status 0
ns check --state "$scratch/state.db" --api "$api" other.yaml
expect_status 0
await "$first"
expect_status 0
expect_in "$first_err" 'event=run.finished .*status=0'
expect_paid 3
run other.yaml
expect_status 0
expect_paid 4
