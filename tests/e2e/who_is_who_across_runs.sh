#!/usr/bin/env bash
# The batch file is edited, moved and renamed between runs. What was paid for is known again by the
# contract's rules: nothing is paid for a second time by surprise, and an edit that begun jobs do not
# take up is a warning.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

clips hello.mp4 goodbye.mp4 scene-01.mp4
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
paid() { expect_same "submissions after: $1" "$2" "$(total submissions)"; }

cat >batch.yaml <<'YAML'
jobs:
  - video: clips/hello.mp4
    voice: Maya
    id: first
  - {video: clips/goodbye.mp4, voice: Leo}
YAML
run batch.yaml
expect_status 0
paid 'the first run' 2

# An id edited away and a voice edited: done jobs stay done.
sed -i 's/id: first/id: renamed/' batch.yaml
run batch.yaml
expect_status 0
paid 'a renamed id' 2
expect_in "$err" 'level=warn|warning'

sed -i 's/voice: Maya/voice: Ivy/' batch.yaml
run batch.yaml
expect_status 0
paid 'an edited voice' 2
expect_in "$err" 'level=warn|warning'
sed -i 's/voice: Ivy/voice: Maya/' batch.yaml

# The voice by its id instead of its name, the path in another spelling: the same jobs.
sed -i 's|goodbye.mp4, voice: Leo|../clips/goodbye.mp4, voice: voice-leo|; s|clips/\.\./clips|clips/../clips|' batch.yaml
run batch.yaml
expect_status 0
paid 'a voice by its id and a path in another spelling' 2

# A moved batch file without a name, its clips moved along.
mkdir -p elsewhere
mv batch.yaml clips elsewhere/
run elsewhere/batch.yaml
expect_status 0
paid 'a moved file' 2

# A removed job with a task is followed to its end; a removed job without one never begins.
cd elsewhere
cat >batch.yaml <<'YAML'
batch: named
jobs:
  - {video: clips/scene-01.mp4, voice: [Maya, Leo]}
  - {video: clips/hello.mp4, voice: Noah, account: one@example.com}
  - {video: clips/goodbye.mp4, voice: Noah, account: one@example.com}
  - {video: clips/scene-01.mp4, voice: Noah, account: one@example.com}
YAML
start_run batch.yaml
wait_until at_least 4 accepted
kill -KILL "$run_pid"
await "$run_pid"
submissions=$(total accepted)
cat >batch.yaml <<'YAML'
batch: named
jobs:
  - {video: clips/hello.mp4, voice: Ivy}
YAML
run batch.yaml
expect_most "submissions after taking jobs out" $((submissions + 1)) "$(total accepted)"
expect_same "tasks paid for twice" 0 "$(total duplicates)"
expect_file out/hello-Ivy.mp4
status_json batch.yaml
expect_same "tasks without a result" 0 "$(jq '[.jobs[] | select(.task != null and .state != "succeeded")] | length' status.json)"

# The named batch moved, and the file renamed: the same batch.
cp batch.yaml ../other-name.yaml
sed -i 's|clips/|elsewhere/clips/|' ../other-name.yaml
submissions=$(total submissions)
run ../other-name.yaml
expect_most "new submissions for a clip at another path" $((submissions + 1)) "$(total submissions)"

# Next week's batch in the same file, under a new name: another batch, though one clip is the old one.
cd ..
week() { # NAME CLIP CLIP
  printf 'batch: %s\njobs:\n' "$1"
  printf '  - {video: clips/%s, voice: voice-maya, id: %s, output: "%s/{id}.mp4"}\n' \
    hello.mp4 a "$1" "$2" b "$1" "$3" c "$1"
}
clips hello.mp4 goodbye.mp4 scene-01.mp4 scene-02.mp4 scene-03.mp4
week monday goodbye.mp4 scene-01.mp4 >week.yaml
run week.yaml
expect_status 0
submissions=$(total submissions)
week tuesday scene-02.mp4 scene-03.mp4 >week.yaml
run week.yaml
expect_status 0
expect_file tuesday/a.mp4
paid 'a new batch in the same file' $((submissions + 3))

# The same, and the old clip is gone: that job fails, and no other.
rm clips/hello.mp4
week wednesday goodbye.mp4 scene-01.mp4 >week.yaml
run week.yaml
expect_status 1
expect_file wednesday/c.mp4
status_json week.yaml
expect_same 'the job without a clip' 'its clip was not there when the run looked at the clips' "$(jq -r '.jobs[] | select(.id == "a") | .error' status.json)"
