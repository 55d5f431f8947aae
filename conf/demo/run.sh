#!/usr/bin/env bash
# The demo: starts the pretend service on a free loopback port and works through batch.yaml against it,
# 60 times as fast as life. Nothing leaves this machine, nothing is paid for.
#   conf/demo/run.sh BUILD_DIR
set -euo pipefail
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build_dir=$(cd "${1:?usage: conf/demo/run.sh BUILD_DIR}" && pwd)
nightshift=$build_dir/nightshift
scratch=$build_dir/demo
speed=60
export USEAPI_TOKEN=user:1234-demo-secret
simulator=

stop_simulator() {
  if [ -z "$simulator" ]; then return; fi
  kill "$simulator" 2>/dev/null || true
  wait "$simulator" 2>/dev/null || true
  simulator=
}
trap stop_simulator EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

now_ms() {
  printf '%s' $((${EPOCHREALTIME/[.,]/} / 1000))
}

# A folder of its own with fresh copies, fresh state, no results.
make_scratch() {
  rm -rf "$scratch"
  mkdir -p "$scratch"
  cp -R "$source_dir/." "$scratch/"
  rm -f "$scratch/run.sh"
  cd "$scratch"
}

# Sets $api to the address that the simulator says it listens on.
start_simulator() {
  : >simulator.out # the loop below may look before the simulator's own redirection has made it
  "$nightshift" simulate --scenario scenario.yaml --speed "$speed" --listen 127.0.0.1:0 \
    >simulator.out 2>simulator.err </dev/null &
  simulator=$!
  local tries
  for ((tries = 0; tries < 200; tries++)); do
    api=$(sed -n 's/^listening on \(http[^ ]*\).*/\1/p' simulator.out)
    if [ -n "$api" ]; then return; fi
    if ! kill -0 "$simulator" 2>/dev/null; then break; fi
    sleep 0.05
  done
  printf 'demo: the pretend service did not start:\n' >&2
  cat simulator.out simulator.err >&2
  exit 70
}

make_scratch
start_simulator
printf 'The pretend service listens on %s, %s times as fast as life.\n\n' "$api" "$speed"

began=$(now_ms)
result=0
"$nightshift" run --config nightshift.yaml --state state.db --api "$api" --speed "$speed" batch.yaml || result=$?
took_ms=$(($(now_ms) - began))

printf '\n$ nightshift status batch.yaml\n'
"$nightshift" status --config nightshift.yaml --state state.db --api "$api" batch.yaml
printf '\nThe results are in %s; the run took %d.%d s and ended with exit status %d.\n' \
  "$scratch" $((took_ms / 1000)) $((took_ms % 1000 / 100)) "$result"
exit "$result"
