#!/usr/bin/env bash
# report --remaining: a batch of what is left, grouped by why, which check accepts and which goes on with
# the very same jobs: nothing is paid twice, whatever the batch is called and wherever the file lies; and
# the old file still knows all of them afterwards.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 5
quick_scenario scenario.yaml <<'YAML'
failures: [{kind: moderation, nth: 2, at: 40%}]
YAML
start_simulator scenario.yaml
report() { ns report --state "$scratch/state.db" "$@"; }
# One submission for each job, whichever file it was run from; one of them is moderated and costs nothing.
expect_submitted() { # JOBS
  expect_paid $(($1 - 1))
  expect_same "submissions" "$1" "$(jq 'select(.totals) | .totals.submissions' ledger.json)"
}
ids() { jq -r '.jobs[].id' status.json | sort; }

cat >named.yaml <<'YAML'
batch: "spring: \"quoted\""
defaults: {voice: Maya}
jobs:
  - video: clips/clip-00[123].mp4
    output: out/{video}.mp4
    reference: "take \\ 3"
    priority: 2
    reply_url: https://example.com/hook
  - {video: clips/clip-004.mp4, id: mine, priority: -1}
  - {video: clips/clip-005.mp4, voice: voice-leo, account: two@example.com}
YAML
cp named.yaml unnamed.yaml
sed -i '/^batch:/d; s|out/|alone/|; s/jobs:/  output: alone\/{id}.mp4\njobs:/; s/defaults: {voice: Maya}/defaults:\n  voice: Maya/' unnamed.yaml

ns report --state "$scratch/state.db" --remaining -o - named.yaml
expect_status 1
ns report --state "$scratch/state.db" --remaining named.yaml
expect_status 2
for batch in named unnamed; do
  for place in . elsewhere; do
    rm -rf "$scratch"/state.db* out alone elsewhere rest.yaml
    stop_simulator
    start_simulator scenario.yaml
    mkdir -p elsewhere
    rest=$place/rest.yaml allow=''
    if [ "$place" != . ]; then allow=--allow-absolute-output; fi
    run --limit 2 "$batch.yaml"
    expect_status 3
    report --remaining -o "$rest" "$batch.yaml"
    expect_status 0
    if [ "$place" = . ]; then expect_quiet "$err"; else expect_in "$err" '--allow-absolute-output'; fi
    expect_in "$rest" '^  # 1 moderated: '
    expect_in "$rest" '^  # change the clip; '
    expect_in "$rest" '^  # 3 not started$'
    ns check --state "$scratch/state.db" --api "$api" $allow "$rest"
    expect_status 0
    expect_not_in "$err" 'error|warning'
    status_json "$batch.yaml"
    ids >before
    ns pause --state "$scratch/state.db" "$batch.yaml" mine

    # What is paused stays paused under the other file, too.
    run $allow "$rest"
    expect_status 3
    expect_submitted 4
    expect_not_in "$err" 'goes on with the job known as'
    status_json "$rest"
    expect_same "jobs of the rest" "1 moderated, 1 queued, 2 succeeded" \
      "$(jq -r '[.jobs | group_by(.state)[] | "\(length) \(.[0].state)"] | join(", ")' status.json)"
    comm -13 before <(ids) >other
    expect_quiet "$scratch/other"
    expect_same "attempts of the rest" "1 1 1 0" "$(jq -r '[.jobs | sort_by(.id)[].attempts | tostring] | join(" ")' status.json)"
    report --remaining -o - "$rest"
    expect_in "$out" '^  # 1 paused by a person'
    ns resume --state "$scratch/state.db" "$rest" mine
    run $allow "$rest"
    expect_status 1
    expect_submitted 5

    # The old file: the same five jobs, all ended, nothing asked.
    run "$batch.yaml"
    expect_status 1
    expect_submitted 5
    status_json "$batch.yaml"
    diff before <(ids) || fail "other ids than before"
    expect_same "counts" '{"succeeded":4,"moderated":1}' "$(jq -c '.counts | with_entries(select(.value > 0)) | {succeeded, moderated}' status.json)"
    expect_same "batches in the state" 1 "$(sqlite3 "$scratch/state.db" 'SELECT count(*) FROM batch')"
    expect_same "jobs in the state" 5 "$(sqlite3 "$scratch/state.db" 'SELECT count(*) FROM job')"

    # Another try through the file of the rest is that job's second attempt.
    ns retry --force --state "$scratch/state.db" "$batch.yaml" clips.clip-002-Maya
    expect_status 0
    run $allow "$rest"
    expect_status 0
    status_json "$rest"
    expect_same "attempts" 2 "$(jq '.jobs[] | select(.id == "clips.clip-002-Maya").attempts' status.json)"
  done
done

# When all is done there is nothing to write, and nothing is written.
printf 'batch: done\njobs: [{video: clips/clip-001.mp4, voice: Leo, output: done.mp4}]\n' >done.yaml
run done.yaml
expect_status 0
report --remaining -o gone.yaml done.yaml
expect_status 1
expect_in "$err" 'nothing is left'
expect_no_file gone.yaml

# Never in the place of what it tells of; and a file that cannot be written leaves what was there.
for taken in named.yaml state.db clips/clip-001.mp4 done.mp4; do
  before=$(sha256sum "$taken")
  batch=named.yaml
  if [ "$taken" = named.yaml ]; then run named.yaml; fi
  report --remaining -o "$taken" "$batch"
  expect_status 2
  expect_same "$taken" "$before" "$(sha256sum "$taken")"
done
report --remaining -o nowhere/rest.yaml named.yaml
expect_status 4
expect_same "files left over" '' "$(find . -name '*.yaml.*')"
