#!/usr/bin/env bash
# The long forms: many kills, every place that can fail, every page that can be damaged. Takes about an
# hour on two cores. usage: long.sh BUILD SOURCE [KILLS [SEED]], BUILD with the target `sweep` built.
set -euo pipefail
build=$1 source=$2
preload=$build/tests/sweep/libsweep.so
failed=0
KILLS=${3:-1000} SEED=${4:-1} bash "$source/tests/sweep/kills_test.sh" "$build" "$source" "$preload" || failed=1
FULL=1 bash "$source/tests/sweep/faults_test.sh" "$build" "$source" "$preload" || failed=1
EVERY=1 bash "$source/tests/sweep/damaged_test.sh" "$build" "$source" || failed=1
exit "$failed"
