#!/usr/bin/env bash
# How long the state takes: enrolling and loading 100,000 jobs, and small commits, on the disk that
# holds the build. usage: store.sh BUILD SOURCE [JOBS]
set -euo pipefail

build=$1 source=$2 jobs=${3:-100000}

cmake -S "$source/tests/bench" -B "$build/bench" -G Ninja >/dev/null
cmake --build "$build/bench" --target store_bench >/dev/null
exec "$build/bench/store_bench" "$build/bench" "$jobs"
