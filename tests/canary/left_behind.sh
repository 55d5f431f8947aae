#!/usr/bin/env bash
# After the stories and sweeps: no secret of theirs stands in anything that they left behind: states,
# journals, logs, reports, results, half results, what was printed, ctest's own log. Not as it is, and
# not in base64, percent-encoded, in hexadecimal or as UTF-16.
#   left_behind.sh BUILD_DIR SOURCE_DIR
set -euo pipefail
export LC_ALL=C
build_dir=$1
source_dir=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=tests/canary/tokens.bash
source "$source_dir/tests/canary/tokens.bash"

# What stories write down for the program or the pretend service to read, and the latter's own truth.
inputs=(
  'sim.*.yaml' 'scenario*.yaml' ledger.json # the pretend service
  accounts.json task.json                   # questions of the story's own
)
given=( # by the stories, as people would: the token stands where they put it
  'e2e/the_commands_say_what_they_do/nightshift.yaml'
  'e2e/the_commands_say_what_they_do/home/config/nightshift/config.yaml'
  'e2e/one_token_is_enough/token.txt'
  'e2e/no_secret_leaves/config.yaml'
)

# forms TOKEN: every way in which it could have been written down, one a line.
forms() {
  local secret=${1#*-} shift_by text
  printf '%s\n' "$secret" # also as part of any longer text
  for shift_by in '' x xx; do
    text=$(printf '%s%s' "$shift_by" "$secret" | base64 -w 0)
    text=${text:4:${#text}-8} # without what the neighbours decide
    printf '%s\n' "$text"
    tr '+/' '-_' <<<"$text"
  done
  text=$(printf '%s' "$secret" | od -An -v -tx1 | tr -d ' \n')
  printf '%s\n' "$text"
  sed 's/../%&/g' <<<"$text"
  sed 's/../\\x&/g' <<<"$text"
  sed 's/../\\u00&/g' <<<"$text"
}

# UTF-16 has a NUL between two letters, which no line of patterns holds.
utf16() { printf '%s' "${1#*-}" | sed 's/./&\\x00/g; s/\\x00$//'; }

# found DIRECTORY...: files with a secret in them, one a line.
found() {
  local token directories=("$@") exclude=() pattern
  for pattern in "${inputs[@]}"; do exclude+=("--exclude=$pattern"); done
  {
    for token in "${suite_tokens[@]}"; do forms "$token"; done
    printf '%s\n' "${suite_secrets[@]}"
  } >"$scratch/patterns"
  {
    grep -rlaiF "${exclude[@]}" -f "$scratch/patterns" -- "${directories[@]}" || true
    for token in "${suite_tokens[@]}"; do
      grep -rlaP "${exclude[@]}" -e "$(utf16 "$token")" -- "${directories[@]}" || true
    done
    # A signed link with its query.
    grep -rlaE "${exclude[@]}" -e '/artifacts?/[^ "]*[?&](token|expires|sig|Signature|jwt)=' -- "${directories[@]}" || true
  } | sort -u
}

# ---- first: whether all of that would be found ----

mkdir "$scratch/planted"
plant() { printf '%s' "$2" >"$scratch/planted/$1"; }
token=${suite_tokens[0]}
plant raw "a line with $token in it"
plant base64-0 "$(printf '%s' "$token" | base64)"
plant base64-1 "$(printf 'B%s and more' "$token" | base64 -w 0)"
plant base64-2 "$(printf 'Be%s and more' "$token" | base64 -w 0)"
plant header "$(printf 'Authorization: Bearer %s' "$token" | base64 -w 0 | tr '+/' '-_')"
plant hex "$(printf '%s' "$token" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F)"
plant percent "$(printf '%s' "$token" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g')"
plant json "$(printf '%s' "$token" | od -An -v -tx1 | tr -d '\n' | sed 's/ /\\u00/g')"
printf '%s' "$token" | sed 's/./&\n/g' | tr '\n' '\0' >"$scratch/planted/utf16"
plant link 'https://127.0.0.1:1/artifact/x.mp4?token=abc&expires=1'
plant jwt "eyJhbGciOiJIUzI1NiJ9.CANARY-jwt-1.c2ln"
planted=$(find "$scratch/planted" -type f | wc -l)
seen=$(found "$scratch/planted" | wc -l)
if [ "$seen" != "$planted" ]; then
  printf 'this test cannot be trusted: %s of %s planted secrets were found\n' "$seen" "$planted" >&2
  exit 1
fi

# ---- then: what was left behind ----

cd "$build_dir"
places=()
for place in e2e demo Testing/Temporary; do if [ -e "$place" ]; then places+=("$place"); fi; done
if [ ${#places[@]} = 0 ]; then
  printf 'nothing was left behind that could be looked at\n' >&2
  exit 1
fi
printf '%s\n' "${given[@]}" >"$scratch/given"
left=$(found "${places[@]}" | grep -vxF -f "$scratch/given" || true)
printf '%s files, %s bytes were looked through\n' "$(find "${places[@]}" -type f | wc -l)" \
  "$(du -sbc "${places[@]}" | awk 'END { print $1 }')"
if [ -n "$left" ]; then
  printf 'a secret stands in:\n%s\n' "$left" >&2
  exit 1
fi
