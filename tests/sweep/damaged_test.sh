#!/usr/bin/env bash
# A state of which a page is zeroes, noise, or another page's content, or whose end is missing: the run
# refuses it before anything is sent, says what to do and leaves every byte of it as it was. EVERY=1:
# every page in every way; else every fifth.
source "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"

every=${EVERY:-5}
speed=600
make_clips 4
printf 'batch: damaged\njobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null

# Half a batch done, half to do.
start_simulator scenario.yaml
run --limit 4 batch.yaml
expect_status 3
cp state.db sound.db
submissions=$(total submissions)
page_size=$(sqlite3 sound.db 'PRAGMA page_size') pages=$(sqlite3 sound.db 'PRAGMA page_count')

copy_page() { # FROM TO
  dd if=sound.db of=state.db bs="$page_size" skip="$1" seek="$2" count=1 conv=notrunc status=none
}

faults() { sqlite3 -readonly "$1" 'PRAGMA integrity_check(1)' 'PRAGMA foreign_key_check' 2>&1 || true; }

damage() { # WAY PAGE
  local onto=(dd of=state.db bs="$page_size" seek="$2" count=1 iflag=fullblock conv=notrunc status=none)
  case $1 in
  zeroes) "${onto[@]}" if=/dev/zero ;;
  noise) { yes 'no page of a state' || true; } 2>/dev/null | "${onto[@]}" ;;
  other) "${onto[@]}" if=sound.db skip=$((($2 + 1) % pages)) ;;
  short) truncate -s $(($2 * page_size)) state.db ;;
  esac
}

expect_refused() { # WHAT
  [ "$status" = 4 ] || fail "with $1 the run ends with $status, not 4"
  expect_in "$err" 'state\.db'
  expect_in "$err" 'put back a copy|name another'
  cmp state.db damaged.db || fail "with $1 the state was written to"
  expect_same "submissions with $1" "$submissions" "$(total submissions)"
}

cases=0 refusals=0
for ((page = 0; page < pages; page++)); do
  for way in zeroes noise other short; do
    cases=$((cases + 1))
    [ $((cases % every)) = 0 ] || continue
    rm -f state.db*
    cp sound.db state.db
    damage "$way" "$page"
    # An empty file is a new state; one small table's page may do as well as another's.
    if [ ! -s state.db ] || [ "$(faults state.db)" = ok ]; then continue; fi
    cp state.db damaged.db
    run batch.yaml
    expect_refused "$way in page $page"
    refusals=$((refusals + 1))
  done
done
expect_least "refusals" $((cases / every / 2)) "$refusals"

# The sound one goes on.
rm -f state.db*
cp sound.db state.db
run batch.yaml
expect_status 0
expect_paid 8
expect_whole batch.yaml 8
printf '%d pages, %d refusals\n' "$pages" "$refusals"
