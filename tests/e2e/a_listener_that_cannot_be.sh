#!/usr/bin/env bash
# What is wrong about --listen and --public-url is told before anything is sent.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 1
printf 'batch: deaf\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
address=${api#http://} address=${address%%/*} # taken
run --public-url http://127.0.0.1:1 batch.yaml
expect_status 2
expect_in "$err" 'give .listen. too'
run --listen 127.0.0.1 batch.yaml
expect_status 2
expect_in "$err" '--listen: ADDR:PORT'
run --listen 127.0.0.1:0 --public-url ftp://me.example batch.yaml
expect_status 2
expect_in "$err" '--public-url: an http:// or https:// address'
run --listen "$address" batch.yaml
expect_status 4
expect_in "$err" "cannot listen on $address"
expect_nothing_sent

printf 'listen: "127.0.0.1:0"\npublic_url: "http://127.0.0.1:1/ns/"\n' >nightshift.yaml
run --config nightshift.yaml batch.yaml # nobody reaches that address: the run needs no callbacks
expect_status 0
expect_paid 1
expect_in "$err" 'event=run.listening .*address=127.0.0.1:[1-9]'
