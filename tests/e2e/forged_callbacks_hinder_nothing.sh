#!/usr/bin/env bash
# Somebody knows where callbacks go, and sends lies about our own tasks by the hundred, bodies that are
# huge or no JSON, and connections on which nothing more comes. The run goes on as if nobody called.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 10
printf 'batch: forged\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
cat >scenario.yaml <<'YAML'
seed: 7
work: {base: 200s, per_second: 1s, start: [1s, 2s]}
accounts: [{email: one@example.com, capacity: 2}, {email: two@example.com, capacity: 2}]
YAML
start_simulator scenario.yaml
address=${api#http://} address=${address%%/*}
stop_simulator
start_simulator scenario.yaml
start_run --listen "$address" --public-url "http://$address" batch.yaml
wait_until at_least 4 accepted

http_get /v1/runwayml/scheduler/ scheduler.json
path=$(jq -r '.[0].replyUrl' scheduler.json)
path=/${path#http://*/}
expect_same "letters of the secret's path" 42 "${#path}"
mapfile -t tasks < <(jq -r '.[].taskId' scheduler.json)

post() { # BODY: whatever comes of it
  (
    trap '' PIPE
    printf 'POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %s\r\n\r\n%s' "$path" "$address" "${#1}" "$1" \
      5<>"/dev/tcp/${address%:*}/${address##*:}" >&5
  ) 2>/dev/null || true
}
for i in {1..40}; do # nothing more comes on these
  exec {slow}<>"/dev/tcp/${address%:*}/${address##*:}"
  printf 'POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 100\r\n\r\n{' "$path" "$address" >&"$slow"
done
huge=$(printf '%0200000d' 7)
post "{\"taskId\": \"${tasks[0]}\", \"x\": \"$huge\"}"
post "$huge"
for i in {1..100}; do
  for task in "${tasks[@]}"; do
    post "{\"taskId\": \"$task\", \"status\": \"FAILED\", \"error\": {\"reason\": \"SAFETY.X\"}}"
    post "{\"taskId\": \"$task\", \"status\": \"SUCCEEDED\", \"artifacts\": [{\"url\": \"http://127.0.0.1:1/x\"}]}"
  done
  post "no JSON at all"
  post "{\"taskId\": \"user:1-runwayml:one@example.com-task:nobody\", \"status\": \"SUCCEEDED\"}"
done
if is_gone "$run_pid"; then fail "the run was over before anybody had lied to it"; fi
await "$run_pid"
expect_status 0
expect_paid 10
expect_whole batch.yaml 10
# At work 10 times 210 s or so: a look at each in five seconds would be 420.
expect_most "looks at single tasks" 420 "$(total task_gets)"
expect_same "attempts of any job" '[1]' "$(jq -c '[.jobs[].attempts] | unique' status.json)"
expect_not_in "$err" 'event=(api.error|job.(retry|unsure|failed|moderated|cancelled|held))'
