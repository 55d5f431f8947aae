#!/usr/bin/env bash
# Has spin try every run of submit.pml, then of lease.pml: the claims hold below the limit, and fail above
# it or with any one rule left out. Takes a minute and half a gigabyte. `./dev model` installs spin first.
#   docs/model/check.sh [--stories]      tells the shortest run that breaks a claim, each time
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stories=${1:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cp "$source"/*.pml .
model=submit.pml

for tool in spin gcc; do
  if ! command -v "$tool" >/dev/null; then
    printf 'check.sh: %s is missing; on Debian: apt-get install %s\n' "$tool" "$tool" >&2
    exit 1
  fi
done

# Makes the checker: COMPILER-FLAGS, then the model's.
build() {
  local flags=$1
  shift
  rm -f ./*.trail pan
  spin -a "$@" "$model" >spin.out || { cat spin.out >&2; return 1; }
  # shellcheck disable=SC2086 # flags are words
  gcc -w $flags -o pan pan.c
}

# The line of a run: what was found, the states, the time.
tell() { # NAME
  local states errors seconds
  states=$(sed -nE 's/^ *([0-9.e+]+) states, stored.*/\1/p' pan.out)
  errors=$(sed -nE 's/.*errors: ([0-9]+).*/\1/p' pan.out)
  seconds=$(sed -nE 's/^pan: elapsed time ([0-9.e+-]+).*/\1/p' pan.out)
  printf '  %-40s %-13s %8s states %5.1f s\n' "$1" "$([ "$errors" = 0 ] && echo holds || echo 'does not hold')" "$states" "$seconds"
  ! grep -q 'search depth too small\|not completed' pan.out || [ "$errors" != 0 ] || return 1 # not every run was tried
  [ "$errors" = 0 ]
}

failures=0
unexpected() {
  printf '   <- not what was expected\n'
  failures=$((failures + 1))
}

holds() { # NAME MODEL-FLAGS...
  local name=$1
  shift
  build "-O2 -DSAFETY -DNOCLAIM" "$@"
  ./pan -m200000 -w24 >pan.out
  tell "$name" || unexpected
}

ends() { # NAME MODEL-FLAGS...
  local name=$1
  shift
  build -O2 "$@"
  ./pan -a -m100000 -w24 >pan.out
  tell "$name" || unexpected
}

# The shortest run that breaks a claim, with as little in it as does it.
breaks() { # NAME MODEL-FLAGS...
  local name=$1
  shift
  build "-O0 -DSAFETY -DNOCLAIM -DREACH" -DMAX_ATTEMPTS=2 -DREFUSALS=0 -DCRASHES=1 "$@"
  ./pan -i -m10000 -w22 >pan.out 2>/dev/null
  if tell "$name"; then unexpected; fi
  if [ -n "$stories" ]; then
    { spin -t -T "$@" -DMAX_ATTEMPTS=2 -DREFUSALS=0 -DCRASHES=1 "$model" || true; } |
      sed -nE 's/spin: .*//; s/^([0-9]+) s  /\1 /p' | while read -r time what; do printf '%8d s  %s\n' "$time" "$what"; done
  fi
}

printf 'Claims 1 and 2, never twice and none forgotten; no standstill:\n'
holds "late 60 s + lag 90 s, ticks of 30 s"
holds "the same in ticks of 15 s" -DTICK=15
printf 'Claim 3, every job ends or is held:\n'
ends "late 60 s + lag 90 s"
printf 'The limit, settle 120 s + 30 s between the lists:\n'
holds "late 0 s + lag 150 s" -DLATE=0 -DLAG=150
holds "late 120 s + lag 30 s" -DLATE=120 -DLAG=30
breaks "late 0 s + lag 180 s" -DLATE=0 -DLAG=180
breaks "late 60 s + lag 120 s" -DLATE=60 -DLAG=120
breaks "late 150 s + lag 30 s" -DLATE=150 -DLAG=30
printf 'Each rule left out, late 60 s + lag 90 s:\n'
for rule in WRITE_BEFORE_SEND SILENCE_IS_DOUBT OPEN_IS_DOUBT SENT_ONCE WAIT_TO_SETTLE COUNT_FROM_END TWO_LISTS; do
  breaks "without $rule" "-D$rule=0"
done

model=lease.pml
printf 'Two machines on one state, lease 30 s, margin 10 s, in ticks of 10 s; settled after 30 s:\n'
holds "late 30 s, taken over at any moment"
holds "late 40 s" -DLATE=4
breaks "late 50 s" -DLATE=5
holds "late 0 s, stopped for 40 s before sending" -DLATE=0 -DSTOP=4
breaks "late 0 s, stopped for 50 s before sending" -DLATE=0 -DSTOP=5
printf 'Each rule left out, late 30 s:\n'
for rule in NUMBERED_WRITES ASKS_BEFORE_SENDING COUNTS_FROM_ASKING COUNTS_ON_OTHERS PASSES_IT_ON; do
  breaks "without $rule" "-D$rule=0"
done
[ "$failures" -eq 0 ]
