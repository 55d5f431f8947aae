#!/usr/bin/env bash
# Without any config file, USEAPI_TOKEN is enough: all accounts of it are used. Without a token nothing
# runs (2), a wrong one cannot go on (4), a token file that others can read is refused (2), and two
# tokens reach the accounts of both.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 6
printf 'batch: tokens\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
cat >scenario.yaml <<'YAML'
work: {base: 10s, per_second: 1s, start: [1s, 2s]}
accounts:
  - {email: one@example.com, capacity: 1}
  - {email: two@example.com, capacity: 1}
  - {email: three@example.com, capacity: 1, token: "user:99-second-secret-0kCanary"}
YAML
start_simulator scenario.yaml
accounts_used() { jq -r 'select(.origin == "ordered") | .account' ledger.json | sort -u | tr '\n' ' '; }

run batch.yaml
expect_status 0
expect_paid 6
expect_same "accounts" "one@example.com two@example.com " "$(accounts_used)"

# No token.
token=$USEAPI_TOKEN
unset USEAPI_TOKEN
ns run --state "$scratch/none.db" --api "$api" batch.yaml
expect_status 2
expect_in "$err" USEAPI_TOKEN
ns check --state "$scratch/none.db" --api "$api" batch.yaml
expect_status 0
expect_in "$out" 'not checked'

# A wrong one.
requests=$(USEAPI_TOKEN=x total submissions)
USEAPI_TOKEN=user:1234-wrong ns run --state "$scratch/wrong.db" --api "$api" batch.yaml
expect_status 4
expect_not_in "$err" 'user:1234-wrong'
export USEAPI_TOKEN=$token
expect_same "submissions" "$requests" "$(total submissions)"

# A token file: refused as long as others can read it.
unset USEAPI_TOKEN
printf '%s\n' "$token" >token.txt
chmod 644 token.txt
printf 'api:\n  token_file: token.txt\n' >config.yaml
ns run -c config.yaml --state "$scratch/file.db" --api "$api" batch.yaml
expect_status 2
expect_in "$err" '^config\.yaml:2:15: .*(600|others)'
expect_not_in "$err" "$token"
chmod 600 token.txt
rm -rf out
stop_simulator
start_simulator scenario.yaml
ns run -c config.yaml --state "$scratch/file.db" --api "$api" --speed 60 batch.yaml
expect_status 0
export USEAPI_TOKEN=$token

# Two tokens.
cat >config.yaml <<'YAML'
api:
  token: ${USEAPI_TOKEN}
accounts:
  - email: one@example.com
  - email: three@example.com
    token: ${SECOND_TOKEN}
YAML
rm -rf out
ns run -c config.yaml --state "$scratch/two.db" --api "$api" --speed 60 batch.yaml
expect_status 2
expect_in "$err" '^config\.yaml:6:12: .*SECOND_TOKEN'
stop_simulator
start_simulator scenario.yaml
export SECOND_TOKEN=user:99-second-secret-0kCanary
ns run -c config.yaml --state "$scratch/two.db" --api "$api" --speed 60 batch.yaml
expect_status 0
expect_paid 6
expect_same "accounts" "one@example.com three@example.com " "$(accounts_used)"
