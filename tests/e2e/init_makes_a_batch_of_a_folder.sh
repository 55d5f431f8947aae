#!/usr/bin/env bash
# `init`: from a folder of clips to a run with one line edited; nothing is ever overwritten.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 2
mv clips "it's here"
folder="it's here"
mv "$folder/clip-002.mp4" "$folder/clip-002.MP4"
: >"$folder/.hidden.mp4"
: >"$folder/clip-003.mp4.part"
mkdir "$folder/below.mp4"

ns init "$folder"
expect_status 0
expect_quiet "$err"
expect_in "$out" 'Written for 2 clips'
expect_in "$out" "nightshift check -c 'it'.*nightshift\.yaml' 'it'.*batch\.yaml'"
expect_same "mode of the config" 600 "$(stat -c %a "$folder/nightshift.yaml")"
expect_in "$folder/batch.yaml" '^  - "\*\.MP4"   # 1$'
expect_in "$folder/batch.yaml" '^  - "\*\.mp4"   # 1$'

quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
ns check -c "$folder/nightshift.yaml" --api "$api" "$folder/batch.yaml"
expect_status 2
expect_in "$err" 'no voice: write `voice:`'
sed -i 's/# voice: Maya/voice: Maya/' "$folder/batch.yaml"
ns check -c "$folder/nightshift.yaml" --api "$api" "$folder/batch.yaml"
expect_status 0
cp "$folder/batch.yaml" edited.yaml

ns init "$folder"
expect_status 2
expect_quiet "$out"
expect_in "$err" 'batch\.yaml is there already'
cmp -s edited.yaml "$folder/batch.yaml" || fail "the batch was touched"
rm "$folder/batch.yaml"
ns init "$folder/"
expect_status 2
expect_in "$err" 'nightshift\.yaml is there already'
expect_no_file "$folder/batch.yaml"

mkdir empty
ns init empty
expect_status 1
expect_in "$err" 'empty has no clips'
expect_no_file empty/nightshift.yaml
ns init nowhere
expect_status 1
expect_in "$err" 'nowhere cannot be read'
ns init
expect_status 2
