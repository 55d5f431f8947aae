#!/usr/bin/env bash
# rehearse says when a night will end before it begins, by what is known of the accounts; the run then
# keeps to it: at most a quarter sooner, and half as much later, for this machine's own time counts too.
# It sends nothing that costs and writes nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
speed=15 # a busy machine must not count

# Without a token, a network or a state: still an answer, and what it assumed.
make_clips 8
printf 'batch: first\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >first.yaml
api=http://127.0.0.1:9/v1/runwayml
USEAPI_TOKEN='' ns rehearse --state "$scratch/state.db" first.yaml
expect_status 0
expect_in "$out" '^8 jobs to do$'
expect_in "$out" 'there is one account'
expect_no_file "$scratch/state.db"

# Mistakes are told as check tells them.
printf 'jobs: [{video: nowhere.mp4, voice: Maya}]\n' >wrong.yaml
ns rehearse --state "$scratch/state.db" --api "$api" wrong.yaml
expect_status 2
expect_in "$err" 'wrong.yaml:1:'
ns rehearse
expect_status 2

# A first night teaches how fast the accounts are and how much they take.
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
run first.yaml
expect_status 0
before=$(sha256sum state.db)

make_clips 20
printf 'batch: second\ndefaults: {output: "second/{id}.mp4"}\njobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]\n' >second.yaml
ns rehearse --state "$scratch/state.db" --api "$api" --speed "$speed" --json second.yaml
expect_status 0
expect_quiet "$err"
cp "$out" rehearsed.json
expect_same "the state" "$before" "$(sha256sum state.db)"
expect_same "tasks" 8 "$(total accepted)"
expect_same "jobs to do" 40 "$(jq .jobs.to_do rehearsed.json)"
expect_same "jobs that will succeed" 40 "$(jq .expected.succeeded rehearsed.json)"
expect_same "accounts" 2 "$(jq '.accounts | length' rehearsed.json)"
seconds='sub("\\.[0-9]+Z$"; "Z") | fromdate'
expected=$(jq "(.end | $seconds) - (.start | $seconds)" rehearsed.json)
expect_most "the early end" "$expected" "$(jq "(.end_early | $seconds) - (.start | $seconds)" rehearsed.json)"
expect_least "the late end" "$expected" "$(jq "(.end_late | $seconds) - (.start | $seconds)" rehearsed.json)"

# check tells the end too, as one night has it.
ns check --state "$scratch/state.db" --api "$api" second.yaml
expect_status 0
expect_in "$out" '^ends about [0-9]{2}:[0-9]{2} \(in [0-9]+m [0-9]{2}s\)$'

run --log-format json second.yaml
expect_status 0
took=$(jq -rs "(map(select(.event == \"run.finished\"))[0].ts | $seconds) - (map(select(.event == \"run.started\"))[0].ts | $seconds)" "$err")
expect_least "seconds that the run took (rehearsed: $expected)" $((expected * 3 / 4)) "$took"
expect_most "seconds that the run took (rehearsed: $expected)" $((expected * 3 / 2)) "$took"

# What is done is not done again.
ns rehearse --state "$scratch/state.db" --api "$api" --speed "$speed" second.yaml
expect_status 0
expect_in "$out" '^0 jobs to do, 40 ended already$'
