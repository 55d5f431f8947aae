#!/usr/bin/env bash
# Every page that a page of ours points to is there.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

# Prints the relative links of the pages named (paths below the current folder) that lead nowhere.
judge() {
  local page target
  for page; do
    { grep -oE '\]\([^)# ]+' "$page" || true; } | sed 's/^](//' | while read -r target; do
      case $target in
      *://* | mailto:*) continue ;;
      esac
      if [ ! -e "$(dirname "$page")/$target" ]; then printf '%s: %s is not there\n' "$page" "$target"; fi
    done
  done
}

cd "$scratch"
mkdir docs
printf '[a](docs/there.md) [b](docs/gone.md) [c](https://example.com/x) [d](#part)\n' >README.md
printf '[up](../README.md#part) [e](gone.md)\n' >docs/there.md
judge README.md docs/there.md | expect_offences 2 "links that lead nowhere"

cd "$source_dir"
mapfile -t pages < <(project_files '*.md')
judge "${pages[@]}" | conclude
