#!/usr/bin/env bash
# No token, password, JWT or signed link in anything that the program writes or shows: output, log of
# every format, log file, state, half results, and its own arguments and environment while it runs.
# Also when things go wrong. What it writes is for its owner only.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

canary=${suite_token#*-}
make_clips 5
printf 'batch: secrets\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml <<YAML
token: "$USEAPI_TOKEN"
faults:
  - {call: artifact, kind: cut, nth: [1, 2]}
  - {call: artifact, kind: 5xx_before, nth: 4, body: html}
  - {call: submit, kind: lost_after, nth: 2}
  - {call: list-tasks, kind: cut, nth: 3}
  - {call: accounts, kind: cut, nth: 1}
failures: [{kind: internal, nth: 2}]
YAML
slow_results scenario.yaml
umask 022
secrets="$canary|CANARY|Bearer |[?&](token|expires|Signature|sig|jwt)="

look_inside() { # the process while it runs
  local file pid
  for pid in "$run_pid" $(cat "/proc/$run_pid/task/$run_pid/children" 2>/dev/null); do
    for file in cmdline environ; do
      if { tr '\0' '\n' <"/proc/$pid/$file" | grep -qE "$canary"; } 2>/dev/null; then
        fail "the token stands in the running program's $file"
      fi
    done
  done
}

for format in logfmt json pretty; do
  rm -rf out state.db*
  start_simulator scenario.yaml
  start_run -v --log-format "$format" --log-file "$format.log" batch.yaml
  wait_until grep -q run.started "$err"
  expect_in "/proc/$run_pid/status" '^Umask:[[:space:]]0077$'
  expect_same "mode of the socket" 600 "$(stat -c %a state.db.sock)"
  while ! is_gone "$run_pid"; do
    look_inside
    sleep 0.1
  done
  await "$run_pid"
  expect_status 0
  expect_same "mode of the log file" 600 "$(stat -c %a "$format.log")"
  expect_same "mode of the state" 600 "$(stat -c %a state.db)"
  expect_same "modes beside the state" 600 "$(stat -c %a state.db-journal state.db.lock 2>/dev/null | sort -u)"
  expect_same "modes of results, by the umask" '644 755' "$(stat -c %a out/*.mp4 out | sort -u | paste -sd ' ')"
  cp state.db "kept.$format.db"
  if [ "$format" != pretty ]; then stop_simulator; fi
done
status_json batch.yaml
ns status --state "$scratch/state.db" -v batch.yaml
ns history --state "$scratch/state.db" batch.yaml '*'
expect_status 0
ns check --state "$scratch/state.db" --api "$api" batch.yaml
expect_status 0
ns report --state "$scratch/state.db" batch.yaml -o report.html
expect_status 0
expect_same "mode of the report" 600 "$(stat -c %a report.html)"
# A token where a mistake is quoted.
printf 'api:\n  token: user:1234-%s\n  tokn: user:1234-%s\n' $canary $canary >config.yaml
ns check -c config.yaml --state "$scratch/other.db" batch.yaml
expect_status 2

found=$(grep -rlaE "$secrets" "$scratch" --exclude='sim.*' --exclude=scenario.yaml --exclude=config.yaml \
  --exclude=ledger.json || true)
expect_same "files with a secret" "" "$found"
