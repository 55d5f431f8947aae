#!/usr/bin/env bash
# check: the jobs and what became of them, the clips to upload, the voices as they were resolved, and the
# accounts with what runs there, credits and storage; what speaks against it as warnings apart from that.
# It spends nothing and writes nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

check() { ns check --state "$scratch/state.db" --api "$api" "$@"; }

make_clips 3
cat >spring.yaml <<'YAML'
batch: spring
jobs: [{video: clips/*.mp4, voice: [Maya, voice-leo]}]
YAML
cat >scenario.yaml <<'YAML'
seed: 7
voices: [Maya, Leo]
work: {base: 10s, per_second: 1s, start: [1s, 2s]}
artifacts: {bytes: [20000, 60000], ttl: 48h}
accounts:
  - {email: one@example.com, capacity: 2, max_jobs: 7, credits: 90, storage_gb: 0.0001}
  - {email: two@example.com, capacity: 2, credits: 40, voices: [Maya], by_program: [{at: 0s, length: 9h}]}
YAML
start_simulator scenario.yaml
check spring.yaml
expect_status 0
expect_quiet "$err"
expect_in "$out" '^BATCH +JOBS +ENDED +AT WORK +PAUSED +TO DO +CLIPS$'
expect_in "$out" '^spring +6 +0 +0 +0 +6 '
expect_in "$out" '^3 different clips to do \([0-9.]+ kB\), each uploaded once to every account that works on it$'
expect_in "$out" '^Maya +voice-maya$'
expect_in "$out" '^voice-leo +voice-leo +only on one@example\.com$'
expect_in "$out" '^one@example\.com +7 +0 +90 of 90 +100 kB of 100 kB$'
expect_in "$out" '^two@example\.com +5 +1 +[0-9]+ of 40 +-$'
expect_in "$out" '^ends about '
expect_nothing_sent
expect_no_file state.db

# ---- after a part of it: what a clip costs is known, and that it will not do ----
run --limit 2 spring.yaml
expect_status 3
status_json spring.yaml
ns pause --state "$scratch/state.db" spring.yaml "$(jq -r '[.jobs[] | select(.state == "queued") | .id][0]' status.json)"
expect_status 0
sqlite3 state.db 'UPDATE account SET price_micro = 9000000' # as if it had been learned
for clip in clips/*.mp4; do # each larger, by a box that players pass over
  { printf '\x00\x03\x0d\x48free' && head -c 200000 /dev/zero; } >>"$clip"
done
check spring.yaml
expect_status 0
expect_in "$out" '^spring +6 +2 +0 +1 +3 '
expect_in "$out" '^needs about [0-9]+ credits'
expect_in "$err" 'warning: one@example\.com may have too little storage for the clips; .*assets --clean'
expect_in "$err" 'warning: the jobs need about [0-9]+ credits, and [0-9]+ are left'

# ---- the service is away, or nothing is left: said, and the rest is checked all the same ----
stop_simulator
check spring.yaml
expect_status 0
expect_in "$out" '^spring +6 +2 '
expect_in "$out" '^not checked: voices and accounts, because the service cannot be reached: '
expect_in "$out" '^does not come to an end$' # for want of credits
USEAPI_TOKEN='' check spring.yaml
expect_status 0
expect_in "$out" '^not checked: voices and accounts, because there is no token$'
ns cancel --state "$scratch/state.db" spring.yaml --all
check spring.yaml
expect_status 0
expect_in "$out" '^spring +6 +6 +0 +0 +0 '
expect_in "$out" 'because nothing is left to do$'
