#!/usr/bin/env bash
# The program as it is shipped keeps its memory to itself: no core file of it or of its helper, not even
# when one is asked for; no other program of its user looks inside; the token is in no list of arguments
# and in no environment, its children's included, and stands in memory where it must and nowhere else.
# usage: private.sh BUILD SOURCE
set -euo pipefail
build=$(realpath "$1") source=$(realpath "$2")
# shellcheck source=tests/canary/tokens.bash
source "$source/tests/canary/tokens.bash"
scratch=$(mktemp -d)
pids=()
clean_up() {
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap clean_up EXIT
failed=0
wrong() { printf 'private: %s\n' "$*" >&2 && failed=1; }
cd "$scratch"
ulimit -c unlimited 2>/dev/null || ulimit -c "$(ulimit -Hc)"

wait_for() { # FILE REGULAR-EXPRESSION
  local tries
  for ((tries = 0; tries < 500; tries++)); do
    if grep -qE "$2" "$1" 2>/dev/null; then return; fi
    sleep 0.02
  done
  printf 'private: waited in vain for %s in %s\n' "$2" "$1" >&2
  exit 1
}

mkdir clips
cp "$source"/conf/demo/clips/*.mp4 clips/
printf 'batch: private\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
printf 'on_finish: "env >hook.txt; cat /proc/$PPID/environ /proc/$PPID/cmdline >>hook.txt 2>&1"\n' >config.yaml
printf 'token: "%s"\naccounts: [{email: one@example.com, capacity: 2}]\n' "$suite_token" >scenario.yaml
"$build/nightshift" simulate --scenario scenario.yaml --speed 20 --listen 127.0.0.1:0 >sim.out 2>sim.err &
pids+=($!)
wait_for sim.out '^listening on '
api=$(sed -n 's/^listening on //p' sim.out)

start() { # NAME: of what it says
  USEAPI_TOKEN=$suite_token "$build/nightshift" run -c config.yaml --state state.db --api "$api" --speed 20 \
    batch.yaml >"$1.out" 2>"$1.err" &
  run=$!
  pids+=("$run")
  wait_for "$1.err" 'event=job.running'
}

# How often the token's secret stands in the memory of a process that can be looked into (as root).
copies_in_memory() { # PID
  local range perms path from to count=0 page=4096
  while read -r range perms _ _ _ path; do
    case $perms in rw*) ;; *) continue ;; esac
    case $path in '[vvar]' | '[vsyscall]') continue ;; esac
    from=$((16#${range%-*})) to=$((16#${range#*-}))
    count=$((count + $(dd if="/proc/$1/mem" bs=$page skip=$((from / page)) count=$(((to - from) / page)) 2>/dev/null |
      grep -aoF "${suite_token#*-}" | wc -l)))
  done <"/proc/$1/maps"
  printf '%s' "$count"
}

# ---- while it runs ----

start looked-at
grep -q '^Max core file size *0 *0 ' "/proc/$run/limits" || wrong "core files are not limited to nothing"
grep -q '^Umask:[[:space:]]*0077$' "/proc/$run/status" || wrong "its umask is not 077"
[ "$(stat -c %U "/proc/$run/environ")" = root ] || wrong "its /proc entries are its user's: it can be traced"
for file in environ cmdline; do
  if tr '\0' '\n' <"/proc/$run/$file" 2>/dev/null | grep -qF "${suite_token#*-}"; then wrong "the token stands in its $file"; fi
done
if [ "$(id -u)" = 0 ]; then
  copies=$(copies_in_memory "$run")
  printf 'private: %s copies of the token in the memory of a run\n' "$copies"
  [ "$copies" -ge 1 ] || wrong "its memory was not looked into: no token there at all"
  [ "$copies" -le 24 ] || wrong "its memory is full of tokens: $copies copies"
fi

# ---- as it dies ----

kill -ABRT "$run"
status=0
wait "$run" 2>said || status=$?
[ "$status" = 134 ] || wrong "a fault ended it with $status"
if grep -q 'core dumped' said; then wrong "a core file was written"; fi
left=$(find . -name 'core*' -newer batch.yaml)
[ -z "$left" ] || wrong "a core file lies here: $left"
if command -v coredumpctl >/dev/null 2>&1 && coredumpctl -q info "$run" >/dev/null 2>&1; then wrong "coredumpctl has it"; fi

# ---- what it starts ----

start going-on
wait "$run" || wrong "the run ended with $?"
[ -s hook.txt ] || wrong "the hook was not run"
if grep -qaF "${suite_token#*-}" hook.txt; then wrong "a hook finds the token"; fi

# ---- another program of the same user ----

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null 2>&1; then
  mkdir theirs
  cp -R clips config.yaml theirs
  sed 's/private/theirs/' batch.yaml >theirs/batch.yaml
  chown -R 65534:65534 theirs
  chmod 755 .
  (cd theirs && USEAPI_TOKEN=$suite_token exec setpriv --reuid=65534 --regid=65534 --clear-groups \
    "$build/nightshift" run -c config.yaml --state theirs.db --api "$api" --speed 20 batch.yaml >/dev/null 2>err) &
  run=$!
  pids+=("$run")
  wait_for theirs/err 'event=job.running'
  for file in environ mem maps auxv; do
    if as_nobody head -c 1 "/proc/$run/$file" >/dev/null 2>&1; then wrong "its user may read /proc/PID/$file"; fi
  done
  kill -TERM "$run"
  wait "$run" || true
fi

if [ "$failed" = 0 ]; then printf 'private: no core file, no look inside, no token where it should not be\n'; fi
exit "$failed"
