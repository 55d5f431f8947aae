#!/usr/bin/env bash
# What the shells offer: commands, options, values, batches, jobs and accounts, asked of the program
# itself; and bash's completion as it is installed.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

offered() { # WORDS…: what is offered for the last one, on one line
  ns complete -- "$@"
  expect_status 0
  tr '\n' ' ' <"$out"
}

expect_same "commands" "check cancel " "$(offered c)"
expect_same "options of retry" "--api --again " "$(offered retry --a)"
expect_same "values" "auto always " "$(offered run --color a)"
expect_same "a file" ":file " "$(offered run --config '')"
expect_same "help's argument" "status " "$(offered help st)"
expect_same "nothing known yet" ":file " "$(offered status --state "$scratch/none.db" '')"
expect_same "no such command" "" "$(offered nonsense '')"

make_clips 2
printf 'batch: spring\njobs: [{video: clips/*.mp4, voice: [Maya, Leo], id: "a:b"}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
run batch.yaml
expect_status 0

state=(--state "$scratch/state.db")
expect_same "batches" "spring :file " "$(offered status "${state[@]}" '')"
expect_same "names that begin so" ":file " "$(offered status "${state[@]}" x)"
expect_same "jobs, options before and after" 2 "$(offered retry -v batch.yaml "${state[@]}" 'a:b-clips.clip-001' | wc -w)"
expect_same "a further job" 4 "$(offered cancel "${state[@]}" batch.yaml 'a:b-clips.clip-001-Leo' a | wc -w)"
expect_same "history takes one" "" "$(offered history "${state[@]}" batch.yaml 'a:b-clips.clip-001-Leo' '')"
expect_same "accounts" 1 "$(offered pause "${state[@]}" --account one | wc -w)"

# bash parts words at ':' and puts the candidate in place of what comes after.
export XDG_STATE_HOME=$scratch/here
mkdir -p "$XDG_STATE_HOME/nightshift"
cp state.db "$XDG_STATE_HOME/nightshift/state.db"
PATH=$build_dir:$PATH
source "$source_dir/conf/completions/nightshift.bash"
in_bash() { # LINE WORDS…
  COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=("${@:2}")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _nightshift
}
in_bash 'nightshift stat' nightshift stat
expect_same "a command in bash" status "${COMPREPLY[*]}"
in_bash 'nightshift history batch.yaml a:b-clips.clip-001-L' nightshift history batch.yaml a : b-clips.clip-001-L
expect_same "a job with a colon in bash" b-clips.clip-001-Leo "${COMPREPLY[*]}"
in_bash 'nightshift status batch.y' nightshift status batch.y
expect_same "a file in bash" batch.yaml "${COMPREPLY[*]}"
