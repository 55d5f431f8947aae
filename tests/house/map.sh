#!/usr/bin/env bash
# Every source file has its line on the map, docs/architecture.md, and the map names no file that is gone.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

# Prints what the page $1 lacks of the files on standard input, and what it names beyond them.
judge() {
  local page=$1 file
  sort -u >"$scratch/there"
  { grep -oE '`[a-z0-9_]+\.c`' "$page" || true; } | tr -d '`' | sort -u >"$scratch/named"
  comm -23 "$scratch/there" "$scratch/named" | while read -r file; do
    printf '%s: has no line for %s\n' "$page" "$file"
  done
  comm -13 "$scratch/there" "$scratch/named" | while read -r file; do
    printf '%s: names %s, which is not there\n' "$page" "$file"
  done
}

cd "$scratch"
printf '| `here.c` | a line |\n| `gone.c` | a line |\n' >page.md
printf 'here.c\nnew.c\n' | judge page.md | expect_offences 2 "a file without a line, a line without a file"

cd "$source_dir"
project_files 'src/*.c' | sed 's|.*/||' | judge docs/architecture.md | conclude
