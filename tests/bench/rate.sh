#!/usr/bin/env bash
# How many jobs a second go all the way, each step written down before the next, over 100 accounts of a
# service that answers at once; next to the same calls with libcurl alone.
# usage: rate.sh BUILD SOURCE [JOBS [SPEED]]
source "$(dirname "${BASH_SOURCE[0]}")/common.bash" rate "$1" "$2"
jobs=${3:-5000} speed=${4:-60}

calls_of_jobs() { awk -F= '/^(uploads|submissions|lists|looks|downloads)=/ { sum += $2 } END { print sum }' service.out; }

start_service 100 0
began=${EPOCHREALTIME/[.,]/}
"$tools/bare_client" jobs "$api" "$jobs" 100 100 "$source/conf/demo/clips/hello.mp4"
bare_ms=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
stop_service
bare_rate=$(calc %.0f "$jobs * 1000 / $bare_ms")

"$tools/batch_maker" . "$jobs" "$source/conf/demo/clips/hello.mp4"
start_service 100 0
start_run -- --speed "$speed"
while kill -0 "$run" 2>/dev/null; do
  now=$(used_ms 2>/dev/null || true)
  used=${now:-$used}
  sleep 0.1
done
end_run
stop_service
rate=$(calc %.0f "$jobs * 1000000 / $(figure service.out span_us)")
printf '%s jobs over 100 accounts, exit status %s\n' "$jobs" "$status"
tell "libcurl alone, jobs a second" "$bare_rate"
aim_least "jobs a second" "$rate" 1000
aim_least "  of libcurl alone" "$(calc %.2f "$rate / $bare_rate")" 0.5
tell "calls per job" "$(calc %.1f "$(calls_of_jobs) / $jobs")"
tell "processor time per job, us" "$(calc %.0f "$used * 1000 / $jobs")"
exit "$status"
