#!/usr/bin/env bash
# Every command's help has examples, and each of them runs as it stands, against the pretend service.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

clips hello.mp4 scene-01.mp4 scene-02.mp4
cat >spring.yaml <<'YAML'
batch: spring
jobs: [{video: clips/*.mp4, voice: Maya}]
YAML
cat >scenario.yaml <<'YAML'
seed: 7
work: {base: 5s, per_second: 1s, start: [1s, 2s]}
artifacts: {bytes: [20000, 60000], ttl: 48h}
accounts: [{email: one@example.com, capacity: 2}, {email: two@example.com, capacity: 2}]
failures: [{kind: moderation, asset: "hello*"}]
YAML
start_simulator scenario.yaml
printf 'api: {url: "%s"}\n' "$api" >nightshift.yaml
mkdir bin
printf '#!/bin/sh\nexec "%s" "$@"\n' "$nightshift" >bin/nightshift
chmod +x bin/nightshift
PATH=$scratch/bin:$PATH

examples_of() {
  ns help "$1"
  expect_status 0
  sed '1,/^Examples:$/d' "$out"
}

# Serves until it is told to stop; where, it may not choose here.
try_simulate() {
  local begun
  eval "$1 --listen 127.0.0.1:0 >served.out 2>&1 &"
  begun=$!
  children+=("$begun")
  wait_until grep -q '^listening on ' served.out
  kill -TERM "$begun"
  await "$begun"
  expect_same "how '$1' ended" 0 "$status"
}

# Wrong usage is no example, nor what cannot go on; `run` may stop early, others find nothing such.
try() { # LINE
  step=$((step + 1)) out=$scratch/$step.out err=$scratch/$step.err status=0
  timeout -k 5 "$deadline_s" bash -c "$1" >"$out" 2>"$err" </dev/null || status=$?
  case $1:$status in
  *:0 | 'nightshift '*:1 | 'nightshift run '*:3) ;;
  *) fail "'$1' ended with $status" ;;
  esac
  [ -s "$out" ] || [ -s "$err" ] || case $1 in *' -o '*) ;; *) fail "'$1' says nothing" ;; esac
}

tried=0
for command in check rehearse accounts voices assets run pause resume status history report retry cancel init help simulate; do
  lines=0
  while IFS= read -r line; do
    lines=$((lines + 1))
    line=${line#"${line%%[! ]*}"}
    case $command in simulate) try_simulate "$line" ;; *) try "$line" ;; esac
  done < <(examples_of $command)
  [ "$lines" -ge 1 ] && [ "$lines" -le 3 ] || fail "$command has $lines examples: one to three are wanted"
  tried=$((tried + 1))
done
ns help
expect_same "commands tried" "$tried" "$(sed -n '/^  run /,/^$/p' "$out" | grep -c '^  [a-z]')"
