#!/usr/bin/env bash
# Clips that the service would refuse, after credits or not: too short, too long, mute, without a
# picture, no video at all, cut short, or not readable. `check` tells every one of them with its place
# in the batch, and `run` before it sends anything.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

mkdir clips
for name in short long mute sound-only text cut; do cp "$source_dir/tests/support/clips/$name.mp4" clips/; done
: >clips/empty.mp4
mkdir clips/folder.mp4
clips hello.mp4
{
  printf '%s\n' 'defaults: {voice: Maya}' 'jobs:' '  - clips/hello.mp4'
  for name in short long mute sound-only text cut empty folder; do printf '  - clips/%s.mp4\n' "$name"; done
} >batch.yaml
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
for command in check run; do
  ns "$command" --state "$scratch/state.db" --api "$api" batch.yaml
  expect_status 2
  for line in 4 5 6 7 8 9 10 11; do expect_in "$err" "^batch\.yaml:$line:5: "; done
  expect_not_in "$err" '^batch\.yaml:3:'
done
expect_nothing_sent
expect_no_file out

# Lengths at the edge: 3 to 30 s with a tenth of grace is the service's own rule.
printf 'defaults: {voice: Maya}\njobs: [clips/hello.mp4]\n' >batch.yaml
ns check --state "$scratch/state.db" --api "$api" batch.yaml
expect_status 0
expect_in "$out" '^1 clip to do '
expect_nothing_sent
