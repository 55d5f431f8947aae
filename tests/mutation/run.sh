#!/usr/bin/env bash
# Mutation of the core: makes one small change of a source at a time, builds, and runs the fast tests of the
# core. A mutant that no test notices is a place that no test holds. Works in a copy of the sources.
#   tests/mutation/run.sh [--count N] [--seed N] [--file PART] [--again FILE]
# --file: only of sources whose name holds PART. --again: the mutants of such a file, as survivors are listed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

count=150 seed=1 part='' again=''
while [ $# -gt 0 ]; do
  case $1 in
  --count) count=$2 ;;
  --seed) seed=$2 ;;
  --file) part=$2 ;;
  --again) again=$2 ;;
  *) printf 'unknown: %s\n' "$1" >&2 && exit 2 ;;
  esac
  shift 2
done

place=$PWD/build-mutation tree=$PWD/build-mutation/tree build=$PWD/build-mutation/build
mkdir -p "$place"
gcc -O1 -Wall -Wextra -Werror -o "$place/mutants" tests/mutation/mutants.c
rm -rf "$tree"
mkdir "$tree"
git -c safe.directory='*' ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$tree"
# Shared libraries, so that a mutant costs one compilation and one link.
sed -i 's/add_library(ns_${name} STATIC/add_library(ns_${name} SHARED/' "$tree/CMakeLists.txt"
cmake -S "$tree" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O1 -DCMAKE_C_FLAGS=-w \
  -DCMAKE_LINK_DEPENDS_NO_SHARED=ON -DTESTS=ON -DWEB=OFF -DMEDIA=OFF >/dev/null
mapfile -t units < <(cd "$tree/tests/unit/core" && printf 'unit_core_%s\n' *_test.c | sed 's/\.c$//')

build_all() { cmake --build "$build" -j 1 --target "${units[@]}" sim_scenario_test soak >"$place/build.log" 2>&1; }

# Which test fails; nothing: none does. One that no longer ends has noticed it, too.
judge() {
  local test
  for test in sim_scenario_test "${units[@]}"; do
    timeout 60 "$build/tests/$test" >/dev/null 2>&1 || { printf '%s' "$test" && return; }
  done
  timeout 180 "$build/tests/soak" --seeds 200 >/dev/null 2>&1 || printf seeds
}

# As the list has it: FILE OFFSET LENGTH KIND LINE<tab>REPLACEMENT
mutate() { # MUTANT
  local file offset length
  read -r file offset length _ <<<"${1%%$'\t'*}"
  {
    head -c "$offset" "$file"
    printf '%s' "${1#*$'\t'}"
    tail -c +$((offset + length + 1)) "$file"
  } >"$tree/$file"
}

# The changed line as it was and as it is.
show() { # MUTANT
  local file line
  read -r file _ _ _ line <<<"${1%%$'\t'*}"
  diff <(sed -n "${line},$((line + 3))p" "$file") <(sed -n "${line},$((line + 3))p" "$tree/$file") |
    sed -n 's/^\([<>]\) */    \1 /p' | head -n 4
}

if ! build_all || [ -n "$(judge)" ]; then
  printf 'the tests fail without any mutant: mend that first\n' >&2
  exit 1
fi
"$place/mutants" src/core/*"$part"*.c >"$place/all"
if [ -n "$again" ]; then
  grep '^src/' "$again" >"$place/chosen"
else
  awk -v seed="$seed" 'BEGIN { srand(seed) } { printf "%.9f\t%s\n", rand(), $0 }' "$place/all" | sort -n |
    sed -n "1,${count}p" | cut -f 2- >"$place/chosen"
fi
killed=0 survived=0 unbuildable=0
: >"$place/survivors"
: >"$place/killers"
while IFS= read -r mutant; do
  mutate "$mutant"
  if ! build_all; then
    unbuildable=$((unbuildable + 1))
  elif by=$(judge) && [ -n "$by" ]; then
    killed=$((killed + 1))
    printf '%s\t%s\n' "$by" "${mutant%%$'\t'*}" >>"$place/killers"
  else
    survived=$((survived + 1))
    printf '%s\n' "$mutant" >>"$place/survivors"
    printf 'survived: %s\n' "${mutant%%$'\t'*}"
    show "$mutant" || true # diff says 1 when there is something to show
  fi
  cp "${mutant%% *}" "$tree/${mutant%% *}"
done <"$place/chosen"
tried=$((killed + survived))
printf '%d mutants of %d: %d killed, %d survived, %d could not be built; score %d %%\n' \
  "$(wc -l <"$place/chosen")" "$(wc -l <"$place/all")" "$killed" "$survived" "$unbuildable" \
  $((tried == 0 ? 0 : killed * 100 / tried))
printf 'survivors: %s\n' "$place/survivors"
