#!/usr/bin/env bash
# Control characters from the service and from files reach nobody's terminal as they are: not in the log of
# any format, not in tables, plans, reports or mistakes. C0, DEL, C1, and marks that turn the direction of
# writing, in a clip's name, a reference, an account's address, an option and a file that is no batch.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

account=$'one\xe2\x80\xae\xc2\x9b2J@example.com'
mkdir clips
cp "$source_dir/conf/demo/clips/hello.mp4" $'clips/a\033[2J\302\233x\342\200\256\177y.mp4'
cp "$source_dir/conf/demo/clips/goodbye.mp4" clips/b.mp4
cat >batch.yaml <<'YAML'
batch: controls
jobs: [{video: "clips/*.mp4", voice: [Maya, Leo], reference: "r\u001b[2J\u202e"}]
YAML
cat >scenario.yaml <<'YAML'
seed: 7
work: {base: 10s, per_second: 1s, start: [1s, 2s]}
accounts: [{email: "one\u202e\u009b2J@example.com", capacity: 2}, {email: two@example.com, capacity: 1}]
failures: [{kind: moderation, nth: 1}]
YAML
printf 'jobs: [\x1b]52;c;aGk=\x07, {vidoe: "\xe2\x80\xae"}]\n' >mistakes.yaml
printf 'jobs: [{video: "\\e[2J\\u202e", voice: "\\u009bX", "\\e]0;x\\a": 1}]\n' >more.yaml
start_simulator scenario.yaml

# C0 but the end of a line, DEL; C1; direction marks, all as UTF-8.
raw='[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xaf]'
expect_plain() { # WHAT: of the last command
  local file
  for file in "$out" "$err"; do
    if grep -qP "$raw" "$file"; then fail "$1 shows: $(grep -P "$raw" "$file" | head -1 | cat -v | cut -c 1-200)"; fi
  done
}
if ! grep -qP "$raw" <<<"$account"; then fail "the check finds nothing"; fi

tried=0
try() { # ARGS...
  ns "$@"
  expect_plain "nightshift $1"
  tried=$((tried + 1))
}

on=(--state "$scratch/state.db")
try check "${on[@]}" --api "$api" batch.yaml
try run "${on[@]}" --api "$api" --speed "$speed" -v batch.yaml
expect_in "$err" 'one\\u202e\\u009b2J@example\.com'
expect_in "$err" 'video="clips/a\\u001b\[2J'
for format in logfmt json pretty; do try run "${on[@]}" --api "$api" --speed "$speed" -v --log-format "$format" batch.yaml; done
try status "${on[@]}" batch.yaml
expect_in "$out" 'u202e'
try status "${on[@]}"
try status "${on[@]}" --json batch.yaml
try history "${on[@]}" batch.yaml '*'
try rehearse "${on[@]}" --api "$api" batch.yaml
try report "${on[@]}" batch.yaml -o -
try report "${on[@]}" batch.yaml --remaining -o -
try accounts "${on[@]}" --api "$api"
try accounts "${on[@]}" --api "$api" --json
try voices "${on[@]}" --api "$api"
try assets "${on[@]}" --api "$api" --account "$account"
try pause "${on[@]}" --account "$account"
try resume "${on[@]}" --account "$account"
try retry "${on[@]}" batch.yaml $'a\033[2J*'
try check "${on[@]}" mistakes.yaml
expect_status 2
try check "${on[@]}" more.yaml
expect_status 2
try check "${on[@]}" $'no\033[2J-such.yaml'
try status --state $'no\033[2J-such/state.db' batch.yaml
try run --state $'clips/b.mp4/\033[2J\302\233.db' --api "$api" batch.yaml
try run "${on[@]}" --api $'http://127.0.0.1:1/\033[2J' batch.yaml
try check "${on[@]}" -c $'no\302\233-such.yaml' batch.yaml
try init $'no\033[2J-such'
try $'comm\033[2Jand'
try run $'--opt\033[2J' batch.yaml
try report "${on[@]}" batch.yaml -o $'no\033[2J-such/x.html'
try run "${on[@]}" --log-file $'no\033[2J-such/x.log' --api "$api" batch.yaml
try run "${on[@]}" --until $'\033[2J' --api "$api" batch.yaml
expect_least "commands" 32 "$tried"
