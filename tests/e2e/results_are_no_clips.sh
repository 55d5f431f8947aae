#!/usr/bin/env bash
# Results that land among the clips: running again does not take them for clips and pay for them, nor
# does another batch whose outputs would meet. The same clip and voice twice is told and done once. Two
# batches run together, and one's outputs are not the other's to write.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 3
cat >batch.yaml <<'YAML'
batch: among
jobs:
  - {video: "clips/*.mp4", voice: Maya, output: "clips/{video}-{voice}.mp4"}
  - {video: clips/clip-001.mp4, voice: Maya}
YAML
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
run batch.yaml
expect_status 0
expect_paid 3
expect_in "$err" '(warning|level=warn).*(once|already)'
expect_whole batch.yaml 3
run batch.yaml
expect_status 0
expect_paid 3

# Two more batches in one run.
cat >second.yaml <<'YAML'
batch: second
jobs: [{video: clips/clip-002.mp4, voice: [Leo, Ivy], output: "second/{n}-{account}-{voice}-{id}.mp4"}]
YAML
cat >third.yaml <<'YAML'
batch: third
jobs: [{video: clips/clip-003.mp4, voice: Leo, id: "one/two", output: "third/{id}.mp4", reference: "take \"3\" & more"}]
YAML
run second.yaml third.yaml
expect_status 0
expect_paid 6
expect_file third/one_two.mp4
expect_same "files with the account in their name" 2 "$(find second -name '[12]-*@example.com-*.mp4' | wc -l)"
expect_whole second.yaml 2
expect_whole third.yaml 1

# The same output in two batches of one run is found before anything is sent.
sed 's/batch: third/batch: fourth/; s/Leo/Noah/' third.yaml >fourth.yaml
sed 's/batch: third/batch: fifth/; s/Leo/Ivy/' third.yaml >fifth.yaml
rm -r third
run fourth.yaml fifth.yaml
expect_status 2
expect_in "$err" '^fifth\.yaml:2:.*fourth\.yaml'
expect_paid 6
run fourth.yaml
expect_status 0
run fifth.yaml
expect_status 1
expect_paid 7
