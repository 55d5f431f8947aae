#!/usr/bin/env bash
# Every command and every block of YAML in README.md and docs/ is run: commands line by line against the
# pretend service, batches and configs by check. What cannot be run says why, in a comment before it. The
# transcripts are made by their scripts again: the same commands with the same ends.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export SECOND_TOKEN=user:5678-other-secret SHELL=/bin/sh

cat >scenario.yaml <<'YAML'
seed: 7
token: user:1234-demo-secret
voices: [Maya, Leo, Ivy, Noah]
work: {base: 5s, per_second: 1s, start: [1s, 2s]}
artifacts: {bytes: [20000, 60000], ttl: 48h}
accounts:
  - {email: one@example.com, capacity: 2, unlimited: true}
  - {email: two@example.com, capacity: 2}
  - {email: three@example.com, capacity: 1, token: user:5678-other-secret}
YAML
mkdir bin
export PATH=$scratch/bin:$PATH
# `nightshift` as a person calls it, but for the service, the state, and the clock.
install_wrapper() {
  cat >bin/nightshift <<SH
#!/bin/sh
case \$1 in
simulate) exec timeout -s TERM 1 "$nightshift" "\$@" --listen 127.0.0.1:0 ;;
run)
  case "\$*" in *--listen*) set -- "\$@" --listen 127.0.0.1:0 ;; esac
  exec "$nightshift" "\$@" --api "$api" --state state.db --speed $speed
  ;;
*) exec "$nightshift" "\$@" --api "$api" --state state.db ;;
esac
SH
  chmod +x bin/nightshift
}

# A folder as a reader of the page has it, and a service that knows nothing of the page before.
sandbox() {
  cd "$scratch"
  if [ -n "$simulator" ]; then stop_simulator; fi
  start_simulator scenario.yaml
  install_wrapper
  rm -rf "$scratch/page"
  mkdir -p "$scratch/page/blocks" "$scratch/page/build" "$scratch/page/clips"
  cd "$scratch/page"
  cp "$scratch/bin/nightshift" build/
  clips hello.mp4 goodbye.mp4 scene-01.mp4 scene-02.mp4
  cp "$source_dir/conf/demo/clips/interview.mov" clips/scene12.mov
  cp "$scratch/scenario.yaml" scenario.yaml
  cat >spring.yaml <<'YAML'
batch: spring
defaults: {voice: Maya}
jobs: [{video: "clips/scene-*.mp4", voice: [Leo, Ivy]}, clips/hello.mp4]
YAML
  cp spring.yaml batch.yaml
}

run_yaml() { # BLOCK
  local name kind=config
  name=$(sed -n '1s/^# \([a-z0-9-]*\.yaml\).*/\1/p' "$1")
  if grep -q '^jobs:' "$1"; then kind=batch; fi
  cp "$1" "${name:=block.yaml}"
  chmod 600 "$name"
  if grep -q '^faults:' "$1"; then
    run_line "nightshift simulate --scenario $name"
  elif [ "$kind" = batch ]; then
    nightshift check --allow-absolute-output "$name" >said 2>&1 || fail "$where: check ends with $?: $(cat said)"
  else
    nightshift check -c "$name" spring.yaml >said 2>&1 || fail "$where: check ends with $?: $(cat said)"
  fi
}

# `run` may end with 1 or 3, other commands with 1: nothing such.
run_line() { # LINE
  local ended=0
  timeout -k 5 "$deadline_s" bash -c "$1" >said 2>&1 </dev/null || ended=$?
  case $1:$ended in
  *:0 | *nightshift*:1 | *'nightshift run'*:3) ran=$((ran + 1)) ;;
  *'nightshift simulate'*:124) ran=$((ran + 1)) ;;
  *) fail "$where: '$1' ends with $ended: $(tail -n 5 said)" ;;
  esac
}

run_sh() { # BLOCK
  local line whole=''
  while IFS= read -r line; do
    case $line in '' | '#'*) continue ;; esac
    whole+=$line
    case $line in *'\') whole=${whole%'\'} && continue ;; esac
    run_line "$whole"
    whole=''
  done <"$1"
}

# run_page FILE
run_page() {
  local place line kind why
  sandbox
  if grep -q 'sqlite3.* state\.db' "$1"; then nightshift run --limit 1 spring.yaml >said 2>&1 || true; fi # it needs one
  while read -r place line kind why; do
    where=${1#"$source_dir"/}:$line
    case $kind:$why in
    none:*) fail "$where: a block without a language: sh, yaml, console or text" ;;
    text:- | console:-) ;;
    nginx:-) ;; # a_web_server_lets_callbacks_through_alone runs it
    text:* | console:*) fail "$where: nothing of it would be run: no reason is needed" ;;
    sh:-) run_sh "blocks/$place" ;;
    yaml:-) run_yaml "blocks/$place" && ran=$((ran + 1)) ;;
    sh:* | yaml:*) [ "${#why}" -ge 15 ] || fail "$where: '$why' is no reason" ;;
    *) fail "$where: a block of $kind is neither run nor text" ;;
    esac
  done < <(python3 "$source_dir/tests/support/doc_blocks.py" "$1" blocks)
}

ran=0
for page in "$source_dir"/README.md "$source_dir"/docs/*.md; do run_page "$page"; done
cd "$scratch"
expect_least "blocks and lines that were run" 40 "$ran"

# ---- the transcripts ----
# Whether a command ended with another status than 0 depends on times.
commands() { grep -E '^\$ ' "$1" | grep -v '^\$ echo'; }
for script in "$source_dir"/docs/*-night.sh; do
  page=${script%.sh}.md
  bash "$script" "$build_dir" >made.md 2>made.err || fail "${script##*/} ended with $?: $(tail -n 5 made.err)"
  expect_same "commands of ${page##*/}" "$(commands "$page")" "$(commands made.md)"
  expect_same "words of ${page##*/}" "$(sed '/^```console/,/^```/d' "$page")" "$(sed '/^```console/,/^```/d' made.md)"
done
