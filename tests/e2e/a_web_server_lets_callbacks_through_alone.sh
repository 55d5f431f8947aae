#!/usr/bin/env bash
# nginx stands in front with a certificate, by the very configuration of docs/watching.md: callbacks get through
# it to the run, over TLS, and nothing else does; the secret path is in none of its logs. By the page's name
# the page is there, live, and with its token what it shows, metrics and orders.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_tools nginx openssl

make_clips 6
printf 'batch: far\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
cat >scenario.yaml <<'YAML'
seed: 7
work: {base: 200s, per_second: 1s, start: [1s, 2s]}
accounts: [{email: one@example.com, capacity: 2}, {email: two@example.com, capacity: 1}]
YAML
declare -a free=()
for i in 1 2 3; do # addresses that nobody has: of pretend services that have ended
  start_simulator scenario.yaml
  address=${api#http://} free[i]=${address%%/*}
done
for pid in "${children[@]}"; do kill -TERM "$pid" && await "$pid"; done
listener=${free[1]} tls=${free[2]} world=${free[3]}

# The guide's nginx, with names and places of this machine for the guide's.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=me.example -addext subjectAltName=DNS:me.example,DNS:watch.example \
  -keyout key.pem -out cert.pem 2>openssl.err
guide() { # LANGUAGE: the page's blocks of it
  awk -v language="$1" '$0 == "```" { inside = 0 } inside { print } $0 == "```" language { inside = 1 }' "$source_dir/docs/watching.md"
}
guide nginx | sed -E "s|listen 443 ssl|listen $tls ssl|; s|http://127.0.0.1:9090|http://$listener|
  s|(ssl_certificate) .*|\1 $PWD/cert.pem;|; s|(ssl_certificate_key) .*|\1 $PWD/key.pem;|" >guide.conf
expect_in guide.conf "listen $tls ssl;"
expect_in guide.conf "proxy_pass http://$listener;"
mkdir -p logs temp
cat >nginx.conf <<NGINX
daemon off;
master_process off;
pid $PWD/nginx.pid;
error_log $PWD/logs/error.log info;
events { worker_connections 200; }
http {
  access_log $PWD/logs/access.log;
  client_body_temp_path $PWD/temp/body;
  proxy_temp_path $PWD/temp/proxy;
  fastcgi_temp_path $PWD/temp/fastcgi;
  uwsgi_temp_path $PWD/temp/uwsgi;
  scgi_temp_path $PWD/temp/scgi;
  include $PWD/guide.conf;

  # The rest of the world: whoever speaks plainly to it speaks to the one who is meant, whose certificate it checks.
  server {
    listen $world;
    client_max_body_size 10m;
    access_log off;
    error_log /dev/null crit;
    location / {
      proxy_pass https://$tls;
      proxy_set_header Host \$http_host;
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_ssl_server_name on;
      proxy_ssl_name \$host;
      proxy_ssl_verify on;
      proxy_ssl_trusted_certificate $PWD/cert.pem;
    }
  }
}
NGINX
nginx -p "$PWD" -e "$PWD/logs/start.log" -c "$PWD/nginx.conf" -t 2>nginx.err || fail "nginx refuses the guide: $(cat nginx.err)"
nginx -p "$PWD" -e "$PWD/logs/start.log" -c "$PWD/nginx.conf" 2>nginx.err &
children+=("$!")

simulate_options=(--callbacks-through "$world")
start_simulator scenario.yaml
printf 'page_url: https://watch.example\n' >config.yaml
start_run --config config.yaml --listen "$listener" --public-url https://me.example/nightshift batch.yaml
wait_until at_least 3 accepted
http_get /v1/runwayml/scheduler/ scheduler.json
secret=$(jq -r '.[0].replyUrl' scheduler.json)
expect_same "where the service is sent" https://me.example/nightshift/callback/ "${secret%/*}/"
secret=${secret##*/}

host=me.example
declare -a headers=()
far() { # METHOD PATH [BODY]: sets answered and said, the status and the body of what somebody far away gets
  {
    printf '%s %s HTTP/1.0\r\nHost: %s\r\nContent-Length: %s\r\n' "$1" "$2" "$host" "${#3}" >&5
    printf '%s\r\n' "${headers[@]}" '' >&5
    printf '%s' "${3:-}" >&5
    read -r _ answered _ <&5
    said=$(sed '1,/^\r$/d' <&5)
  } 5<>"/dev/tcp/${world%:*}/${world##*:}"
}
expect_far() { # STATUS METHOD PATH [BODY]
  far "$2" "$3" "${4:-}"
  expect_same "$2 $3 from far away" "$1" "$answered"
}
for path in / /healthz /readyz /metrics /events /nightshift /nightshift/ /nightshift/metrics /callback/"$secret" \
  /nightshift/callback/../metrics /nightshift/callback/%2e%2e/metrics /nightshift/callbacks; do
  expect_far 404 GET "$path"
done
expect_far 403 GET "/nightshift/callback/$secret"
expect_far 404 POST "/nightshift/callback/x" '{}'
expect_same "what the guide says of a wrong secret" "nothing here" "$said"
expect_far 200 POST "/nightshift/callback/$secret" '{}'
expect_far 413 POST "/nightshift/callback/$secret" "$(printf '%070000d' 7)"

# By the page's name.
host=watch.example
expect_far 200 GET /
expect_far 401 GET /metrics
expect_far 401 GET /events
expect_far 404 POST /callback/x '{}'
[ "$said" != "nothing here" ] || fail "callbacks get through by the page's name"
headers=("Authorization: Bearer $(cat state.db.token)")
expect_far 200 GET /metrics
printf '%s\n' "$said" | grep -q '^nightshift_jobs{state="running"} [1-9]' || fail "no metrics with the token"
headers+=('X-Nightshift-Order: 1' 'Origin: https://evil.example')
expect_far 403 POST "/orders?verb=pause&account=two@example.com"
headers[2]='Origin: https://watch.example'
expect_far 200 POST "/orders?verb=pause&account=two@example.com"
expect_far 200 POST "/orders?verb=resume&account=two@example.com"
exec {watching}<>"/dev/tcp/${world%:*}/${world##*:}"
printf 'GET /events HTTP/1.0\r\nHost: %s\r\n%s\r\n\r\n' "$host" "${headers[0]}" >&"$watching"
heard() { # TEXT: in what comes over the stream, while the run is at work
  local line
  while IFS= read -r -t "$deadline_s" -u "$watching" line; do
    case $line in *"$1"*) ! is_gone "$run_pid" && return ;; esac
  done
  return 1
}
heard '"reset":true' || fail "the stream says nothing"
heard '"counts":[' || fail "the stream does not tell of a change as it comes"
exec {watching}<&-
host=me.example headers=()

metric() { # SAMPLE: its value, asked for on this machine
  http_ask "$listener" GET /metrics metrics
  sample=$1 awk 'index($0, ENVIRON["sample"] " ") == 1 { print $NF }' metrics
}
told() { [ "$(metric 'nightshift_callbacks_total{outcome="accepted"}')" -ge 3 ]; }
wait_until told
expect_same "too large, and stopped by nginx" 0 "$(metric 'nightshift_callbacks_total{outcome="too_large"}')"
expect_same "one by a wrong path" 1 "$(metric 'nightshift_callbacks_total{outcome="wrong_path"}')"
await "$run_pid"
expect_status 0
expect_paid 6
expect_whole batch.yaml 6
far POST "/nightshift/callback/$secret" '{}'
expect_same "after the run" 502 "$answered"
if grep -rl "$secret" logs nginx.err >&2; then fail "nginx has written the secret path down"; fi
