#!/usr/bin/env bash
# A night of 100 clips over six accounts that change (conf/scenarios/night-6.yaml), sixty times as fast
# as life, with the real program: what it costs in time, calls and memory. The figures of the service
# are its own ledger's. usage: night.sh BUILD SOURCE [CLIPS [SCENARIO [SPEED]]]
set -euo pipefail
build=$1 source=$2 count=${3:-100}
scenario=${4:-$source/conf/scenarios/night-6.yaml} speed=${5:-60}
nightshift=$build/nightshift
scratch=$build/bench/night
export USEAPI_TOKEN=user:1234-demo-secret XDG_CONFIG_HOME=$scratch/config
simulator='' run=''

stop() {
  if [ -n "$run" ]; then kill -KILL "$run" 2>/dev/null || true; fi
  if [ -n "$simulator" ]; then kill "$simulator" 2>/dev/null || true; fi
  wait 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT TERM

# Clips of the demo's lengths, 4 to 12 s, each with content of its own by a `free` box at its end.
make_clips() {
  local number file sources=("$source"/conf/demo/clips/*.mp4)
  mkdir -p clips
  for ((number = 1; number <= count; number++)); do
    file=$(printf 'clips/clip-%04d.mp4' "$number")
    cp "${sources[number % ${#sources[@]}]}" "$file"
    printf '\x00\x00\x00\x14free%012d' "$number" >>"$file"
  done
  printf 'batch: night\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
}

rm -rf "$scratch"
mkdir -p "$scratch"
cd "$scratch"
make_clips
: >simulator.out
"$nightshift" simulate --scenario "$scenario" --speed "$speed" --listen 127.0.0.1:0 --ledger ledger.json \
  >simulator.out 2>simulator.err </dev/null &
simulator=$!
until grep -q '^listening on ' simulator.out; do
  if ! kill -0 "$simulator" 2>/dev/null; then cat simulator.err >&2 && exit 70; fi
  sleep 0.02
done
api=$(sed -n 's/^listening on //p' simulator.out)

began=${EPOCHREALTIME/[.,]/}
"$nightshift" run -q --state state.db --api "$api" --speed "$speed" --log-file run.log batch.yaml </dev/null 2>run.err &
run=$!
peak=0 ticks=0
while kill -0 "$run" 2>/dev/null; do
  now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$run/status" 2>/dev/null || true)
  used=$(awk '{ print $14 + $15 + $16 + $17 }' "/proc/$run/stat" 2>/dev/null || true)
  peak=${now:-$peak} ticks=${used:-$ticks}
  sleep 0.1
done
status=0
wait "$run" || status=$?
run=''
took_ms=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
kill "$simulator"
wait "$simulator"
simulator=''

figure() { # NAME: of the ledger's totals
  sed -n 's/.*"totals":.*"'"$1"'":\([0-9.]*\).*/\1/p' ledger.json
}
printf '%s clips, %s times as fast as life\n' "$count" "$speed"
printf '  exit status            %s\n' "$status"
printf '  jobs paid for          %s\n' "$(figure jobs)"
printf '  paid for twice         %s\n' "$(figure duplicates)"
printf '  makespan / fluid bound %.3f\n' "$(figure makespan_over_bound)"
printf '  429s per job           %.2f\n' "$(figure 429s_per_job)"
printf '  requests per job       %.1f\n' "$(figure requests_per_job)"
printf '  resident memory, most  %s MB\n' "$((peak / 1024))"
printf '  processor time         %s ms in %s ms\n' "$((ticks * 1000 / $(getconf CLK_TCK)))" "$took_ms"
exit "$status"
