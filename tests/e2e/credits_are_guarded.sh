#!/usr/bin/env bash
# --max-credits, max_credits and keep_credits hold by the service's own books: what a clip costs is learned
# from the first task, nothing leaves that would cross a limit, the run ends with 3 and the next one goes
# on. What a run without guards has spent tells the price as well.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

speed=240
make_clips 6
printf 'batch: money\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
{
  printf '%s\n' 'work: {base: 10s, per_second: 1s, start: [1s, 2s]}' 'artifacts: {bytes: [20000, 60000]}' \
    'credits_per_second: 10' 'accounts:' '  - {email: one@example.com, capacity: 2, credits: 1000}'
} >scenario.yaml
start_simulator scenario.yaml

spent() { # by the ledger, failed tasks apart
  ledger
  jq -s '[.[] | select(.credits != null and .status == "SUCCEEDED") | .credits] | add // 0 | ceil' ledger.json
}

run --max-credits 150 batch.yaml
expect_status 3
expect_in "$err" '"--max-credits is reached'
expect_in "$err" 'event=job.succeeded .* credits=[1-9]'
expect_most "credits spent" 152 "$(spent)"
expect_least "credits spent" 60 "$(spent)"

# The price is known: less than the shortest clip costs lets nothing leave.
submissions=$(total submissions)
run --max-credits 20 batch.yaml
expect_status 3
expect_same "submissions with too little money" "$submissions" "$(total submissions)"
status_json batch.yaml
expect_in status.json 'queued'

# What is to be kept is kept.
before=$(spent)
printf 'accounts: [{email: one@example.com, keep_credits: %s}]\n' $((1000 - before - 100)) >keep.yaml
run --config keep.yaml batch.yaml
case $status in 0 | 3) ;; *) fail "exit status $status" ;; esac
expect_most "credits spent" $((before + 102)) "$(spent)"
run batch.yaml
expect_status 0
expect_whole batch.yaml 6

# Runs without guards tell the price, too.
rm -f state.db* && rm -rf out clips
make_clips 3
sed 's/^batch: .*/batch: more/' batch.yaml >more.yaml
run --limit 2 more.yaml
expect_status 3
submissions=$(total submissions)
run --max-credits 5 more.yaml
expect_status 3
expect_same "submissions with too little money" "$submissions" "$(total submissions)"
