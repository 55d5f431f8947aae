#!/usr/bin/env bash
# A batch and a config full of mistakes: all of them told in one go on standard error as
# FILE:LINE:COLUMN with the line, a caret and the nearest key; exit status 2, and nothing was sent.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

clips hello.mp4 goodbye.mp4
cat >batch.yaml <<'YAML'
batch: bad
defaults:
  vioce: Maya
  output: ../{video}.mp4
jobs:
  - clips/hello.mp4
  - video: clips/missing.mp4
    voice: Maya
  - video: clips/none-*.mp4
    voice: Maya
  - video: clips/goodbye.mp4
    voice: Maya
    priorty: 3
    output: out/a.mp4
  - video: clips/hello.mp4
    voice: Leo
    priority: high
    output: /tmp/absolute.mp4
  - video: clips/hello.mp4
    voice: Ivy
    id: twin
    output: out/a.mp4
  - video: clips/goodbye.mp4
    voice: Ivy
    id: twin
    output: out/{vidoe}.mp4
    explore: perhaps
YAML
cat >config.yaml <<'YAML'
api:
  tokn: nothing
scheduling:
  retry_wait: [30s, 10s]
  poll: soon
accounts:
  - email: one@example.com
    max_jobs: 11
YAML
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml

check_batch_mistakes() {
  expect_status 2
  expect_quiet "$out"
  local place
  for place in 3:3 4:11 6:5 7:12 9:12 13:5 17:15 18:13 22:13 23:12 26:13 27:14; do
    expect_in "$err" "^batch\.yaml:$place: "
  done
  expect_in "$err" '^batch\.yaml:3:3: .*`?voice'
  expect_in "$err" '^batch\.yaml:13:5: .*priority'
  expect_in "$err" '^batch\.yaml:26:13: .*video'
  expect_in "$err" '^ *(3 \| )?  vioce: Maya$'
  expect_least "carets" 12 "$(grep -cE '^[ |0-9]*\^' "$err")"
}

for command in check run; do
  ns "$command" --state "$scratch/state.db" --api "$api" batch.yaml
  check_batch_mistakes
  ns "$command" -c config.yaml --state "$scratch/state.db" --api "$api" batch.yaml
  check_batch_mistakes
  for place in 2:3 4: 5: 8:; do expect_in "$err" "^config\.yaml:$place"; done
  expect_in "$err" '^config\.yaml:2:3: .*token'
done
expect_nothing_sent
expect_same "requests" 0 "$(grep -c '"call":"submit"' ledger.json || true)"

# Two files with the same mistake each tell their own; usage mistakes are 2 as well.
ns run --state "$scratch/state.db" --api "$api" nothing-here.yaml
expect_status 2
expect_in "$err" 'nothing-here\.yaml'
ns run --state "$scratch/state.db"
expect_status 2
ns run --no-such-option batch.yaml
expect_status 2
ns rnu batch.yaml
expect_status 2
expect_in "$err" 'rnu'
expect_nothing_sent
