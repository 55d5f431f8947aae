#!/usr/bin/env bash
# A file that is there already ends its job failed before anything is paid for and is not touched;
# with --overwrite it is replaced. One that appears while the service is at work is kept too: the
# result lands beside it as NAME.new.mp4. A directory that can take no result is told before anything is
# paid.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 3
printf 'batch: outputs\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
sed -i 's/base: 10s/base: 40s/' scenario.yaml
start_simulator scenario.yaml
printf 'not a directory\n' >out
run batch.yaml
expect_status 2
expect_in "$err" 'batch.yaml:2:.*no result can be written there: .*/out: Not a directory'
expect_same "times that it is told" 1 "$(grep -c 'no result can be written' "$err")"
expect_same "uploads into nowhere" 0 "$(total uploads)"
rm out
mkdir out
printf 'mine\n' >out/clip-001-Maya.mp4
start_run batch.yaml
wait_until at_least 2 accepted
printf 'mine as well\n' >out/clip-002-Maya.mp4
await "$run_pid"
expect_status 1
expect_paid 2
expect_same "the file that was there" mine "$(cat out/clip-001-Maya.mp4)"
expect_same "the file that appeared" 'mine as well' "$(cat out/clip-002-Maya.mp4)"
expect_file out/clip-002-Maya.new.mp4
expect_least "bytes of the result beside it" 20000 "$(stat -c %s out/clip-002-Maya.new.mp4)"
expect_file out/clip-003-Maya.mp4
expect_same "uploads" 2 "$(total uploads)"
status_json batch.yaml
expect_same "states" 'failed failed succeeded' "$(jq -r '[.jobs[].state] | join(" ")' status.json)"
expect_same "what the one beside says" true \
  "$(jq '.jobs[1] | (.error // "") + (.why // "") | test("clip-002-Maya.new.mp4")' status.json)"
expect_same "half files" "" "$(find . -name '*.part')"

# Ended is ended: running again touches nothing, with --overwrite either.
run batch.yaml
expect_status 1
expect_same "submissions" 2 "$(total submissions)"

# --overwrite, from the beginning.
rm -rf state.db* out/*.new.mp4
stop_simulator
start_simulator scenario.yaml
run --overwrite batch.yaml
expect_status 0
expect_whole batch.yaml 3

# One that appears while its job still waits: the job ends without being paid for.
stop_simulator
sed -i 's/capacity: 2/capacity: 1/g' scenario.yaml
start_simulator scenario.yaml
rm -rf state.db* out
make_clips 5
start_run batch.yaml
wait_until at_least 2 accepted
status_json batch.yaml
waiting=0
while read -r file; do
  mkdir -p out
  printf 'mine\n' >"$file"
  waiting=$((waiting + 1))
done < <(jq -r '.jobs[] | select(.state == "queued" or .state == "uploading") | .output' status.json)
await "$run_pid"
expect_status 1
expect_least "jobs that waited" 2 "$waiting"
expect_paid $((5 - waiting))
expect_same "files of mine" "$waiting" "$(grep -lx mine out/*.mp4 | wc -l)"
expect_no_parts
