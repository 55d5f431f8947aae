#!/usr/bin/env bash
# The scheduler in virtual time, over seeds, beside what people write for themselves; against the last
# recorded run in docs/benchmarks.md. usage: scheduler.sh BUILD SOURCE [OPTION...]
#   --seeds N --jobs N --accounts N --who shipped|threads|blind --only nights|events|losses
#   --one SEED   one night with its trace
#   --record     writes the figures into docs/benchmarks.md
set -euo pipefail
build=$1 source=$2
shift 2
cmake -S "$source/tests/bench" -B "$build/bench" -G Ninja >/dev/null
cmake --build "$build/bench" --target scheduler_bench >/dev/null
exec "$build/bench/scheduler_bench" --page "$source/docs/benchmarks.md" "$@"
