#!/usr/bin/env bash
# From which lag on jobs are paid for twice, and how many of those whose answer was lost: the shipped
# core in virtual time. Ends with 1 when it is less than the model's limit. usage: lag.sh BUILD SOURCE [NIGHTS]
set -euo pipefail
build=$1 source=$2 nights=${3:-10}
cmake -S "$source/tests/bench" -B "$build/bench" -G Ninja >/dev/null
cmake --build "$build/bench" --target lag_bench >/dev/null
exec "$build/bench/lag_bench" "$nights"
