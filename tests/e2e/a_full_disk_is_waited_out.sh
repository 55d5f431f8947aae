#!/usr/bin/env bash
# No room for results, then none for the state: the run says so, in the log and to whoever asks for its
# health, submits nothing that it could not write down, waits, and goes on when there is room. On small filesystems of its own; where none can
# be mounted, the story is left out.
if [ -z "${OWN_MOUNTS:-}" ]; then
  for enter in 'unshare -m' 'unshare -rm'; do
    # shellcheck disable=SC2086 # words
    if $enter bash -c 'mount -t tmpfs -o size=64k none /mnt' 2>/dev/null; then
      OWN_MOUNTS=1 exec $enter bash "$0" "$@"
    fi
  done
  printf 'left out: no filesystem can be mounted here\n'
  exit 0
fi
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 6
printf 'batch: full\njobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
fill() { # DIR: until nothing more fits
  dd if=/dev/zero of="$1/filler" bs=4096 status=none 2>/dev/null || true
}

# Results.
mkdir out
mount -t tmpfs -o size=1m none out
fill out
start_simulator scenario.yaml
start_run batch.yaml
wait_until grep -q 'level=error event=store.full' "$err"
expect_same "results" "" "$(find out -name '*.mp4')"
rm out/filler
await "$run_pid"
expect_status 0
expect_paid 12
expect_whole batch.yaml 12
umount out
stop_simulator

# The state: filled while the run is at work.
rm -rf state.db*
mkdir state
mount -t tmpfs -o size=1m none state
run_options() { printf '%s\0' --state "$scratch/state/state.db" --api "$api" --speed "$speed"; }
start_simulator scenario.yaml
start_run --listen 127.0.0.1:0 batch.yaml
wait_until at_least 1 submissions
http_ask "$(listener)" GET /readyz body || fail "it is not ready"
fill state
wait_until grep -q 'level=error event=store.full' "$err"
submissions=$(total submissions)
if http_ask "$(listener)" GET /readyz body; then fail "it calls itself ready"; fi
expect_in head '^HTTP/1.1 503 '
expect_same "why it is not ready" "the state cannot be written" "$(cat body)"
http_ask "$(listener)" GET /healthz body || fail "it lives, and says that it does not"
http_ask "$(listener)" GET /metrics body
expect_in body '^nightshift_store_commit_failures_total [1-9]'

# A signal is heard all the same, and nothing is lost by it.
began=$(now_ms)
kill -TERM "$run_pid"
await "$run_pid"
expect_status 3
expect_most "milliseconds to stop" 10900 $(($(now_ms) - began))
expect_same "submissions while nothing can be written down" "$submissions" "$(total submissions)"
rm state/filler
run batch.yaml
expect_status 0
expect_paid 12
