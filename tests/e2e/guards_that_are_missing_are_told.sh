#!/usr/bin/env bash
# What the config says and this version does not do is told, by check and by run; guards are kept.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 1
printf 'batch: guarded\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
printf 'accounts:\n  - email: one@example.com\n    max_credits: 100\nlisten: 127.0.0.1:9090\n' >guarded.yaml
ns check --config guarded.yaml --state "$scratch/state.db" --api "$api" batch.yaml
expect_status 0
expect_in "$err" 'warning: `listen` is not heeded'
run --config guarded.yaml batch.yaml
expect_status 0
expect_in "$err" 'listen. is not heeded'
expect_not_in "$err" 'credits. is not heeded'
