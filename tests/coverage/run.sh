#!/usr/bin/env bash
# Branches that the tests visit, by gcov: a line per folder, the aims, and what is left out and why (below).
#   tests/coverage/run.sh BUILD [--files] [--unvisited PART]
# --files: a line per file. --unvisited: the lines of files named so that have a branch never taken.
#
# Left out, as no test can visit it:
# - the failing branch of CHECK() and CHECK_UNREACHABLE(): a fault of our own, which ends the program; those that
#   say "out of memory" with them. Known by the line's own text.
# - of a switch without `default`, one branch more than its cases (a value that its enum does not have), and the
#   case of the enum's _COUNT, which is no value: -Wswitch-enum makes every switch list them.
# - the helper program (src/probe): it shuts itself off from the file system before it works, so that nothing can
#   be counted; its tests run against it from outside.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$1
shift
mode=folders part=''
while [ $# -gt 0 ]; do
  case $1 in
  --files) mode=files ;;
  --unvisited) mode=unvisited part=$2 && shift ;;
  *) printf 'unknown: %s\n' "$1" >&2 && exit 2 ;;
  esac
  shift
done

# FILE LINE NUMBER COUNT of every branch, each object's and each inline copy's.
branches() {
  find "$build" -path '*ns_*' -name '*.gcno' -print0 |
    xargs -0 gcov --branch-probabilities --json-format --stdout 2>/dev/null |
    jq -r '.files[] | (.file | sub("^.*?(?=src/|include/)"; "")) as $file | select($file | startswith("src/"))
      | .lines[] | .line_number as $line | .branches | to_entries[] | [$file, $line, .key, .value.count] | @tsv'
}

branches | awk -v mode="$mode" -v part="$part" -f tests/coverage/branches.awk
