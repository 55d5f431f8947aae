#!/usr/bin/env bash
# kill -9 in the middle, six times over one batch, at moments that the service's ledger tells, on a
# line that loses replies. Each start goes on from what is written down. In the end all is there, once,
# whole, and the state is sound. Once with references in the service's lists, once without.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 6
cat >batch.yaml <<'YAML'
batch: killed
jobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]
YAML

look_for_half_files() {
  local file
  for file in out/*.mp4; do
    [ -e "$file" ] || continue
    [ "$(stat -c %s "$file")" -ge 20000 ] || fail "$file is half a file after a kill"
  done
}

for refs in true false; do
  quick_scenario scenario.yaml <<YAML
replies: {list_refs: $refs}
listing_lag: 2s
latency: {any: [80ms, 250ms], submit: [1s, 4s], upload: [1s, 3s]}
faults: [{call: submit, kind: lost_after, nth: 4}]
YAML
  slow_results scenario.yaml
  rm -rf out state.db*
  start_simulator scenario.yaml
  for moment in '1 requests' '1 uploads' '1 submissions' '4 accepted' '1 downloads' '8 submissions' '6 downloads'; do
    start_run batch.yaml
    # shellcheck disable=SC2086 # a count and a name
    wait_until at_least $moment
    kill -KILL "$run_pid"
    await "$run_pid"
    expect_same "way the run went" 137 "$status"
    look_for_half_files
  done
  run batch.yaml
  expect_status 0
  expect_paid 12
  expect_whole batch.yaml 12
  expect_same "check of the state" ok "$(sqlite3 state.db 'PRAGMA integrity_check')"
  expect_same "rows of the state that point nowhere" "" "$(sqlite3 state.db 'PRAGMA foreign_key_check')"
  stop_simulator
done
