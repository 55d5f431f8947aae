# Carries out many cases, a few at a time, and counts. For the tests here and the long forms.
# Sourced with BUILD_DIR SOURCE_DIR PRELOAD as arguments. Every case has a directory of its own,
# BUILD_DIR/e2e/sweep-NAME-SLOT; what a failed one left is kept in BUILD_DIR/sweep/NAME/failed.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C
build_dir=$1 source_dir=$2 preload=$3
name=$(basename "$0" .sh)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
results=$build_dir/sweep/$name
workers=${SWEEP_WORKERS:-2}
export build_dir source_dir preload name here results
rm -rf "$results"
mkdir -p "$results/failed"

# one_case BATCH ORDER...: adds a line to results.txt.
one_case() {
  local story=sweep-$name-${SLOT:-0} said=$results/said.${SLOT:-0} verdict=ok begun=$SECONDS
  bash -c 'source "$2/tests/sweep/case.sh"' "$story" "$build_dir" "$source_dir" "$preload" "$@" \
    >"$said" 2>&1 || verdict=FAILED
  printf '%s %s: %s\n' "$verdict" "$*" "$(grep -m 1 -E '^(status|sweep-)' "$said" || head -n 1 "$said")" >>"$results/results.txt"
  [ "$verdict" = FAILED ] || return 0
  {
    printf '== %s (%d s)\n' "$*" $((SECONDS - begun))
    cat "$said"
  } >>"$results/failures.txt"
  cp -r "$build_dir/e2e/$story" "$results/failed/$(printf '%s' "$*" | tr -c 'a-zA-Z0-9' -)" || true
}
export -f one_case

# cases: carries out the lines of standard input.
cases() {
  local line
  touch "$results/results.txt"
  # set -f: a `*` of a case means any call, not files
  xargs -r -d '\n' -P "$workers" -n 1 --process-slot-var=SLOT \
    bash -c 'set -f; one_case $1' sweep
}

# table BATCH: writes BATCH.table, what an undisturbed run calls; sets effects and took_ms.
table() {
  local line
  SLOT=0 one_case "$1" count
  line=$(grep " $1 count: " "$results/results.txt" | tail -n 1)
  case $line in ok*) ;; *) finish ;; esac
  tr -d '\0' <"$build_dir/e2e/sweep-$name-0/table" >"$results/$1.table"
  effects=$(sed -n 's/.* \([0-9]*\) effects .*/\1/p' <<<"$line")
  took_ms=$(sed -n 's/.* took_ms \([0-9]*\) .*/\1/p' <<<"$line")
}

count() { grep -cE -- "$1" "$results/results.txt" || true; }

# finish: says what came of it all and ends.
finish() {
  local failed
  failed=$(count '^FAILED')
  [ "$failed" = 0 ] || head -c 20000 "$results/failures.txt" >&2
  printf '%s: %d cases, %d struck, %d failed\n' "$name" "$(count .)" "$(count ' [1-9][0-9]* struck|status 137')" "$failed"
  [ "$failed" = 0 ]
  exit
}
