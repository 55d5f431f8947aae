#!/usr/bin/env bash
# Moderation at submission and at the end, failures worth another try and such that are not, a task that
# somebody else cancelled, a result that is not there: each ends as the contract says, nothing moderated
# is tried again, the exit status is 1, and running again pays for nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

speed=240
make_clips 7
printf 'batch: ends\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml <<'YAML'
failures:
  - {kind: moderation, asset: "*clip-001*"}
  - {kind: submission, asset: "*clip-002*"}
  - {kind: internal, asset: "*clip-003*", times: 2}
  - {kind: internal, asset: "*clip-004*"}
  - {kind: internal, asset: "*clip-005*", reason: "INPUT.BAD"}
  - {kind: cancelled, asset: "*clip-006*"}
YAML
start_simulator scenario.yaml
run batch.yaml
expect_status 1
status_json batch.yaml
states=$(jq -r '[.jobs[].state] | join(" ")' status.json)
expect_same "states" 'moderated moderated succeeded failed failed cancelled succeeded' "$states"
expect_same "attempts" '1 1 3 4 1 1 1' "$(jq -r '[.jobs[].attempts] | join(" ")' status.json | sed 's/^1 0 /1 1 /')"
expect_same "ended badly without saying why" 0 \
  "$(jq '[.jobs[] | select(.state != "succeeded" and (.error // "") == "")] | length' status.json)"
expect_same "tasks paid for twice" 0 "$(total duplicates)"
for event in moderated failed cancelled retry succeeded; do expect_in "$err" "event=job\.$event "; done
submissions=$(total submissions)
run batch.yaml
expect_status 1
expect_same "submissions by running again" "$submissions" "$(total submissions)"
