#!/usr/bin/env bash
# The state is gone, or another one is given, while the service still works on the batch: nothing is
# paid for a second time by surprise.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 4
printf 'batch: forgotten\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
sed -i 's/base: 10s/base: 60s/' scenario.yaml
start_simulator scenario.yaml
start_run batch.yaml
wait_until at_least 2 accepted
kill -KILL "$run_pid"
await "$run_pid"
accepted=$(total accepted)
mv state.db kept.db
rm -f state.db*
run batch.yaml
expect_status 4
expect_same "accepted" "$accepted" "$(total accepted)"
expect_in "$err" 'forgotten|clip-00'

# With the state it was begun with, all is well.
rm -f state.db*
mv kept.db state.db
run batch.yaml
expect_status 0
expect_paid 4
expect_whole batch.yaml 4
