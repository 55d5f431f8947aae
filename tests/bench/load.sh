#!/usr/bin/env bash
# What it takes to begin with many jobs: processor time until the first step, next to libyaml's events and
# SQLite's rows alone; memory at its most and while the run waits; the same when the batch is known already;
# a few more jobs in a batch that is known.
# usage: load.sh BUILD SOURCE [JOBS...]   (10000 100000; 1000000 takes minutes and 2 GB of disk)
source "$(dirname "${BASH_SOURCE[0]}")/common.bash" load "$1" "$2"
shift 2
sizes=("$@")
if [ $# = 0 ]; then sizes=(10000 100000); fi

# Begins a run, and ends it as soon as it has taken the first step: sets took (ms of processor time until
# then), wall, most and rests (kB).
begin_and_stop() {
  local began=${EPOCHREALTIME/[.,]/}
  start_run --
  wait_for_event run.started
  wall=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
  took=$(used_ms)
  sleep 1 # what is given back is given back by now
  most=$(memory VmHWM)
  rests=$(memory VmRSS)
  kill -TERM "$run"
  end_run
}

measure() { # JOBS
  local jobs=$1
  rm -rf clips clip-* out batch.yaml state.db* bare.db*
  "$tools/batch_maker" . "$jobs" "$source/conf/demo/clips/hello.mp4"
  start_service 2 3600000 2
  begin_and_stop
  local first=$took first_wall=$wall first_most=$most first_rests=$rests
  begin_and_stop
  "$tools/bare_load" batch.yaml state.db bare.db >bare.out
  local bare
  bare=$(calc %.0f "$(figure bare.out events_ms) + $(figure bare.out insert_ms)")
  printf '%s jobs\n' "$jobs"
  tell "libyaml's events alone, ms" "$(figure bare.out events_ms)"
  tell "the rows alone, ms" "$(figure bare.out insert_ms)"
  tell "new batch until the first step, ms" "$first"
  aim "  over events and rows" "$(calc %.2f "$first / $bare")" 1.6
  tell "  per job, us" "$(calc %.1f "$first * 1000 / $jobs")"
  tell "  by the clock on the wall, ms" "$first_wall"
  aim "known batch, ms per 100,000 jobs" "$(calc %.0f "$took * 100000 / $jobs")" 1000
  tell "  by the clock on the wall, ms" "$wall"
  tell "memory at its most, new batch, MiB" "$(calc %.1f "$first_most / 1024")"
  tell "memory at its most, known batch, MiB" "$(calc %.1f "$most / 1024")"
  aim "  bytes a job beyond 24 MiB" "$(calc %.0f "($most / 1024 - 24) * 1048576 / $jobs")" 300
  tell "memory while it waits, new batch, MiB" "$(calc %.1f "$first_rests / 1024")"
  aim "  bytes a job beyond 24 MiB" "$(calc %.0f "($rests / 1024 - 24) * 1048576 / $jobs")" 300
  more_jobs "$jobs"
  stop_service
}

# A tenth more, first in the file, so that all numbers change.
more_jobs() { # JOBS
  local more=$(($1 / 10))
  sed -n "4,$((more + 3))p" batch.yaml | sed 's|clips/\(.*\)\.mp4|{video: clips/\1.mp4, id: "more-\1", output: "more/{id}.mp4"}|' >more.yaml
  sed -i '3r more.yaml' batch.yaml
  begin_and_stop
  tell "a tenth more jobs, in front: ms" "$took"
}

for size in "${sizes[@]}"; do measure "$size"; done
