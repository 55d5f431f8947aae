#!/usr/bin/env bash
# Results over a bad line: downloads are cut, reset, answered with errors and pages of HTML, links
# expire while they are waited for. They are resumed or begun again and end whole, byte for byte, and
# nothing is left beside them.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 5
printf 'batch: whole\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml <<'YAML'
faults:
  - {call: artifact, kind: cut, nth: [1, 2, 3], cut_at: 0.7}
  - {call: artifact, kind: lost_after, nth: 5}
  - {call: artifact, kind: 5xx_before, nth: 6}
  - {call: artifact, kind: html, nth: 8, status: 200}
  - {call: get-task, kind: cut, nth: 1}
YAML
start_simulator scenario.yaml
run batch.yaml
expect_status 0
expect_paid 5
expect_whole batch.yaml 5
expect_least "downloads that were resumed" 1 "$(jq -r 'select(.call == "artifact") | .status' ledger.json | grep -c 206 || true)"
stop_simulator

# Links that last hardly longer than it takes to begin.
rm -rf out state.db*
quick_scenario scenario.yaml <<'YAML'
faults: [{call: artifact, kind: cut, rate: 40%}]
YAML
sed -i 's/^artifacts: .*/artifacts: {bytes: [60000, 90000], ttl: 4s, bytes_per_second: 30000}/' scenario.yaml
start_simulator scenario.yaml
run batch.yaml
expect_status 0
expect_paid 5
expect_least "links that had expired" 0 "$(jq -r 'select(.call == "artifact") | .status' ledger.json | grep -c 403 || true)"
status_json batch.yaml
expect_same "jobs that succeeded" 5 "$(jq .counts.succeeded status.json)"
expect_no_parts
for file in out/*.mp4; do expect_least "bytes of $file" 60000 "$(stat -c %s "$file")"; done
