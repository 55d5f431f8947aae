#!/usr/bin/env bash
# What a look at /metrics costs a run of 10,000 jobs over 200 accounts that are all at work: bytes, time until the
# last of them, and processor time of the run, in both forms.
# usage: metrics.sh BUILD SOURCE [JOBS [ACCOUNTS [LOOKS]]]
source "$(dirname "${BASH_SOURCE[0]}")/common.bash" metrics "$1" "$2"
jobs=${3:-10000} accounts=${4:-200} looks=${5:-200}

"$tools/batch_maker" . "$jobs" "$source/conf/demo/clips/hello.mp4"
start_service "$accounts" 3600000 2
start_run -- --listen 127.0.0.1:0
wait_for_event run.listening
listener=$(sed -n 's/.*event=run.listening.* address=\([^ ]*\).*/\1/p' run.log)

look() { # ACCEPT: into looked
  {
    printf 'GET /metrics HTTP/1.0\r\nHost: %s\r\nAccept: %s\r\n\r\n' "$listener" "$1" >&5
    cat <&5 >looked
  } 5<>"/dev/tcp/${listener%:*}/${listener##*:}"
}
at_work() { look '*/*' && awk '/^nightshift_account_running\{/ { sum += $NF } END { exit sum < '"$((2 * accounts))"' }' looked; }
until at_work; do sleep 0.2; done
sleep 1

printf '%s jobs, %s accounts with two tasks each\n' "$jobs" "$accounts"
for accept in text/plain 'application/openmetrics-text;version=1.0.0'; do
  before=$(used_ms) began=${EPOCHREALTIME/[.,]/}
  for ((i = 0; i < looks; i++)); do look "$accept"; done
  took=$(((${EPOCHREALTIME/[.,]/} - began) / looks))
  tell "${accept%;*}: bytes" "$(stat -c %s looked)"
  tell "  by the clock on the wall, us" "$took"
  aim "  processor time, us" "$(calc %.0f "($(used_ms) - $before) * 1000 / $looks")" 5000
done
kill -TERM "$run"
end_run
stop_service
