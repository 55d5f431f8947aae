#!/usr/bin/env bash
# Batch files that are made to hurt: aliases, depths, huge texts, NULs, bytes that are no UTF-8, keys
# twice, tabs, binary noise, a device, a directory, an endless pipe. Each is refused with its name,
# exit status 2, within seconds, and nothing is sent.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

clips hello.mp4
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
deadline_s=20
refused() { # FILE [PLACE]
  local began
  began=$(now_ms)
  ns run --state "$scratch/state.db" --api "$api" --speed 60 "$1"
  expect_status 2
  expect_in "$err" "^$1${2:+:$2}"
  expect_most "milliseconds to refuse $1" 6000 $(($(now_ms) - began))
  expect_most "bytes of the refusal of $1" 30000 "$(stat -c %s "$err")"
}
printf 'jobs: &a [*a]\n' >alias.yaml
refused alias.yaml 1:
{ printf 'jobs: '; head -c 40000 /dev/zero | tr '\0' '['; } >deep.yaml
refused deep.yaml 1:
{ printf 'jobs:\n  - '; head -c 3000000 /dev/zero | tr '\0' 'a'; } >huge.yaml
refused huge.yaml 2:
printf 'jobs:\n  - clips/hel\0lo.mp4\n' >nul.yaml
refused nul.yaml
printf 'jobs:\n  - clips/\xff\xfe.mp4\n' >bytes.yaml
refused bytes.yaml 2:
printf 'jobs:\n  - video: clips/hello.mp4\n    voice: Maya\n    voice: Leo\n' >twice.yaml
refused twice.yaml 4:5
printf 'jobs:\n\t- clips/hello.mp4\n' >tab.yaml
refused tab.yaml 2:
head -c 100000 /dev/urandom >noise.yaml
refused noise.yaml
: >empty.yaml
refused empty.yaml
printf 'jobs: []\n---\njobs: []\n' >two.yaml
refused two.yaml
mkdir directory.yaml
refused directory.yaml
mkfifo pipe.yaml
refused pipe.yaml
ln -s /dev/zero zero.yaml
refused zero.yaml
mkdir -p outside
for number in {1..30}; do printf 'no clip\n' >"outside/$number.conf"; done
printf 'jobs: [{video: "clips/../outside/*", voice: Maya}, {video: clips/hello.mp4, voice: Maya, output: "a/../../x.mp4"}]\n' >climbs.yaml
refused climbs.yaml 1:
# A name that would act on the terminal is shown harmlessly.
printf 'defaults: {voice: Maya}\njobs: ["clips/\\e]0;x\\a.mp4"]\n' >escape.yaml
refused escape.yaml 2:
expect_not_in "$err" $'\e'
expect_nothing_sent
