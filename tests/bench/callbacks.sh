#!/usr/bin/env bash
# What callbacks are good for, and what lies cost: the same nights three times over with the real program, without
# callbacks, with them, and with 100,000 forged ones (tests/e2e/forger.c: lies about tasks at work, of no task,
# no JSON, too large, by a wrong path; and 16 callers who stay on the line and say nothing). Means over the nights.
# usage: callbacks.sh BUILD SOURCE [FORGED [CLIPS [NIGHTS [SCENARIO]]]]
set -euo pipefail
export LC_ALL=C
build=$1 source=$2 forged=${3:-100000} clips=${4:-240} nights=${5:-2} pattern=${6:-$2/conf/scenarios/night-6.yaml}
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
  rm -rf state.db* out "$name.log"
  : >"$name.sim"
  "$nightshift" simulate --scenario scenario.yaml --speed "$speed" --listen 127.0.0.1:0 --ledger "$name.ledger" \
    >"$name.sim" 2>&1 </dev/null &
  simulator=$!
  until grep -q '^listening on ' "$name.sim"; do sleep 0.02; done
  api=$(sed -n 's|^listening on http://\([^/]*\)/.*|\1|p' "$name.sim")
  "$nightshift" run -q --state state.db --api "http://$api/v1/runwayml" --speed "$speed" --log-format logfmt --log-file "$name.log" \
    "$@" batch.yaml </dev/null 2>"$name.err" &
  run=$!
}

end() { # NAME: waits; adds a line to `nights`
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
  [ "$(figure "$name" jobs)" = "$clips" ] && [ "$(figure "$name" duplicates)" = 0 ] ||
    printf '%s: jobs or payments are not as they should be\n' "$name"
  printf '%s %s %s %s %s %s %s %s\n' "$name" "$(figure "$name" makespan_over_bound)" "$(figure "$name" lists)" "$(figure "$name" task_gets)" \
    "$(figure "$name" scheduler_gets)" "$(figure "$name" 429s_per_job)" "$used" "$peak" >>nights
}

figure() { sed -n 's/.*"totals":.*"'"$2"'":\([0-9.]*\).*/\1/p' "$1.ledger"; } # NIGHT NAME

forge() { # Lies as soon as tasks are at work and callbacks have come.
  local listener path tasks
  until listener=$(sed -n 's/.*event=run.listening.* address=\([^ ]*\).*/\1/p' forged.log 2>/dev/null) && [ -n "$listener" ]; do sleep 0.05; done
  until http_get "$api" /v1/runwayml/scheduler/ >scheduler.json && grep -q '"replyUrl"' scheduler.json; do sleep 0.05; done
  path=$(sed 's|.*"replyUrl":"http://[^/]*\([^"]*\)".*|\1|' scheduler.json | head -n 1)
  mapfile -t tasks < <(grep -o '"taskId":"[^"]*"' scheduler.json | cut -d'"' -f4)
  "$build/bench/forger" "$listener" "$path" "$forged" "$abreast" "$silent" "${tasks[@]}" >forger.out
  http_get "$listener" /metrics >metrics.out 2>/dev/null || printf 'the night was over before all lies were told: more CLIPS\n'
}

listen_at() { # a port that is free now: public_url has to name it
  : >port.out
  "$nightshift" simulate --listen 127.0.0.1:0 >port.out 2>&1 </dev/null &
  local probe=$!
  until grep -q '^listening on ' port.out; do sleep 0.02; done
  kill "$probe"
  wait "$probe" 2>/dev/null || true
  sed -n 's|^listening on http://\([^/]*\)/.*|\1|p' port.out
}

for ((night = 1; night <= nights; night++)); do
  sed "s/^seed: .*/seed: $night/" "$pattern" >scenario.yaml
  begin without
  end without
  address=$(listen_at)
  begin with --listen "$address" --public-url "http://$address"
  end with
  address=$(listen_at)
  begin forged --listen "$address" --public-url "http://$address"
  forge
  end forged
  printf 'night %s, forged: %s\n' "$night" "$(cat forger.out)"
done

printf '%s clips over the accounts of %s, %s times as fast as life, %s nights\n' "$clips" "${pattern##*/}" "$speed" "$nights"
awk -v jobs="$clips" -v forged="$forged" '
  { n[$1]++; bound[$1] += $2; lists[$1] += $3; looks[$1] += $4; all[$1] += $3 + $4 + $5; busy[$1] += $6; used[$1] += $7
    if ($8 > peak[$1]) peak[$1] = $8 }
  END {
    printf "  %-8s %8s %11s %9s %9s %9s %10s %10s\n", "", "/ bound", "status/job", "list/job", "look/job", "429s/job", "proc. ms", "memory kB"
    for (i = 1; i <= split("without with forged", order, " "); i++) {
      k = order[i]; m = n[k]
      printf "  %-8s %8.3f %11.2f %9.2f %9.2f %9.2f %10.0f %10d\n", k, bound[k] / m, all[k] / m / jobs, lists[k] / m / jobs,
        looks[k] / m / jobs, busy[k] / m, used[k] / m, peak[k]
    }
    printf "  a forged one: %.1f us of processor time; %d at once: %d kB of memory\n",
      (used["forged"] - used["with"]) / n["forged"] * 1000 / forged, forged, peak["forged"] - peak["with"]
  }' nights
grep '^nightshift_callbacks' metrics.out | sed 's/^/  /'
