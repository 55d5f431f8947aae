#!/usr/bin/env bash
# A connection kept alive dies under a submission: libcurl would open another and send it again by
# itself. It must not: each job is paid for once.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 6
printf 'batch: once\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml <<'YAML'
faults: [{call: submit, kind: close_keepalive, times: 4}]
YAML
start_simulator scenario.yaml
run batch.yaml
expect_status 0
expect_least "submissions that lost their connection" 1 "$(total faults)"
expect_paid 6
expect_same "references submitted more than once" 0 \
  "$(jq -r 'select(.call == "submit" and .status == 200) | .ref' ledger.json | sort | uniq -d | wc -l)"
expect_whole batch.yaml 6
