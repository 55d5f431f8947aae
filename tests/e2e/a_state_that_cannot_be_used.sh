#!/usr/bin/env bash
# A state that cannot be made, is damaged, is no state at all or was written by a newer version: exit
# status 4, a sentence that names it, nothing sent, and the file left as it was.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

clips hello.mp4
printf 'batch: state\njobs: [{video: clips/hello.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
start_simulator scenario.yaml
refused() { # STATE [WORDS]
  ns run --state "$1" --api "$api" --speed 60 batch.yaml
  expect_status 4
  expect_in "$err" "${2:-$(basename "$1")}"
  expect_not_in "$err" 'Assertion|CHECK|event=run.started'
  expect_nothing_sent
}

: >a-file
refused "$scratch/a-file/state.db" a-file
if [ "$(id -u)" != 0 ]; then
  mkdir -m 500 closed
  refused "$scratch/closed/state.db" closed
fi
refused /proc/nightshift/state.db /proc/nightshift

run batch.yaml
expect_status 0
stop_simulator
start_simulator scenario.yaml

cp state.db newer.db
sqlite3 newer.db 'PRAGMA user_version = 9999; UPDATE meta SET value = 9999'
sum=$(cksum <newer.db)
refused "$scratch/newer.db"
expect_in "$err" 'newer'
expect_same "the newer state" "$sum" "$(cksum <newer.db)"

head -c 50000 /dev/urandom >noise.db
sum=$(cksum <noise.db)
refused "$scratch/noise.db"
expect_same "the file that is no state" "$sum" "$(cksum <noise.db)"

cp state.db damaged.db
size=$(stat -c %s damaged.db)
dd if=/dev/urandom of=damaged.db bs=1024 seek=8 count=$((size / 1024 - 8)) conv=notrunc status=none
refused "$scratch/damaged.db"

# Whole as a file, but rows that contradict each other.
for change in "UPDATE job SET state = 'running'" "UPDATE meta SET value = 9223372036854775807" \
  "UPDATE job SET output = NULL, state = 'queued'"; do
  cp state.db apart.db
  sqlite3 apart.db "$change"
  sum=$(cksum <apart.db)
  refused "$scratch/apart.db" 'the state does not fit together'
  expect_same "the state after: $change" "$sum" "$(cksum <apart.db)"
  ns status --state "$scratch/apart.db" batch.yaml
  expect_status 4
done

sqlite3 foreign.db 'CREATE TABLE mine (a); INSERT INTO mine VALUES (1)'
sum=$(cksum <foreign.db)
refused "$scratch/foreign.db"
expect_same "another program's database" "$sum" "$(cksum <foreign.db)"

# A state with a password in its address, a directory, an address of a kind that is not read.
for place in 'postgresql://me:secretword@db/x' "$scratch" 'https://example.com/state'; do
  ns run --state "$place" --api "$api" batch.yaml
  case $status in 2 | 4) ;; *) fail "--state $place ends with $status" ;; esac
  expect_not_in "$err" secretword
done
expect_nothing_sent

# The lock may be a leftover: it harms nobody.
printf 'process 1 on somewhere since long ago\n' >state.db.lock
run batch.yaml
expect_status 0
