#!/usr/bin/env bash
# One upload per account serves all voices of a clip, other batches, and runs after a restart; a copy of
# the file under another name is the same clip, one that was edited is not. A clip that is on the
# service already is named by its asset and goes up not at all. Clips are needed only by jobs that must
# still upload them.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 2
cat >scenario.yaml <<'YAML'
work: {base: 10s, per_second: 1s, start: [1s, 2s]}
accounts: [{email: one@example.com, capacity: 2}]
YAML
start_simulator scenario.yaml
uploads() { expect_same "uploads after $1" "$2" "$(total uploads)"; }

printf 'batch: a\njobs: [{video: clips/*.mp4, voice: [Maya, Leo, Ivy]}]\n' >a.yaml
run a.yaml
expect_status 0
uploads 'three voices of two clips' 2
cp clips/clip-001.mp4 clips/copy.mp4
printf 'batch: b\njobs: [{video: [clips/clip-001.mp4, clips/copy.mp4], voice: Noah, output: "b/{video}.mp4"}]\n' >b.yaml
run b.yaml
expect_status 0
uploads 'another batch and a copy' 2
printf '\x00\x00\x00\x14freeedited-just1' >>clips/clip-001.mp4
printf 'batch: c\njobs: [{video: clips/clip-001.mp4, voice: Noah, output: "c/{video}.mp4"}]\n' >c.yaml
run c.yaml
expect_status 0
uploads 'an edit' 3
jq -es 'map(select(.call == "upload")) | all(.target | test("email=one%40example.com") and test("duration=") and
        test("width=") and test("height=") and test("name="))' ledger.json >/dev/null || fail "an upload lacks what goes along"

asset=$(jq -rs 'map(select(.asset != null))[0].asset' ledger.json)
printf 'batch: d\njobs: [{asset: "%s", voice: [Leo, Noah], id: mine, output: "d/{id}.mp4"}]\n' "$asset" >d.yaml
run d.yaml
expect_status 0
uploads 'an asset' 3
expect_whole d.yaml 2
expect_file d/mine-Leo.mp4

# Clips that are gone matter only to jobs that must upload them.
rm -r clips
run a.yaml
case $status in 0 | 2) ;; *) fail "a done batch without its clips ends with $status" ;; esac
sed -i 's/clips.\*\.mp4/[clips\/clip-001.mp4, clips\/clip-002.mp4]/' a.yaml
run a.yaml
expect_status 0
uploads 'running without the clips' 3
