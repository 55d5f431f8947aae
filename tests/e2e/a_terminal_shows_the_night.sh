#!/usr/bin/env bash
# On a terminal the log scrolls above a block that says where each account stands; it survives a change of
# the terminal's size and is gone at the end, also after a signal. No mode of the terminal is ever touched, and
# no control character of a name reaches it. Without colours, on a dumb terminal and without a terminal there is none.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
command -v script >/dev/null || { echo "needs script(1)"; exit 1; }

make_clips 6
printf 'batch: watched\njobs: [{video: clips/*.mp4, voice: Maya, id: "x"}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null

# on_terminal FILE ARGS...: the run on a terminal of 90 x 20, all that it wrote into FILE.
on_terminal() {
  local file=$1 command
  shift
  printf -v command '%q ' "$nightshift" run --state "$scratch/state.db" --api "$api" --speed "$speed" "$@"
  status=0
  SHELL=/bin/bash script -qefc "stty cols 90 rows 20; $command" "$file" >/dev/null </dev/null || status=$?
}
again() {
  rm -rf out state.db*
  start_simulator scenario.yaml
}
# Only these may act on the terminal: up, erase below, colours.
expect_harmless() { # FILE
  if sed 's/\x1b\[[0-9]*A//g; s/\x1b\[J//g; s/\x1b\[[0-9;]*m//g' "$1" | grep -q $'\x1b'; then
    fail "$1 has other escape sequences"
  fi
}
esc=$'\x1b'

export TERM=xterm
speed=20
sed -i 's/base: 10s/base: 60s/' scenario.yaml # two rounds of three real seconds each
again
on_terminal shown.txt batch.yaml
expect_status 0
expect_paid 6
expect_harmless shown.txt
expect_in shown.txt "^${esc}?.*one@example.com  [0-2]( of [0-9])? "
expect_in shown.txt '0 of 6 ended'
expect_in shown.txt '[1-5] of 6 ended' # and newer ones
expect_in shown.txt "${esc}\[[0-9]+A${esc}\[J" # drawn again in its place
expect_not_in shown.txt ' progress '
# the block is gone at the end: nothing of it stands after the last erasure
tr '\n' '\001' <shown.txt | sed "s/.*${esc}\[J//" | tr '\001' '\n' >end.txt
expect_in end.txt '6 of 6 jobs succeeded'
expect_not_in end.txt 'of 6 ended'
stop_simulator
speed=60
quick_scenario scenario.yaml </dev/null

# No colours.
again
NO_COLOR=1 on_terminal plain.txt batch.yaml
expect_status 0
expect_not_in plain.txt "${esc}\[[0-9;]*m"
expect_in plain.txt 'of 6 ended'
stop_simulator
again
on_terminal forced.txt --color never batch.yaml
expect_not_in forced.txt "${esc}\[[0-9;]*m"
stop_simulator

# A dumb terminal, a quiet run: no block.
for how in 'TERM=dumb' 'TERM=xterm quiet'; do
  again
  quiet=()
  case $how in *quiet) quiet=(-q) ;; esac
  TERM=${how:5:5}
  TERM=${TERM% } on_terminal none.txt "${quiet[@]}" batch.yaml
  expect_status 0
  expect_not_in none.txt "${esc}\[[0-9]*[AJ]"
  expect_not_in none.txt 'of 6 ended'
  stop_simulator
done

# Without a terminal: lines as ever.
again
TERM=xterm run batch.yaml
expect_status 0
expect_in "$err" 'event=progress'
expect_not_in "$err" "$esc"
