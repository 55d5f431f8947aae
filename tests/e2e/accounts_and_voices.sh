#!/usr/bin/env bash
# What the token reaches: `accounts` with what is wrong with each, `voices` with a filter, both as tables
# and as JSON. Nothing is paid, no state is made, no secret is shown. When nothing can be asked, one
# sentence says why.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cat >scenario.yaml <<'YAML'
voices: [Maya, Leo, {id: v-twin, name: "A name that is by far too long for any column of a table"}]
accounts:
  - {email: one@example.com, max_jobs: 7, credits: 1234, voices: [Maya, v-twin]}
  - {email: two@example.com, credits: 0, voices: [Maya, Leo]}
  - {email: three@example.com, broken: {from: 0s, until: 9h}}
  - {email: four@example.com, suspended: 0s}
YAML
start_simulator scenario.yaml
ask() { # COMMAND ARGS...
  ns "$1" --state "$scratch/state.db" --api "$api" "${@:2}"
}
field() { jq -r ".accounts[] | select(.email == \"$1@example.com\") | .$2" "$out"; }
voices() { jq -r "[.voices[] | .$1] | join(\" \")" "$out"; }
expect_one_sentence() {
  expect_quiet "$out"
  expect_same "lines said" 1 "$(wc -l <"$err")"
}
expect_narrow() {
  expect_same "lines of more than 80 columns" 0 "$(LC_ALL=C.UTF-8 grep -cE '^.{81}' "$out" || true)"
}

ns help
expect_in "$out" '^ *accounts '
expect_in "$out" '^ *voices '

# ---- accounts ----
ask accounts
expect_status 0
expect_quiet "$err"
expect_narrow
expect_in "$out" '^one@example\.com +ready +7 +1234 +2$'
expect_in "$out" '^two@example\.com +empty .*no credits'
expect_in "$out" '^three@example\.com +broken .*- +-'
expect_in "$out" '596.*sign it in'
expect_in "$out" '^four@example\.com +lost '
expect_in "$out" 'suspended'
ask accounts --json
expect_status 0
expect_same "keys" "credits email max_jobs trouble" "$(jq -r '[.accounts[] | keys[]] | unique | join(" ")' "$out")"
expect_same "accounts" 4 "$(jq '.accounts | length' "$out")"
expect_same "one's" "7 1234 null" "$(field one max_jobs) $(field one credits) $(field one trouble)"
expect_same "two's credits" 0 "$(field two credits)"
expect_same "three's credits" null "$(field three credits)"
for email in two three four; do
  [ "$(field $email trouble)" != null ] || fail "nothing is said of $email"
done

# ---- voices ----
ask voices
expect_status 0
expect_narrow
expect_in "$out" '^Maya +voice-maya$'
expect_in "$out" '^Leo +voice-leo +only on two@example\.com$'
expect_in "$out" '^A name .*… +v-twin +only on one@example\.com$'
expect_in "$err" 'three@example\.com.*596'
ask voices --json
expect_status 0
expect_same "voices by name" "v-twin voice-leo voice-maya" "$(voices id)"
expect_same "where Maya is" "one@example.com two@example.com" \
  "$(jq -r '.voices[] | select(.name == "Maya") | .accounts | join(" ")' "$out")"
ask voices mAy --json
expect_status 0
expect_same "voices by a part of the name" Maya "$(voices name)"
ask voices --json TWIN
expect_status 0
expect_same "voices by a part of the id" v-twin "$(voices id)"
ask voices nobody
expect_status 1
expect_quiet "$out"
expect_in "$err" "no voice has 'nobody'"
ask voices nobody --json
expect_status 1
expect_same "voices" '{"voices":[]}' "$(cat "$out")"
ask voices Maya Leo
expect_status 2

# ---- only the accounts that the config names, and its max_jobs ----
printf 'accounts:\n  - {email: two@example.com}\n  - {email: one@example.com, max_jobs: 3}\n' >config.yaml
ask accounts --json -c config.yaml
expect_status 0
expect_same "accounts" "two@example.com one@example.com" "$(jq -r '[.accounts[].email] | join(" ")' "$out")"
expect_same "max_jobs" 3 "$(field one max_jobs)"

# ---- one of two tokens is refused: what the other reaches, and a word about it ----
cat >two.yaml <<'YAML'
api: {token: "${USEAPI_TOKEN}"}
accounts:
  - {email: one@example.com}
  - {email: five@example.com, token: "user:77-wrong-secret"}
YAML
chmod 600 two.yaml
ask accounts --json -c two.yaml
expect_status 0
expect_same "accounts" one@example.com "$(jq -r '.accounts[].email' "$out")"
expect_in "$err" 'a token is refused'

# ---- who cannot ask ----
for command in accounts voices; do
  USEAPI_TOKEN='' ask $command
  expect_status 2
  expect_one_sentence
  expect_in "$err" USEAPI_TOKEN
  USEAPI_TOKEN=user:1234-wrong ask $command
  expect_status 4
  expect_one_sentence
  expect_in "$err" 'no usable account or token'
done
expect_nothing_sent
stop_simulator
for command in accounts voices; do
  ask $command --json
  expect_status 4
  expect_one_sentence
  expect_in "$err" 'the service could not be asked'
done

# ---- every session is broken: the accounts can be told, their voices cannot ----
printf 'accounts: [{email: one@example.com, broken: {from: 0s, until: 9h}}]\n' >scenario.yaml
start_simulator scenario.yaml
ask accounts
expect_status 0
expect_in "$out" '^one@example\.com +broken'
ask voices
expect_status 4
expect_one_sentence
expect_in "$err" 'one@example\.com.*596'

expect_no_file state.db
expect_same "files with a secret" "" \
  "$(grep -rlE '0kCanary|1234-wrong|77-wrong|CANARY|Bearer ' "$scratch" --include='*.out' --include='*.err' || true)"
