#!/usr/bin/env bash
# With a listener that the service reaches, tasks tell of their ends: the accounts are listed more rarely.
# The listener tells its health, and nothing else but callbacks is there; each run has a secret of its
# own, which stands in no log.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 12
printf 'batch: told\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
cat >scenario.yaml <<'YAML'
seed: 7
work: {base: 200s, per_second: 1s, start: [1s, 2s]}
accounts: [{email: one@example.com, capacity: 3}, {email: two@example.com, capacity: 2}]
YAML

start_simulator scenario.yaml
run batch.yaml
expect_status 0
expect_paid 12
expect_same "callbacks that nobody asked for" 0 "$(total callbacks)"
without=$(total lists)
address=${api#http://} address=${address%%/*} # free as soon as the pretend service has ended
stop_simulator

rm -rf state.db* out
start_simulator scenario.yaml
start_run --listen "$address" --public-url "http://$address/" batch.yaml
http_status() { # METHOD PATH HOST
  local line
  {
    printf '%s %s HTTP/1.0\r\nHost: %s\r\nContent-Length: 0\r\n\r\n' "$1" "$2" "$3" >&5
    read -r _ line _ <&5
  } 5<>"/dev/tcp/${address%:*}/${address##*:}"
  printf '%s' "$line"
}
listens() { (: 5<>"/dev/tcp/${address%:*}/${address##*:}"); }
wait_until listens
expect_same "/healthz" 200 "$(http_status GET /healthz "$address")"
is_ready() { [ "$(http_status GET /readyz "$address")" = 200 ]; }
wait_until is_ready
expect_same "the page, by an address" 200 "$(http_status GET / "$address")"
expect_same "a guessed callback" 404 "$(http_status POST /callback/00000000000000000000000000000000 "$address")"
expect_same "a host that is not ours" 404 "$(http_status GET /healthz evil.example)"
await "$run_pid"
expect_status 0
expect_paid 12
printf "%s lists without callbacks, %s with\n" "$without" "$(total lists)"
expect_least "callbacks" 36 "$(total callbacks)"
expect_most "lists, of $without without callbacks" $((without - 1)) "$(total lists)"
expect_whole batch.yaml 12
expect_in "$err" "event=run.listening .*address=$address"
expect_not_in "$err" '/callback/'
if listens 2>/dev/null; then fail "the listener outlives its run"; fi
