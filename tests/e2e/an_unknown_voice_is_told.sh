#!/usr/bin/env bash
# A voice that no account has is an error with its place and the nearest name, and one that only one
# account has runs only there. Two voices of one name must be told apart by their ids.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

clips hello.mp4
cat >scenario.yaml <<'YAML'
work: {base: 5s, per_second: 0s}
voices: [Maya, Leo, {id: v-twin-a, name: Twin}, {id: v-twin-b, name: Twin}]
accounts:
  - {email: one@example.com, voices: [Maya, v-twin-a, v-twin-b]}
  - {email: two@example.com, voices: [Leo]}
YAML
start_simulator scenario.yaml
cat >batch.yaml <<'YAML'
jobs:
  - video: clips/hello.mp4
    voice: [Maja, Twin, Leo]
YAML
for command in check run; do
  ns "$command" --state "$scratch/state.db" --api "$api" batch.yaml
  expect_status 2
  expect_in "$err" '^batch\.yaml:3:13: .*Maja.*did you mean .?Maya'
  expect_in "$err" '^batch\.yaml:3:19: .*Twin.*v-twin-a'
  expect_not_in "$err" '^batch\.yaml:3:25'
done
expect_nothing_sent

sed -i 's/\[.*\]/[voice-maya, v-twin-b, Leo]/' batch.yaml
run batch.yaml
expect_status 0
expect_paid 3
status_json batch.yaml
expect_same "account of the voice that only one has" two@example.com \
  "$(jq -r '.jobs[] | select(.id | endswith("Leo")) | .account' status.json)"
expect_same "voices that were sent" "v-twin-b voice-leo voice-maya" \
  "$(jq -r 'select(.origin == "ordered") | .voice' ledger.json | sort | tr '\n' ' ' | sed 's/ $//')"
