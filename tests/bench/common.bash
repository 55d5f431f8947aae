# What the measurements with the real program share: a service that answers at once (quick_service), runs
# against it, figures. Sourced as `source common.bash NAME BUILD SOURCE`.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C TZ=UTC
name=$1 build=$2 source=$3
nightshift=$build/nightshift tools=$build/bench scratch=$build/bench/$name.dir
export USEAPI_TOKEN=user:1234-demo-secret XDG_CONFIG_HOME=$scratch/config
service='' run=''

# The pages and rows of a large state are to go with it.
clean_up() {
  if [ -n "$run" ]; then kill -KILL "$run" 2>/dev/null || true; fi
  if [ -n "$service" ]; then kill -KILL "$service" 2>/dev/null || true; fi
  wait 2>/dev/null || true
  cd "$build" && rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

cmake -S "$source/tests/bench" -B "$tools" -G Ninja >/dev/null
cmake --build "$tools" --target batch_maker quick_service bare_client bare_load >/dev/null
rm -rf "$scratch"
mkdir -p "$scratch"
cd "$scratch"
printf 'scheduling: {poll: [1s, 1s]}\n' >config.yaml

start_service() { # ACCOUNTS TASK_MS [MAX_JOBS]: sets service and api
  : >service.out
  "$tools/quick_service" "$@" >service.out </dev/null &
  service=$!
  until grep -q '^listening on ' service.out; do sleep 0.02; done
  api=$(sed -n 's/^listening on //p' service.out)
}

stop_service() { # its figures are in service.out then
  kill "$service"
  wait "$service"
  service=''
}

figure() { sed -n "s/^$2=//p" "$1"; } # FILE NAME

# start_run [WRAPPER...] -- OPTIONS...: sets run to the program's process (or its wrapper's).
start_run() {
  local wrapper=()
  while [ "$1" != -- ]; do
    wrapper+=("$1")
    shift
  done
  shift
  : >run.log
  "${wrapper[@]}" "$nightshift" run -q -c config.yaml --state "${state:-state.db}" --api "$api" --log-format logfmt --log-file run.log "$@" batch.yaml \
    </dev/null >run.out 2>run.err &
  run=$!
}

wait_for_event() { # EVENT: of the run's log
  until grep -q "event=$1" run.log; do
    if ! kill -0 "$run" 2>/dev/null; then
      cat run.err >&2
      exit 1
    fi
    sleep 0.01
  done
}

end_run() { # waits for its end; sets status
  status=0
  wait "$run" || status=$?
  run=''
}

# Of the running program: kB, and ms of processor time.
memory() { sed -n "s/^$1:[^0-9]*\([0-9]*\).*/\1/p" "/proc/$run/status"; } # VmHWM VmRSS
used_ms() { awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / tick }' "/proc/$run/stat"; }

calc() { awk "BEGIN { printf \"$1\", $2 }"; } # FORMAT EXPRESSION

aim() { # WHAT VALUE MOST: with a mark when it is missed
  awk -v what="$1" -v value="$2" -v most="$3" \
    'BEGIN { printf "  %-48s %10s   aim: at most %s%s\n", what, value, most, ((value + 0 > most + 0) ? "   MISSED" : "") }'
}
aim_least() { # WHAT VALUE LEAST
  awk -v what="$1" -v value="$2" -v least="$3" \
    'BEGIN { printf "  %-48s %10s   aim: at least %s%s\n", what, value, least, ((value + 0 < least + 0) ? "   MISSED" : "") }'
}
tell() { printf '  %-48s %10s\n' "$1" "$2"; } # WHAT VALUE
