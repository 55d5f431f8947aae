#!/usr/bin/env bash
# help, --version, options before and after the command, mistakes of usage, and where config and state
# are looked for: as people who use curl and git expect.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ns --version
expect_status 0
expect_in "$out" '^nightshift [0-9]+\.[0-9]+\.[0-9]+$'
expect_quiet "$err"
for call in help --help -h 'help run' 'run --help' 'status -h' 'help simulate' 'simulate --help'; do
  # shellcheck disable=SC2086 # words
  ns $call
  expect_status 0
  expect_quiet "$err"
  expect_in "$out" 'nightshift|usage'
done
for command in run check status history simulate help; do
  ns help
  expect_in "$out" "^ *(nightshift )?$command"
done
for call in '' nothing 'help nothing' 'run' 'check' 'history x.yaml' 'run --limit' 'run --limit 0 b.yaml' 'run --limit -1 b.yaml' \
  'run --limit x b.yaml' 'status --speed 60' '--log-format xml status' '--color maybe status' 'status a.yaml b.yaml' \
  'simulate --speed 0' 'simulate --nothing'; do
  # shellcheck disable=SC2086 # words
  ns $call
  expect_status 2
  expect_quiet "$out"
  [ -s "$err" ] || fail "nothing is said of: nightshift $call"
done

# The config: ./nightshift.yaml before the one below XDG_CONFIG_HOME; the state below XDG_STATE_HOME.
clips hello.mp4
printf 'batch: found\njobs: [{video: clips/hello.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
mkdir -p "$XDG_CONFIG_HOME/nightshift"
printf 'api: {url: "%s", token: "%s"}\n' "$api" "$USEAPI_TOKEN" >"$XDG_CONFIG_HOME/nightshift/config.yaml"
unset USEAPI_TOKEN
ns check batch.yaml
expect_status 0
expect_in "$out" '^one@example\.com '
printf 'api: {tokn: x}\n' >nightshift.yaml
ns check batch.yaml
expect_status 2
expect_in "$err" '^(\./)?nightshift\.yaml:1:7: '
printf 'state: kept/my.db\napi: {url: "%s", token: "%s"}\n' "$api" "$suite_token" >nightshift.yaml
ns -q --color=never run --speed=60 --limit=1 batch.yaml
expect_status 0
expect_file kept/my.db
rm nightshift.yaml
ns --log-format=json run --speed 60 -- batch.yaml
# This state knows nothing of the job, but its result is there.
expect_status 1
expect_file "$XDG_STATE_HOME/nightshift/state.db"
expect_same "mode of the state's directory" 700 "$(stat -c %a "$XDG_STATE_HOME/nightshift")"
expect_no_file state.db
