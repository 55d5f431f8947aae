#!/usr/bin/env bash
# How long it takes from a reply that shows a task's end to the next paid call on the wire, the submission
# being on disk by then: measured by the service, which answers at once. Once with the state on the disk
# that holds the build, once with it in memory: the rest is the disk's.
# usage: reaction.sh BUILD SOURCE [JOBS [ACCOUNTS]]
source "$(dirname "${BASH_SOURCE[0]}")/common.bash" reaction "$1" "$2"
jobs=${3:-600} accounts=${4:-3}
in_memory=/dev/shm/nightshift-bench-$$

react() { # STATE
  rm -rf clips clip-* out batch.yaml state.db*
  "$tools/batch_maker" . "$jobs" "$source/conf/demo/clips/hello.mp4"
  if [ "$1" != state.db ]; then mv state.db "$1"; fi
  start_service "$accounts" 200 1
  state=$1 start_run -- --speed 60
  end_run
  stop_service
  tell "ends followed by a submission" "$(figure service.out gaps)"
  tell "from the end to the next submission: median, ms" "$(calc %.2f "$(figure service.out gap_median_us) / 1000")"
  aim "  at the 99th percentile, ms" "$(calc %.2f "$(figure service.out gap_p99_us) / 1000")" 5
  tell "  at most, ms" "$(calc %.2f "$(figure service.out gap_most_us) / 1000")"
}

printf '%s jobs over %s accounts, state on disk\n' "$jobs" "$accounts"
react state.db
mkdir "$in_memory"
trap 'rm -rf "$in_memory"; clean_up' EXIT
printf 'the same, state in memory\n'
react "$in_memory/state.db"
