#!/usr/bin/env bash
# `run.finished` is the last event of every run that was started, however it ends: after the summary and
# after a command of on_finish that failed, by a second signal, and when the state takes no more. The times
# of the log never go back. Meanwhile only the batches that the run works on count as running.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

last_event() { grep -oE 'event=[a-z.]+' "$1" | tail -n 1 | cut -d= -f2; }
expect_last_word() { # STATUS
  expect_same "the last event" run.finished "$(last_event "$err")"
  expect_same "run.finished told" 1 "$(grep -c 'event=run\.finished' "$err")"
  expect_in "$err" "event=run\\.finished status=$1 why="
  local times
  times=$(grep -oE '^ts=[^ ]+' "$err")
  expect_same "times in their order" "$times" "$(sort -s <<<"$times")"
}
phase_of() { status_json "$1" && jq -r .phase status.json; }
count_is() { status_json "$1" && [ "$(jq -r ".counts.$2 // 0" status.json)" = "$3" ]; }

make_clips 3
printf 'batch: one\njobs: [{video: clips/clip-001.mp4, voice: Maya}]\n' >one.yaml
printf 'batch: two\njobs: [{video: clips/clip-002.mp4, voice: Maya}, {video: clips/clip-003.mp4, voice: Maya}]\n' >two.yaml
printf 'on_finish: "echo it is broken >&2; exit 3"\n' >hook.yaml
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml

# ---- a command that fails at the end ----
run -c hook.yaml one.yaml
expect_status 0
expect_in "$err" 'event=hook\.failed .*it is broken'
expect_last_word 0

# ---- a second signal, while a submission hangs; and who is running ----
stop_simulator
sed -i 's/^seed: 7/seed: 8/' scenario.yaml
printf 'latency: {submit: 1h}\n' >>scenario.yaml
start_simulator scenario.yaml
printf 'batch: one\njobs: [{video: clips/clip-001.mp4, voice: [Maya, Leo]}]\n' >one.yaml
run --limit 1 --until 1s one.yaml
expect_status 3
start_run two.yaml
wait_until count_is two.yaml submitting 2
expect_same "phase of the batch at work" running "$(phase_of two.yaml)"
expect_same "phase of another" idle "$(phase_of one.yaml)"
expect_same "why its job waits" "no run is at work" "$(jq -r '.jobs[] | select(.state == "queued") | .why' status.json)"
kill -INT "$run_pid"
wait_until grep -q event=run.stopping "$err"
kill -INT "$run_pid"
await "$run_pid"
expect_status 3
expect_last_word 3
expect_in "$err" 'a second signal'

# ---- the state is overwritten under the run ----
stop_simulator
sed -i '/^latency/d; s/^seed: 8/seed: 9/; s/base: 10s/base: 120s/' scenario.yaml
start_simulator scenario.yaml
printf 'batch: three\njobs: [{video: clips/clip-001.mp4, voice: Ivy}]\n' >three.yaml
# What was under way is not tidied up by a run that ends so.
export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
start_run three.yaml
wait_until grep -q event=job.running "$err"
dd if=/dev/zero of=state.db bs=4096 count=4 conv=notrunc status=none
await "$run_pid"
expect_status 4
expect_in "$err" 'event=store\.refused error="the state .* is damaged '
expect_not_in "$err" 'store\.full'
expect_last_word 4
expect_in "$err" 'event=run\.finished status=4 why="the state can no longer be written"'
