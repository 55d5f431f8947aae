#!/usr/bin/env bash
# Every event of the log is explained in docs/log.md, and the page names none that is gone.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

# Prints where the page $2 and the list of events in the header $1 differ.
judge() {
  { grep -oE '^ *X\(LOG_[A-Z_]+, "[a-z.]+"' "$1" || true; } | sed 's/.*"\(.*\)"/\1/' | sort -u >"$scratch/there"
  { sed -n 's/^| \(`[a-z.]*`\(, `[a-z.]*`\)*\) |.*/\1/p' "$2" | grep -oE '[a-z]+(\.[a-z]+)?' || true; } |
    sort -u >"$scratch/named"
  comm -23 "$scratch/there" "$scratch/named" | sed "s|^|$2: does not explain |"
  comm -13 "$scratch/there" "$scratch/named" | sed "s|^|$2: explains an event that is not there: |"
}

cd "$scratch"
printf '  X(LOG_ONE, "job.one") \\\n  X(LOG_TWO, "progress") \\\n  X(LOG_NEW, "job.new")\n' >log.h
printf '| `job.one`, `progress` | info | | |\n| `job.gone` | info | | |\n' >log.md
judge log.h log.md | expect_offences 2 "an event without words, words without an event"

cd "$source_dir"
judge include/nightshift/log.h docs/log.md | conclude
