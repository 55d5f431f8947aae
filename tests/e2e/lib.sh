# What the end-to-end tests share. Each test is one story with the real program, the pretend service
# on a free loopback port, real clips and a real state, run as `bash STORY.sh BUILD_DIR SOURCE_DIR`.
# The pretend service's ledger is the truth: what the program says of itself is held against it.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C TZ=UTC
build_dir=$1
source_dir=$2
story=$(basename "$0" .sh)
nightshift=$build_dir/nightshift
scratch=$build_dir/e2e/$story
speed=60
deadline_s=60 # of one program or one condition, real time; far above what is needed
# The tokens of all stories are known by their looks: tests/canary/ searches what was left behind for them.
# shellcheck source=tests/canary/tokens.bash
source "$source_dir/tests/canary/tokens.bash"
export USEAPI_TOKEN=$suite_token
export HOME=$scratch/home XDG_CONFIG_HOME=$scratch/home/config XDG_STATE_HOME=$scratch/home/state
# A sanitizer's complaint must look like no exit status of the program's own.
export ASAN_OPTIONS=exitcode=99:detect_leaks=${DETECT_LEAKS:-1} UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
unset NO_COLOR
state_at=$scratch/state.db # or an address, after start_database
step=0 status=0 simulator='' run_pid='' api='' out='' err='' database='' database_dir=''
declare -a children=() simulate_options=()

# ---- the story's beginning and end ----

fail() {
  printf '%s: %s\n' "$story" "$*" >&2
  local file
  for file in "$out" "$err" "$scratch"/sim.*.err; do
    [ -s "$file" ] || continue
    printf -- '--- %s, its end:\n' "${file#"$scratch"/}" >&2
    tail -n ${FAIL_LINES:-25} "$file" | cut -c 1-300 >&2
  done
  exit 1
}

