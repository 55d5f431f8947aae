#!/usr/bin/env bash
# The demo, as it is: to the end with exit status 0, then its status, and where the results are. Then
# the demo's batch once more by hand: every result is whole, nothing was paid for twice, and running
# it again does nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

step=1 out=$scratch/demo.out err=$scratch/demo.err
began=$(now_ms)
bash "$source_dir/conf/demo/run.sh" "$build_dir" >"$out" 2>"$err" || status=$?
expect_status 0
expect_most "milliseconds that the demo took" 20000 $(($(now_ms) - began))
expect_in "$out" '14 of 14 jobs'
expect_in "$out" "^The results are in $build_dir/demo; .* exit status 0\.$"

cp -R "$source_dir/conf/demo/clips" "$source_dir"/conf/demo/*.yaml .
start_simulator scenario.yaml
run -c nightshift.yaml batch.yaml
expect_status 0
expect_quiet "$out"
expect_paid 14
expect_whole batch.yaml 14
expect_in "$err" 'event=account.throttled .*kind=runway'
expect_in "$err" 'event=account.throttled .*kind=maxjobs'
expect_in "$err" 'event=run.finished .*status=0'

submissions=$(total submissions)
run -c nightshift.yaml batch.yaml
expect_status 0
expect_same "submissions after running again" "$submissions" "$(total submissions)"
