# What the house checks share. Each is run as `bash CHECK.sh BUILD_DIR SOURCE_DIR`: first it proves on
# made-up samples that it can fail, then it looks at the project.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C
build_dir=$1
source_dir=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Files of the project below SOURCE_DIR, new ones included, ignored ones not: relative, one a line.
# Arguments are git's path patterns.
project_files() {
  if git -c safe.directory='*' -C "$source_dir" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git -c safe.directory='*' -C "$source_dir" ls-files --cached --others --exclude-standard -- "$@"
  else # an unpacked archive
    local pattern
    for pattern; do
      (cd "$source_dir" && find . -type f -path "./$pattern" -not -path './build*' -not -path './.git/*' | sed 's|^\./||')
    done
  fi | sort -u | while read -r file; do
    if [ -f "$source_dir/$file" ]; then printf '%s\n' "$file"; fi
  done
}

# The offences that a check prints for a sample: it must find exactly as many as we put in.
#   expect_offences COUNT DESCRIPTION < offences
expect_offences() {
  local wanted=$1 description=$2 found
  found=$(cat)
  local count
  count=$(printf '%s' "$found" | grep -c . || true)
  if [ "$count" -ne "$wanted" ]; then
    printf 'this check cannot be trusted: %s: %s offences expected, %s found\n%s\n' \
      "$description" "$wanted" "$count" "$found" >&2
    exit 1
  fi
}

# Ends the check: by the offences on standard input, if there are any.
conclude() {
  local offences
  offences=$(cat)
  if [ -n "$offences" ]; then
    printf '%s\n' "$offences"
    exit 1
  fi
}