clean_up() {
  local result=$? pid
  trap - EXIT
  [ -z "$database" ] || kill -QUIT "$database" 2>/dev/null || true
  for pid in "${children[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  [ -z "$database_dir" ] || rm -rf "$database_dir"
  if [ "$result" = 0 ] && grep -rlE 'ERROR: (Address|Leak)Sanitizer|runtime error:' "$scratch" --include='*.err' >&2; then
    printf '%s: a sanitizer complained, see above\n' "$story" >&2
    result=1
  fi
  exit "$result"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR
set -E

rm -rf "$scratch"
mkdir -p "$scratch/home"
cd "$scratch"

# ---- waiting: for a condition, never for a time ----

now_ms() { printf '%s' $((${EPOCHREALTIME/[.,]/} / 1000)); }

# wait_until COMMAND...: until it succeeds.
wait_until() {
  local end=$(($(now_ms) + deadline_s * 1000))
  until "$@" >/dev/null 2>&1; do
    [ "$(now_ms)" -lt "$end" ] || fail "waited in vain for: $*"
    if [ -n "$simulator" ] && is_gone "$simulator"; then fail "the pretend service has died"; fi
    sleep 0.02
  done
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# Sets status to how the child ended.
await() { # PID
  local end=$(($(now_ms) + deadline_s * 1000))
  while kill -0 "$1" 2>/dev/null; do
    [ "$(now_ms)" -lt "$end" ] || fail "process $1 does not end"
    sleep 0.02
  done
  status=0
  wait "$1" 2>/dev/null || status=$?
}

# ---- the pretend service ----

# The scenario with the token of the stories.
with_token() { # SCENARIO
  grep -q '^token:' "$1" || printf 'token: "%s"\n' "$suite_token"
  sed "s/user:1234-demo-secret/$suite_token/" "$1"
}

# start_simulator SCENARIO [ADDR:PORT]: sets simulator (its process) and api. simulate_options go along.
start_simulator() {
  step=$((step + 1))
  local said=sim.$step.out
  with_token "$1" >"sim.$step.yaml"
  : >"$said"
  "$nightshift" simulate --scenario "sim.$step.yaml" --speed "$speed" --listen "${2:-127.0.0.1:0}" "${simulate_options[@]}" \
    >"$said" 2>"sim.$step.err" </dev/null &
  simulator=$!
  children+=("$simulator")
  wait_until grep -q '^listening on ' "$said"
  api=$(sed -n 's/^listening on //p' "$said")
}

stop_simulator() {
  kill -TERM "$simulator"
  await "$simulator"
  simulator=''
}

# ---- a PostgreSQL server ----

# start_database: sets state_at to its address and database to its process; again, after it was ended, on
# what is there.
start_database() {
  [ -n "$database_dir" ] || database_dir=$(mktemp -d "/tmp/nightshift-$story-XXXXXX")
  rm -f "$database_dir/data/postmaster.pid"
  bash "$source_dir/tests/support/postgres.sh" "$database_dir" "$build_dir/postgres" &
  database=$!
  state_at="postgresql://nightshift@/nightshift?host=$database_dir"
  wait_until grep -q '^ready' "$database_dir/data/postmaster.pid"
}

# At once, as a machine that is cut off.
cut_database() {
  kill -QUIT "$database"
  await "$database"
  database=''
}

# sql TEXT: the value that it gives.
sql() { psql -XAtq -v ON_ERROR_STOP=1 "$state_at" -c "$1"; }

# http_get PATH FILE [TOKEN]: the body of the answer to a GET at the pretend service.
http_get() {
  local address=${api#http://} line
  address=${address%%/*}
  {
    printf 'GET %s HTTP/1.0\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n' "$1" "$address" \
      "${3:-$USEAPI_TOKEN}" >&5
    while read -r line <&5 && [ "$line" != $'\r' ]; do :; done # the head, byte by byte
    cat <&5 >"$2"
  } 5<>"/dev/tcp/${address%:*}/${address##*:}"
}

# http_ask ADDR:PORT METHOD PATH FILE [ACCEPT]: the body of what a run's listener answers; its head into head.
# Fails when it is not 200.
http_ask() {
  local line
  {
    printf '%s %s HTTP/1.0\r\nHost: %s\r\nAccept: %s\r\n\r\n' "$2" "$3" "$1" "${5:-*/*}" >&5
    : >head
    while read -r line <&5 && [ "$line" != $'\r' ]; do printf '%s\n' "${line%$'\r'}" >>head; done
    cat <&5 >"$4"
  } 5<>"/dev/tcp/${1%:*}/${1##*:}"
  grep -q '^HTTP/1.[01] 200 ' head
}

# Where the run serves, once it does.
listener() { sed -n 's/.*event=run\.listening.* address=\([^ ]*\).*/\1/p' "$err"; }

# need_tools PROGRAM...: those of third_party's group `unpack`.
need_tools() {
  local tool
  PATH=$PATH:$source_dir/build-tools
  for tool; do
    command -v "$tool" >/dev/null || fail "there is no $tool: third_party/install unpack"
  done
}

# Writes ledger.json: requests, tasks, totals, one JSON object a line.
ledger() { http_get /_ledger ledger.json; }

# total NAME: one of the ledger's totals, by now.
total() {
  ledger
  jq -r "select(.totals) | .totals.$1" ledger.json
}

# at_least N NAME: for wait_until.
at_least() { [ "$(total "$2")" -ge "$1" ]; }

# ---- the program ----

# ns ARGS...: runs it to its end; sets status, out and err (files).
ns() {
  step=$((step + 1))
  out=$scratch/$step.out err=$scratch/$step.err status=0
  timeout -k 5 "$deadline_s" "$nightshift" "$@" >"$out" 2>"$err" </dev/null || status=$?
  [ "$status" != 124 ] || fail "nightshift $* did not end in $deadline_s s"
}

# What a run is given in every story; more follows.
run_options() { printf '%s\0' --state "$state_at" --api "$api" --speed "$speed"; }

run() {
  local options
  mapfile -d '' options < <(run_options)
  ns run "${options[@]}" "$@"
}

# The same without waiting: sets run_pid.
start_run() {
  local options
  mapfile -d '' options < <(run_options)
  step=$((step + 1))
  out=$scratch/$step.out err=$scratch/$step.err
  "$nightshift" run "${options[@]}" "$@" >"$out" 2>"$err" </dev/null &
  run_pid=$!
  children+=("$run_pid")
}

status_json() { # [BATCH]: into status.json
  local out_before=$out err_before=$err status_before=$status
  ns status --state "$state_at" --json "$@"
  [ "$status" = 0 ] || fail "status ended with $status"
  cp "$out" status.json
  out=$out_before err=$err_before status=$status_before
}

# ---- what must be so ----

expect_status() { [ "$status" = "$1" ] || fail "exit status $1 was expected, not $status"; }
expect_same() { # WHAT EXPECTED FOUND
  [ "$2" = "$3" ] || fail "$1: '$2' was expected, not '$3'"
}
expect_least() { # WHAT LEAST FOUND
  [ "$3" -ge "$2" ] || fail "$1: at least $2 was expected, not $3"
}
expect_most() { # WHAT MOST FOUND
  [ "$3" -le "$2" ] || fail "$1: at most $2 was expected, not $3"
}
expect_in() { # FILE EXTENDED-REGULAR-EXPRESSION
  grep -qE -- "$2" "$1" || fail "${1#"$scratch"/} does not say: $2"
}
expect_not_in() { # FILE EXTENDED-REGULAR-EXPRESSION
  if grep -nE -- "$2" "$1" >&2; then fail "${1#"$scratch"/} says: $2"; fi
}
expect_quiet() { # FILE
  [ ! -s "$1" ] || fail "${1#"$scratch"/} should be empty"
}
expect_file() { [ -f "$1" ] || fail "$1 is not there"; }
expect_no_file() { [ ! -e "$1" ] || fail "$1 is there"; }

# Nothing but looking was done, by the ledger.
expect_nothing_sent() {
  expect_same "uploads" 0 "$(total uploads)"
  expect_same "submissions" 0 "$(total submissions)"
}

# Paid for exactly so many jobs, none of them twice.
expect_paid() { # JOBS
  ledger
  expect_same "tasks paid for twice" 0 "$(jq 'select(.totals) | .totals.duplicates' ledger.json)"
  expect_same "references that came twice" 0 "$(jq 'select(.totals) | .totals.refs_twice' ledger.json)"
  expect_same "requests that the service calls bad" 0 "$(jq 'select(.totals) | .totals.bad_requests' ledger.json)"
  expect_same "jobs paid for" "$1" "$(jq 'select(.totals) | .totals.jobs' ledger.json)"
}

# task.json's result into artifact.bin; the scenario may befall our own calls as well.
fetch_artifact() { # BYTES
  local link tries
  link=$(jq -r '(.task // .).artifacts[0].url' task.json)
  link=${link#http://}
  for tries in 1 2 3 4 5 6; do
    http_get "/${link#*/}" artifact.bin || true
    if [ "$(stat -c %s artifact.bin)" = "$1" ]; then return; fi
  done
}

# Every job of the batch succeeded, and its file has the very bytes that the service made.
expect_whole() { # BATCH JOBS [TOKEN]
  local task output file link rest
  status_json "$1"
  expect_same "jobs that succeeded" "$2" "$(jq '.counts.succeeded' status.json)"
  while IFS=$'\t' read -r task output; do
    expect_file "$output"
    file=$(jq -rn --arg task "$task" '$task | @uri')
    http_get "/v1/runwayml/tasks/$file" task.json "${3:-$USEAPI_TOKEN}"
    expect_same "size of $output" "$(jq -r '(.task // .).artifacts[0].fileSize' task.json)" "$(stat -c %s "$output")"
    fetch_artifact "$(stat -c %s "$output")"
    cmp "$output" artifact.bin || fail "$output is not what the service made"
  done < <(jq -r '.jobs[] | select(.state == "succeeded") | [.task, .output] | @tsv' status.json)
  expect_no_parts
}

expect_no_parts() {
  local parts
  parts=$(find "$scratch" -name '*.part' -o -name '*.new.mp4')
  expect_same "files left over" "" "$parts"
}

# ---- clips, batches, scenarios ----

clips() { # NAME...: some of the demo's clips into clips/
  mkdir -p clips
  local name
  for name; do cp "$source_dir/conf/demo/clips/$name" clips/; done
}

# make_clips COUNT: clips/clip-001.mp4 and on, each with content of its own (a `free` box that players
# pass over), 4 to 12 s long.
make_clips() {
  local sources=(goodbye.mp4 hello.mp4 scene-01.mp4 scene-02.mp4 scene-03.mp4) number file
  mkdir -p clips
  for ((number = 1; number <= $1; number++)); do
    file=$(printf 'clips/clip-%03d.mp4' "$number")
    cp "$source_dir/conf/demo/clips/${sources[number % ${#sources[@]}]}" "$file"
    printf '\x00\x00\x00\x14free%012d' "$number" >>"$file"
  done
}

# Two accounts, quick and gentle; more lines of YAML on standard input.
quick_scenario() { # FILE
  {
    printf '%s\n' 'seed: 7' 'work: {base: 10s, per_second: 1s, start: [1s, 2s]}' \
      'artifacts: {bytes: [20000, 60000], ttl: 48h}' 'accounts:' '  - {email: one@example.com, capacity: 2}' \
      '  - {email: two@example.com, capacity: 2}'
    cat
  } >"$1"
}

# The same with results that take their time: about two of the service's seconds each.
slow_results() { # FILE
  sed -i 's/^artifacts: .*/artifacts: {bytes: [20000, 60000], ttl: 48h, bytes_per_second: 20000}/' "$1"
}
