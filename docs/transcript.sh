# What the transcripts of docs/ share: commands are really run, against the pretend service, and what they
# say is shown as on a terminal. Sourced by docs/*-night.sh, with the build's folder as the first argument.
# shellcheck shell=bash
build=$(realpath "$1") source=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
nightshift=$build/nightshift
scratch=$(mktemp -d)
export HOME=$scratch/home XDG_STATE_HOME=$scratch/home/state XDG_CONFIG_HOME=$scratch/home/config TZ=UTC COLUMNS=80
export USEAPI_TOKEN=user:1234-demo-secret
mkdir -p "$scratch/home" "$scratch/work/clips"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch/work"
speed=40 api=''

say() { printf '%s\n' "$*"; }
# What is shown names no folder of this machine, and neither the address nor the speed of the pretence.
neat() { sed -E "s#$scratch/work/##g; s#$scratch/work#.#g; s#$scratch/home#~#g; s#127\.0\.0\.1:[0-9]+#api.useapi.net#g"; }
# As a shell reads it back.
quoted() {
  local word words=()
  for word; do case $word in *[\*\ \?]*) words+=("'$word'") ;; *) words+=("$word") ;; esac; done
  printf '%s' "${words[*]}"
}
call() { # COMMAND...: with what the pretence needs
  local more=()
  case $1 in run) more=(--speed "$speed" --log-format pretty) ;; esac
  "$nightshift" "$@" --api "$api" "${more[@]}"
}
cut_to() { awk -v most="$1" 'NR <= most { print } NR == most + 1 { print "…" }'; }
tell_status() { if [ "$1" != 0 ]; then printf '$ echo $?\n%s\n' "$1"; fi; }

# show LINES nightshift COMMAND...: the command and the first lines of what it says, as on a terminal.
show() {
  local lines=$1 status=0
  shift
  printf '\n```console\n$ %s\n' "$(quoted "$@")"
  call "${@:2}" >said 2>&1 </dev/null || status=$?
  neat <said | cut_to "$lines"
  tell_status "$status"
  printf '```\n\n'
}

# begin nightshift run ...: beside what follows; sets run_pid. said.run has what it says.
begin() {
  "$nightshift" "${@:2}" --api "$api" --speed "$speed" --log-format pretty >said.run 2>&1 </dev/null &
  run_pid=$!
}
said() { # PATTERN: waits until the run has said it
  until grep -qE "$1" said.run; do
    if ! kill -0 "$run_pid"; then cat said.run >&2 && exit 1; fi
    sleep 0.02
  done
}
# show_run LINES nightshift run ...: what was begun, once it has ended.
show_run() {
  local status=0 lines=$1
  shift
  wait "$run_pid" 2>/dev/null || status=$?
  printf '\n```console\n$ %s\n' "$(quoted "$@")"
  neat <said.run | cut_to "$lines"
  case $status in 137) printf 'Killed\n' ;; *) tell_status "$status" ;; esac
  printf '```\n\n'
}

serve() { # SCENARIO
  : >serving
  "$nightshift" simulate --scenario "$1" --speed "$speed" --listen 127.0.0.1:0 >serving 2>serving.err </dev/null &
  local pid=$!
  until grep -q '^listening on ' serving; do
    if ! kill -0 "$pid"; then cat serving.err >&2 && exit 1; fi
    sleep 0.02
  done
  api=$(sed -n 's/^listening on //p' serving)
}
