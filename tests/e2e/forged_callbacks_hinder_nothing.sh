#!/usr/bin/env bash
# Somebody knows where callbacks go, and sends lies about our own tasks by the thousand, bodies that are
# huge or no JSON, true ones again, too late and in the wrong order, and connections on which nothing more
# comes. The run goes on as if nobody called: the same is told of every job as in a night without lies. The
# secret of a run is worth nothing to the next one.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Freed memory is used again at once, so that what is kept can be seen.
export ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=1
forger=$build_dir/tests/forger
lies=4000
make_clips 8
printf 'batch: forged\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
cat >scenario.yaml <<'YAML'
seed: 7
work: {base: 200s, per_second: 1s, start: [1s, 2s]}
accounts: [{email: one@example.com, capacity: 2}, {email: two@example.com, capacity: 2}]
YAML

begin_night() { # sets address and run_pid
  rm -rf state.db* out
  start_simulator scenario.yaml
  address=${api#http://} address=${address%%/*} # free as soon as this one has ended
  stop_simulator
  start_simulator scenario.yaml
  start_run --listen "$address" --public-url "http://$address" "$@"
}
told() { # LOG: of every job, in its order, what is not its submission's way there
  sed -nE 's/.* event=job\.(submitted|running|downloading|retry|unsure|resolved|succeeded|failed|moderated|cancelled|held) .* job=([^ ]+) .*/\2 \1/p' "$1" |
    sort -s -k1,1
}
begin_night batch.yaml
await "$run_pid"
expect_status 0
told "$err" >without
stop_simulator

begin_night batch.yaml
wait_until at_least 4 accepted
http_get /v1/runwayml/scheduler/ scheduler.json
path=$(jq -r '.[0].replyUrl' scheduler.json)
path=/${path#http://*/}
expect_same "letters of the secret's path" 42 "${#path}"
mapfile -t tasks < <(jq -r '.[].taskId' scheduler.json)
task_json() { http_get "/v1/runwayml/tasks/$(jq -rn --arg task "${tasks[0]}" '$task | @uri')" "$1"; }
has_status() { task_json task.json && [ "$(jq -r '(.task // .).status' task.json)" = "$1" ]; }
wait_until has_status RUNNING
jq -c '.task // .' task.json >running.json

post() { # BODY [PATH]: sets answered, the status of the reply
  local line
  {
    printf 'POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %s\r\n\r\n%s' "${2:-$path}" "$address" "${#1}" "$1" >&5
    read -r _ answered line <&5 || answered=none
  } 5<>"/dev/tcp/${address%:*}/${address##*:}"
}
metric() { # SAMPLE: its value
  http_ask "$address" GET /metrics metrics
  sample=$1 awk 'index($0, ENVIRON["sample"] " ") == 1 { print $NF }' metrics
}
callbacks() { metric "nightshift_callbacks_total{outcome=\"$1\"}"; }

"$forger" "$address" "$path" 400 24 40 "${tasks[@]}" >forger.out
memory=$(metric process_resident_memory_bytes)
"$forger" "$address" "$path" "$lies" 24 40 "${tasks[@]}" >forger.out
if is_gone "$run_pid"; then fail "the run was over before anybody had lied to it"; fi
cat forger.out
expect_in forger.out "^sent=$lies 200=$((lies * 8 / 10)) 404=$((lies / 10)) 413=$((lies / 10)) none=0 "
expect_most "bytes kept of $lies lies" $((6 * 1024 * 1024)) $(($(metric process_resident_memory_bytes) - memory))
expect_least "of no task" $((lies * 2 / 10)) "$(callbacks unknown)"
expect_least "unreadable" $((lies * 2 / 10)) "$(callbacks unreadable)"
expect_least "too large" $((lies / 10)) "$(callbacks too_large)"
expect_least "by a wrong path" $((lies / 10)) "$(callbacks wrong_path)"
expect_least "lies about an end that were found out" 1 "$(metric nightshift_callbacks_contradicted_total)"

# The truth, when it is old: at work, after its end, and its end over and over.
wait_until has_status SUCCEEDED
jq -c '(.task // .) | del(.artifacts)' task.json >succeeded.json
has_ended() { grep -q "event=job.succeeded .* task=${tasks[0]} " "$err"; }
wait_until has_ended
looks() {
  ledger
  jq -s --arg task "${tasks[0]}" '[.[] | select(.call == "get-task") | select(.target | contains($task | @uri))] | length' ledger.json
}
before=$(looks)
for body in running succeeded succeeded running succeeded; do
  post "$(cat "$body.json")"
  expect_same "a true one that is too late" 200 "$answered"
done
expect_same "looks because of five old truths" "$before" "$(looks)"
await "$run_pid"
expect_status 0
expect_paid 8
expect_whole batch.yaml 8
told "$err" >with
diff without with >&2 || fail "what is told of the jobs differs between the nights"
# At work 8 times 210 s or so: a look at each in five seconds would be 336.
expect_most "looks at single tasks" 336 "$(total task_gets)"
expect_same "attempts of any job" '[1]' "$(jq -c '[.jobs[].attempts] | unique' status.json)"
expect_not_in "$err" 'event=(api.error|job.(retry|unsure|failed|moderated|cancelled|held))'
stop_simulator

# Another run.
begin_night batch.yaml
wait_until at_least 1 accepted
post "$(cat succeeded.json)"
expect_same "by the secret of another run" 404 "$answered"
expect_same "counted" 1 "$(callbacks wrong_path)"
kill -TERM "$run_pid"
await "$run_pid"
expect_status 3
