#!/usr/bin/env bash
# --speed is refused where the API is not on this machine: before anything is asked there.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

clips hello.mp4
printf 'jobs: [{video: clips/hello.mp4, voice: Maya}]\n' >batch.yaml
for url in https://api.useapi.net/v1/runwayml http://192.0.2.1/v1 http://127.0.0.1.example.com/v1 \
  https://127.0.0.1@example.com/v1 http://localhost.example.com/v1; do
  ns run --state "$scratch/state.db" --api "$url" --speed 60 batch.yaml
  expect_status 2
  expect_quiet "$out"
  [ -s "$err" ] || fail "nothing is said of $url"
done
expect_no_file state.db
for speed in 0 -1 abc 1e9; do
  ns run --state "$scratch/state.db" --api http://127.0.0.1:1/v1 --speed "$speed" batch.yaml
  expect_status 2
done
