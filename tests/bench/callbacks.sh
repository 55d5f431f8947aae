#!/usr/bin/env bash
# What callbacks are good for, and what lies cost: one night three times over with the real program, without
# callbacks, with them, and with 100,000 forged ones (tests/e2e/forger.c: lies about tasks at work, of no task,
# no JSON, too large, by a wrong path; and 16 callers who stay on the line and say nothing).
# usage: callbacks.sh BUILD SOURCE [FORGED [CLIPS [SCENARIO]]]
set -euo pipefail
export LC_ALL=C
build=$1 source=$2 forged=${3:-100000} clips=${4:-120} scenario=${5:-$2/conf/scenarios/night-6.yaml}
speed=60 abreast=32 silent=16
nightshift=$build/nightshift scratch=$build/bench/callbacks.dir
export USEAPI_TOKEN=user:1234-demo-secret XDG_CONFIG_HOME=$scratch/config
simulator='' run=''

clean_up() {
  if [ -n "$run" ]; then kill -KILL "$run" 2>/dev/null || true; fi
  if [ -n "$simulator" ]; then kill "$simulator" 2>/dev/null || true; fi
  wait 2>/dev/null || true
}
trap clean_up EXIT
trap 'exit 130' INT TERM

cmake -S "$source/tests/bench" -B "$build/bench" -G Ninja >/dev/null
cmake --build "$build/bench" --target forger >/dev/null
rm -rf "$scratch"
mkdir -p "$scratch/clips"
cd "$scratch"
sources=("$source"/conf/demo/clips/*.mp4)
for ((number = 1; number <= clips; number++)); do
  file=$(printf 'clips/clip-%04d.mp4' "$number")
  cp "${sources[number % ${#sources[@]}]}" "$file"
  printf '\x00\x00\x00\x14free%012d' "$number" >>"$file"
done
printf 'batch: night\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml

# http_get ADDR:PORT PATH: the body.
http_get() {
  local line
  {
    printf 'GET %s HTTP/1.0\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n' "$2" "$1" "$USEAPI_TOKEN" >&5
    while read -r line <&5 && [ "$line" != $'\r' ]; do :; done
    cat <&5
  } 5<>"/dev/tcp/${1%:*}/${1##*:}"
}

begin() { # NAME OPTIONS...: a night; sets run and api (ADDR:PORT)
  local name=$1
  shift
  rm -rf state.db* out
  : >"$name.sim"
  "$nightshift" simulate --scenario "$scenario" --speed "$speed" --listen 127.0.0.1:0 --ledger "$name.ledger" \
    >"$name.sim" 2>&1 </dev/null &
  simulator=$!
  until grep -q '^listening on ' "$name.sim"; do sleep 0.02; done
  api=$(sed -n 's|^listening on http://\([^/]*\)/.*|\1|p' "$name.sim")
  "$nightshift" run -q --state state.db --api "http://$api/v1/runwayml" --speed "$speed" --log-format logfmt --log-file "$name.log" \
    "$@" batch.yaml </dev/null 2>"$name.err" &
  run=$!
}

end() { # NAME: waits; leaves NAME.used (ms of processor time) and NAME.peak (kB)
  local name=$1 used=0 peak=0 now
  while now=$(awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / tick }' "/proc/$run/stat" 2>/dev/null); do
    used=${now:-$used}
    now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$run/status" 2>/dev/null || true)
    if [ -z "$now" ]; then break; fi
    peak=$now
    sleep 0.1
  done
  local status=0
  wait "$run" || status=$?
  run=''
  [ "$status" = 0 ] || printf '%s: the run ended with %s\n' "$name" "$status"
  kill "$simulator"
  wait "$simulator"
  simulator=''
  printf '%s\n' "$used" >"$name.used"
  printf '%s\n' "$peak" >"$name.peak"
}

forge() { # Lies as soon as tasks are at work and callbacks have come.
  local listener path tasks
  until listener=$(sed -n 's/.*event=run.listening.* address=\([^ ]*\).*/\1/p' forged.log 2>/dev/null) && [ -n "$listener" ]; do sleep 0.05; done
  until http_get "$api" /v1/runwayml/scheduler/ >scheduler.json && grep -q '"replyUrl"' scheduler.json; do sleep 0.05; done
  path=$(sed 's|.*"replyUrl":"http://[^/]*\([^"]*\)".*|\1|' scheduler.json | head -n 1)
  mapfile -t tasks < <(grep -o '"taskId":"[^"]*"' scheduler.json | cut -d'"' -f4)
  "$build/bench/forger" "$listener" "$path" "$forged" "$abreast" "$silent" "${tasks[@]}" >forger.out
  if ! kill -0 "$run" 2>/dev/null; then printf 'the night was over before all lies were told: more CLIPS\n'; fi
  http_get "$listener" /metrics >metrics.out
}

listen_at() { # a port that is free now: public_url has to name it
  "$nightshift" simulate --listen 127.0.0.1:0 >port.out 2>&1 </dev/null &
  local probe=$!
  until grep -q '^listening on ' port.out; do sleep 0.02; done
  kill "$probe"
  wait "$probe" 2>/dev/null || true
  sed -n 's|^listening on http://\([^/]*\)/.*|\1|p' port.out
}

begin without
end without
address=$(listen_at)
begin with --listen "$address" --public-url "http://$address"
end with
address=$(listen_at)
begin forged --listen "$address" --public-url "http://$address"
forge
end forged

figure() { sed -n 's/.*"totals":.*"'"$2"'":\([0-9.]*\).*/\1/p' "$1.ledger"; } # NIGHT NAME
status_calls() { awk "BEGIN { printf \"%.2f\", ($(figure "$1" lists) + $(figure "$1" task_gets) + $(figure "$1" scheduler_gets)) / $clips }"; }
row() { printf '  %-9s %9s %9s %12s %9s %12s %12s\n' "$@"; }
printf '%s clips over the accounts of %s, %s times as fast as life\n' "$clips" "${scenario##*/}" "$speed"
row night "/ bound" "status/job" "look/job" 429s/job "proc. ms" "memory kB"
for night in without with forged; do
  row "$night" "$(figure "$night" makespan_over_bound)" "$(status_calls "$night")" \
    "$(awk "BEGIN { printf \"%.2f\", $(figure "$night" task_gets) / $clips }")" "$(figure "$night" 429s_per_job)" \
    "$(cat "$night.used")" "$(cat "$night.peak")"
  [ "$(figure "$night" jobs)" = "$clips" ] && [ "$(figure "$night" duplicates)" = 0 ] || printf '  %s: jobs or payments are not as they should be\n' "$night"
done
printf 'forged: %s\n' "$(cat forger.out)"
printf '  processor time, us each    %s\n' "$(awk "BEGIN { printf \"%.1f\", ($(cat forged.used) - $(cat with.used)) * 1000 / $forged }")"
printf '  memory at its most, kB     +%s\n' "$(($(cat forged.peak) - $(cat with.peak)))"
grep '^nightshift_callbacks' metrics.out | sed 's/^/  /'
