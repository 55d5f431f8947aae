#!/usr/bin/env bash
# status, while a run is at work and after: the JSON has the contract's keys and no others, in every
# phase, and the table tells the same. Asked before there is a state, or for no batch of its own, it
# says so.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 4
cat >batch.yaml <<'YAML'
batch: looked-at
jobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]
YAML
quick_scenario scenario.yaml <<'YAML'
faults: [{call: submit, kind: lost_after, nth: 3}]
failures: [{kind: moderation, nth: 4, at: 40%}]
YAML
start_simulator scenario.yaml

# Before there is a state: nothing was run, and all of a batch waits.
ns status --state "$scratch/state.db"
expect_status 0
expect_quiet "$out"
[ -s "$err" ] || fail "status says nothing of a state that is not there"
ns status --state "$scratch/state.db" --json
expect_status 0
expect_same "the list of batches" '{"batches":[]}' "$(cat "$out")"
ns status --state "$scratch/state.db" nothing.yaml
expect_status 1
expect_quiet "$out"

check_form() { # status.json
  jq -e '
    def iso: . == null or test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$");
    def text: . == null or type == "string";
    keys == ["accounts", "batch", "counts", "eta", "jobs", "phase"]
    and .batch == "looked-at" and (.phase | IN("idle", "running", "finished")) and (.eta | iso)
    and (.counts | keys - ["queued", "uploading", "submitting", "running", "downloading", "succeeded",
                           "failed", "moderated", "cancelled", "unsure", "held"] == [])
    and ([.counts[]] | all(type == "number") and add == 8)
    and (.accounts | all(keys == ["capacity", "credits", "email", "running", "state", "until"]
         and (.state | IN("ready", "cooling", "empty", "broken", "paused", "lost")) and (.until | iso)
         and (.running | type == "number")))
    and (.jobs | length == 8) and (.jobs | all(
         keys == ["account", "attempts", "error", "id", "output", "state", "task", "why"]
         and (.attempts | type == "number") and (.account | text) and (.task | text)
         and (.error | text) and (.why | text) and (.output | type == "string")))
    and (.counts as $counts | [.jobs[].state] | group_by(.) | all($counts[.[0]] == length))
    ' status.json >/dev/null || fail "the status is not as the contract says: $(cat status.json)"
}

check_unbegun() {
  status_json batch.yaml
  check_form
  expect_same "phase" idle "$(jq -r .phase status.json)"
  expect_same "all wait" true "$(jq '.counts.queued == 8 and (.jobs | all(.state == "queued" and .why != null and .attempts == 0))' status.json)"
}
check_unbegun
expect_no_file state.db
printf 'jobs: [{video: clips/nowhere.mp4, voice: Maya}]\n' >wrong.yaml
ns status --state "$scratch/state.db" wrong.yaml
expect_status 2
expect_in "$err" 'wrong.yaml:1:'

start_run batch.yaml
run_err=$err
phases=''
while ! is_gone "$run_pid"; do
  if [ -e state.db ] && grep -q event=run.started "$run_err"; then
    status_json batch.yaml
    check_form
    phases+=" $(jq -r .phase status.json)"
    jq -e 'if .phase == "running" then .jobs | all(if .state | IN("succeeded", "moderated") then true else .why != null end)
           else true end' status.json >/dev/null || fail "a waiting job does not say why: $(cat status.json)"
  fi
  sleep 0.05
done
await "$run_pid"
expect_status 1
case $phases in *running*) ;; *) fail "no status was taken while the run was at work:$phases" ;; esac

status_json batch.yaml
check_form
expect_same "phase" finished "$(jq -r .phase status.json)"
expect_same "succeeded and moderated" 7,1 "$(jq -r '"\(.counts.succeeded),\(.counts.moderated)"' status.json)"
expect_same "whether the moderated one says why" true \
  "$(jq '.jobs[] | select(.state == "moderated") | (.error | length > 0)' status.json)"

ns status --state "$scratch/state.db" --json
expect_status 0
jq -e 'keys == ["batches"] and (.batches | length == 1) and (.batches[0] | has("jobs") | not)
       and .batches[0].batch == "looked-at"' "$out" >/dev/null || fail "the list of batches: $(cat "$out")"

ns status --state "$scratch/state.db" batch.yaml
expect_status 0
expect_quiet "$err"
expect_in "$out" 'looked-at'
expect_in "$out" '7 succeeded'
expect_in "$out" '1 moderated'
expect_in "$out" 'one@example\.com'

# A file whose batch was not run, beside one that was.
sed 's/looked-at/other/' batch.yaml >other.yaml
status_json other.yaml
expect_same "another batch" other,idle,8,2 "$(jq -r '"\(.batch),\(.phase),\(.counts.queued),\(.accounts | length)"' status.json)"

ns status --state "$scratch/state.db" other-batch
expect_status 1
expect_quiet "$out"
