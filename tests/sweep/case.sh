# One case: a canonical batch, one run that suffers, then runs that do not until it is done; and what
# must be so in the end. `bash -c 'source case.sh' NAME BUILD_DIR SOURCE_DIR PRELOAD BATCH ORDER...`
# BATCH is plain, doubt or downloads. ORDER is one of
#   count                    nothing is done to it; the table of its calls is left in NAME's directory
#   kill N before|half|after at its N-th visible effect
#   stop MS                  kill -9 after so many milliseconds
#   fail WHAT WHERETO WHEREFROM N ERROR TIMES|on
# Says in one line what came of it.
# shellcheck shell=bash
source "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"

preload=$3 batch=$4 order=$5
shift 5
speed=${SWEEP_SPEED:-600} deadline_s=${SWEEP_DEADLINE_S:-60}
options=detect_leaks=${SWEEP_LEAKS:-1}:exitcode=99:verify_asan_link_order=0
jobs=4

# ---- the three batches ----

make_clips 2
printf 'batch: sweep\njobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]\n' >batch.yaml
case $batch in
plain)
  quick_scenario scenario.yaml </dev/null
  ;;
doubt) # replies lost after the task was made, refusals of both kinds
  quick_scenario scenario.yaml <<'YAML'
listing_lag: 2s
faults:
  - {call: submit, kind: 429_queue, nth: 1}
  - {call: submit, kind: lost_after, nth: 2}
  - {call: submit, kind: 429_runway, nth: 4}
  - {call: submit, kind: 5xx_after, nth: 5}
YAML
  ;;
downloads) # cut and resumed
  quick_scenario scenario.yaml <<'YAML'
faults:
  - {call: artifact, kind: cut, nth: [1, 3, 4], cut_at: 60%}
  - {call: artifact, kind: lost_after, nth: 2}
YAML
  slow_results scenario.yaml
  ;;
*) fail "no batch is called $batch" ;;
esac

# ---- the run that suffers ----

case $order in
count | stop) ;;
kill) export SWEEP_KILL="$*" ;;
fail) export SWEEP_FAIL="$*" ;;
*) fail "no order is called $order" ;;
esac

# A fault that lasts is waited out, as it should be: that run is asked to stop.
patience_s=$deadline_s
case $order:${*: -1} in fail:on) patience_s=6 ;; esac

suffer() {
  local limit=(timeout --preserve-status -k 20 "$patience_s") begun
  [ "$order" != stop ] || limit=(timeout -s KILL "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))")
  out=$scratch/suffering.out err=$scratch/suffering.err status=0
  begun=$(now_ms)
  { # bash tells of a kill
    SWEEP_TABLE=$scratch/table LD_PRELOAD=$preload ASAN_OPTIONS=$options \
      "${limit[@]}" "$nightshift" run --state "$scratch/state.db" --api "$api" --speed "$speed" batch.yaml \
      >"$out" 2>"$err" </dev/null || status=$?
  } 2>/dev/null
  took_ms=$(($(now_ms) - begun))
}

# What may come of a fault: an end of the contract's, told in words. A kill may come too late.
judge_suffering() {
  if [ "$order" = fail ] && [ "$took_ms" -ge $((patience_s * 1000)) ] && [ "${*: -1}" != on ]; then
    fail "the run hangs"
  fi
  case $order:$status in
  count:0 | kill:0 | kill:137 | stop:0 | stop:137 | fail:0) ;;
  fail:1 | fail:2 | fail:3 | fail:4) expect_in "$err" '^nightshift: |^batch.yaml:.* |level=(warn|error) ' ;;
  fail:70) expect_in "$err" '^nightshift: |^nightshift .*: no memory left ' ;;
  fail:137) fail "the run does not stop when it is asked to" ;;
  *) fail "the run ended with $status" ;;
  esac
}

# A fault may take away a job's end with a reason that a person reads; what was paid for is fetched
# when it is asked for.
take_up() {
  [ "$status" = 1 ] || return 0
  local left
  status_json batch.yaml
  left=$(jq -r '.jobs[] | select(.state != "succeeded") | .state' status.json | sort -u | tr '\n' ' ')
  [ -n "$left" ] || return 0
  [ "$order" = fail ] || fail "a kill left jobs $left"
  ns retry --state "$scratch/state.db" batch.yaml '*'
  expect_status 0
}

start_simulator scenario.yaml
[ -z "${SWEEP_BEFORE:-}" ] || "$SWEEP_BEFORE"
suffer "$@"
suffered=$status
judge_suffering "$@"
[ -e table ] || : >table # killed before it began
totals=$(tr -d '\0' <table | sed -n '1s/^= *//p' | tr -s ' ')
case $totals in *' 0 retried'* | '') ;; *) fail "an fsync that failed was tried again: $totals" ;; esac
sha256sum out/*.mp4 >whole.sum 2>/dev/null || true

# ---- those that do not ----

runs=0
until [ "$status" = 0 ]; do
  runs=$((runs + 1))
  [ "$runs" -le 3 ] || fail "it does not get done"
  run batch.yaml
  case $status in 0 | 1 | 3) ;; *) fail "a run without faults ends with $status" ;; esac
  if [ "$status" = 1 ]; then take_up; status=1; fi
done
expect_paid "$jobs"
expect_whole batch.yaml "$jobs"
# What had its final name when the run ended is still the same.
[ ! -s whole.sum ] || sha256sum --quiet -c whole.sum || fail "a result was not whole under its final name"
expect_same "check of the state" ok "$(sqlite3 state.db 'PRAGMA integrity_check')"
stop_simulator
printf 'status %s runs %s took_ms %s %s\n' "$suffered" "$runs" "$took_ms" "$totals"
