#!/usr/bin/env bash
# How long the state takes: enrolling and loading 100,000 jobs, and small commits, in a file on the disk
# that holds the build, then in PostgreSQL with its data on the disk of /tmp.
# usage: store.sh BUILD SOURCE [JOBS]
set -euo pipefail

build=$1 source=$2 jobs=${3:-100000}

cmake -S "$source/tests/bench" -B "$build/bench" -G Ninja >/dev/null
cmake --build "$build/bench" --target store_bench >/dev/null
printf -- '-- a file\n'
"$build/bench/store_bench" "$build/bench" "$jobs"

server=$(mktemp -d /tmp/nightshift-bench-XXXXXX)
bash "$source/tests/support/postgres.sh" "$server" "$build/postgres" &
process=$!
trap 'kill -QUIT "$process" && wait "$process" || true; rm -rf "$server"' EXIT
until grep -q '^ready' "$server/data/postmaster.pid" 2>/dev/null; do
  kill -0 "$process"
  sleep 0.1
done
printf -- '-- PostgreSQL\n'
"$build/bench/store_bench" "postgresql://nightshift@/nightshift?host=$server" "$jobs"
