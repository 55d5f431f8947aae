#!/usr/bin/env bash
# The JSON Schemas of conf/ by a real validator: the examples are good, each file below is good or bad for
# the schema as it is for `check`, so that an editor does not say otherwise than the program. What only the
# program can know (files, voices, who is who) is not among them. `init` names the schemas where they lie.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

validate() { python3 "$source_dir/tests/support/validate.py" "$source_dir/conf/$1.schema.json" "${@:2}"; }
# The verdict of check on a batch or on a config.
check_says() { # KIND FILE
  local options=(--state "$scratch/state.db")
  if [ "$1" = batch ]; then ns check "${options[@]}" --allow-absolute-output "$2"; else ns check "${options[@]}" -c "$2" plain.yaml; fi
  case $status in 0) printf good ;; 2) printf bad ;; *) fail "check of $2 ended with $status" ;; esac
}
number=0
# expect KIND VERDICT TEXT...: a line of the file each.
expect() {
  number=$((number + 1))
  local file=$number.yaml
  printf '%s\n' "${@:3}" >"$file"
  chmod 600 "$file"
  expect_same "what check says of: ${*:3}" "$2" "$(check_says "$1" "$file")"
  local said
  said=$(validate "$1" "$file")
  expect_same "what the schema says of: ${*:3} ($said)" "$2" "${said%% *}"
}
unset USEAPI_TOKEN
clips hello.mp4
printf 'jobs: [{video: clips/hello.mp4, voice: Maya}]\n' >plain.yaml
clip='video: clips/hello.mp4' asset='asset: "user:1-runwayml:one@example.com-asset:x"'

# ---- the examples, and what init writes ----
said=$(validate batch "$source_dir"/conf/batch.yaml "$source_dir"/conf/demo/batch.yaml plain.yaml)
expect_same "examples of batches" 3 "$(grep -c ^good <<<"$said")"
said=$(validate config "$source_dir"/conf/nightshift.yaml "$source_dir"/conf/demo/nightshift.yaml)
expect_same "examples of configs" 2 "$(grep -c ^good <<<"$said")"
for file in batch.yaml nightshift.yaml demo/batch.yaml demo/nightshift.yaml; do
  named=$(sed -n '1s/^# yaml-language-server: $schema=//p' "$source_dir/conf/$file")
  expect_file "$(dirname "$source_dir/conf/$file")/$named"
done
mkdir -p prefix/bin prefix/share/nightshift
cp "$nightshift" prefix/bin/
cp "$source_dir"/conf/*.schema.json prefix/share/nightshift/
clips scene-01.mp4
prefix/bin/nightshift init clips --state "$scratch/state.db" >/dev/null
rm prefix/bin/nightshift # a copy is no trace of a story: it knows the pretend service's own token
expect_same "the schema of init's batch" "# yaml-language-server: \$schema=$scratch/prefix/share/nightshift/batch.schema.json" "$(head -n 1 clips/batch.yaml)"
expect_same "the schema of init's config" "# yaml-language-server: \$schema=$scratch/prefix/share/nightshift/config.schema.json" "$(head -n 1 clips/nightshift.yaml)"
expect_in <(validate batch clips/batch.yaml) ^good
expect_in <(validate config clips/nightshift.yaml) ^good

# ---- batches ----
expect batch good 'batch: a' 'defaults: {voice: Maya}' 'jobs: [clips/hello.mp4]'
expect batch good "jobs: [{$clip, voice: [Maya, Leo], id: x, explore: auto, priority: -3, account: one@example.com, reference: r, reply_url: 'https://example.com/x', output: 'o-{voice}.mp4'}]"
expect batch good "jobs: [{$asset, voice: Leo, explore: true}]"
expect batch good 'jobs: [{video: [clips/hello.mp4, "clips/s*.mp4"], voice: Leo}]'
expect batch bad 'batch: a' 'defaults: {voice: Maya}'
expect batch bad 'jobs: []'
expect batch bad 'jobs: clips/hello.mp4'
expect batch bad "jobs: [{$clip, voise: Maya}]"
expect batch bad 'bach: a' "jobs: [{$clip, voice: Maya}]"
expect batch bad "jobs: [{$clip, $asset, voice: Maya}]"
expect batch bad 'jobs: [{voice: Maya}]'
expect batch bad "defaults: {$clip}" "jobs: [{$clip, voice: Maya}]"
expect batch bad "jobs: [{$clip, voice: []}]"
expect batch bad "jobs: [{$clip, voice: ''}]"
expect batch bad "jobs: [{$clip, voice: Maya, explore: maybe}]"
expect batch bad "jobs: [{$clip, voice: Maya, priority: high}]"
expect batch bad "jobs: [{$clip, voice: Maya, priority: 1001}]"
expect batch bad "jobs: [{$clip, voice: Maya, account: nobody}]"
expect batch bad "jobs: [{$clip, voice: Maya, reply_url: example.com}]"
expect batch bad "jobs: [{$clip, voice: Maya, id: ''}]"
expect batch bad 'jobs: [{asset: mine, voice: Maya}]'

# ---- configs ----
expect config good 'api: {timeout: 30s, token: "user:1-x", url: "https://example.com/v1"}'
expect config good 'scheduling: {retry_wait: [10s, 1m], poll: [250ms, 30s], max_attempts: 2, upload_ahead: 0}'
expect config good 'moderation: {pause_account: off, pause_batch: 50% of 4}'
expect config good 'accounts: [{email: one@example.com, max_jobs: 3, hours: 22:00-07:00, max_credits: 9, keep_credits: 0, jobs_per_day: 4, min_gap: 30s}]'
expect config good 'on_finish: "echo"' 'on_alert: ""' 'state: here.db' 'listen: "127.0.0.1:9090"' 'public_url: "https://example.com/x"'
expect config bad 'api: {timeout: 30}'
expect config bad 'api: {timeout: soon}'
expect config good 'api: {token: what-a-warning-is-about}'
expect config bad 'api: {url: example.com}'
expect config bad 'ap: {timeout: 30s}'
expect config bad 'poll: [3s, 30s]'
expect config bad 'scheduling: {poll: [3s]}'
expect config bad 'scheduling: {poll: 3s}'
expect config bad 'scheduling: {max_attempts: 0}'
expect config bad 'scheduling: {max_attempts: many}'
expect config bad 'moderation: {pause_account: 3}'
expect config bad 'moderation: {pause_batch: 120% of 4}'
expect config bad 'accounts: [{max_jobs: 3}]'
expect config bad 'accounts: [{email: nobody}]'
expect config bad 'accounts: [{email: one@example.com, max_jobs: 11}]'
expect config bad 'accounts: [{email: one@example.com, hours: 7-22}]'
expect config bad 'accounts: [{email: one@example.com, hours: 25:00-07:00}]'
expect config bad 'listen: 9090'
expect config bad 'public_url: example.com'
