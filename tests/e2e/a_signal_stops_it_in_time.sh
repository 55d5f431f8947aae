#!/usr/bin/env bash
# SIGTERM and SIGINT: nothing new is submitted, exit status 3 within 10 s, also when the service hangs;
# a second signal ends it at once. The next run picks up what was under way: nothing is paid for twice.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 6
cat >batch.yaml <<'YAML'
batch: stopped
jobs: [{video: clips/*.mp4, voice: Maya}]
YAML
quick_scenario scenario.yaml <<'YAML'
latency: {any: [80ms, 250ms], submit: [2s, 4s]}
faults:
  - {call: submit, kind: hang_after, nth: [4, 5, 6]}
YAML
start_simulator scenario.yaml

# While tasks are at work and a submission hangs.
start_run --listen 127.0.0.1:0 batch.yaml
wait_until at_least 4 submissions
began=$(now_ms)
kill -TERM "$run_pid"
wait_until grep -q 'event=run.stopping' "$err"
if http_ask "$(listener)" GET /readyz body; then fail "it calls itself ready"; fi
expect_same "why it is not ready" "the run is ending" "$(cat body)"
http_ask "$(listener)" GET /healthz body || fail "it lives, and says that it does not"
await "$run_pid"
expect_status 3
expect_most "milliseconds to stop" 10900 $(($(now_ms) - began))
expect_in "$err" 'event=run.stopping '
expect_in "$err" 'event=run.finished .*status=3'
submissions=$(total submissions)
status_json batch.yaml
expect_same "phase" idle "$(jq -r .phase status.json)"

# A second signal, while one hangs again.
speed=30
start_run batch.yaml
wait_until at_least $((submissions + 1)) submissions
kill -INT "$run_pid"
wait_until grep -q 'event=run.stopping' "$err"
began=$(now_ms)
kill -INT "$run_pid"
await "$run_pid"
expect_status 3
expect_most "milliseconds after the second signal" 1500 $(($(now_ms) - began))

# Signals in a row, also while it tidies up: the exit status is the run's own.
speed=60
for pause in 0 1 2 3 4 5 6 7; do
  start_run batch.yaml
  wait_until grep -q 'event=run.started' "$err"
  kill -TERM "$run_pid" 2>/dev/null || true
  for ((i = 0; i < pause; i++)); do kill -0 "$run_pid" 2>/dev/null || true; done
  while kill -TERM "$run_pid" 2>/dev/null; do :; done
  await "$run_pid"
  case $status in 0 | 3) ;; *) fail "signals in a row end it with $status" ;; esac
done

run batch.yaml
expect_status 0
expect_paid 6
expect_whole batch.yaml 6
