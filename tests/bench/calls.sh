#!/usr/bin/env bash
# What a look at running tasks costs: system calls (strace) and instructions (callgrind) of one list call,
# from two runs of which one looks longer; next to libcurl alone. And how often a run with nothing due
# wakes up.
# usage: calls.sh BUILD SOURCE [JOBS]   (JOBS: loaded while nothing is due)
source "$(dirname "${BASH_SOURCE[0]}")/common.bash" calls "$1" "$2"
idle_jobs=${3:-100000}

make_batch() { # JOBS
  rm -rf clips clip-* out batch.yaml state.db*
  "$tools/batch_maker" . "$1" "$source/conf/demo/clips/hello.mp4"
}

# One task that runs for TASK_MS under WRAPPER..., looked at all the while: sets lists.
look() { # TASK_MS WRAPPER...
  local task_ms=$1
  shift
  make_batch 1
  start_service 1 "$task_ms"
  start_run "$@" -- --speed 60
  end_run
  stop_service
  lists=$(figure service.out lists)
}

bare_lists() { # COUNT WRAPPER...
  local count=$1
  shift
  start_service 1 0
  "$@" "$tools/bare_client" lists "$api" "$count"
  stop_service
}

system_calls() { awk '$NF == "total" { print $4 }' "$1"; } # of strace -c

calls_by_name() { awk 'NF >= 5 && $4 ~ /^[0-9]+$/ { print $NF, $4 }' "$1" | sort; }

# Instructions spent in an object file, by callgrind's own count of each.
instructions() { # FILE OBJECT-PATTERN
  callgrind_annotate --threshold=100 --show=Ir "$1" 2>/dev/null |
    awk -v object="$2" '$0 ~ object { gsub(",", "", $1); sum += $1 } END { printf "%.0f", sum }'
}

count_calls() {
  look 3000 strace -f -c -S calls -o short.txt
  local few=$lists
  look 12000 strace -f -c -S calls -o long.txt
  tell "list calls in the two runs" "$few, $lists"
  aim "system calls per list call" \
    "$(calc %.2f "($(system_calls long.txt) - $(system_calls short.txt)) / ($lists - $few)")" 7
  join -a 1 <(calls_by_name long.txt) <(calls_by_name short.txt) |
    awk -v lists=$((lists - few)) '$2 - $3 > lists / 20 && $1 != "total" { printf "    %-42s %10.2f\n", $1, ($2 - $3) / lists }' | sort -k2 -rn
  bare_lists 100 strace -f -c -o bare-short.txt
  bare_lists 400 strace -f -c -o bare-long.txt
  tell "  libcurl alone" "$(calc %.2f "($(system_calls bare-long.txt) - $(system_calls bare-short.txt)) / 300")"
}

count_instructions() {
  local valgrind=(valgrind -q --tool=callgrind --dump-instr=no)
  look 3000 "${valgrind[@]}" --callgrind-out-file=short.cg
  local few=$lists
  look 12000 "${valgrind[@]}" --callgrind-out-file=long.cg
  local more=$((lists - few)) own curl all
  own=$(calc %.0f "($(instructions long.cg '/nightshift\]') - $(instructions short.cg '/nightshift\]')) / $more")
  curl=$(calc %.0f "($(instructions long.cg 'libcurl') - $(instructions short.cg 'libcurl')) / $more")
  all=$(calc %.0f "($(instructions long.cg '\]') - $(instructions short.cg '\]')) / $more")
  tell "instructions per list call, all" "$all"
  tell "  in libcurl" "$curl"
  tell "  in our own code" "$own"
  aim "  ours over libcurl's" "$(calc %.2f "$own / $curl")" 0.25
}

# One task at work and JOBS - 1 waiting, looked at for SECONDS: sets lists and own.
linger() { # JOBS SECONDS
  make_batch "$1"
  start_service 1 3600000 1
  start_run valgrind -q --tool=callgrind --dump-instr=no --callgrind-out-file=linger.cg -- --speed 60
  wait_for_event job.running
  sleep "$2"
  kill -TERM "$run"
  end_run
  stop_service
  lists=$(figure service.out lists)
  own=$(instructions linger.cg '/nightshift\]')
}

# What a list call and the step that follows cost while more and more jobs wait.
count_growth() { # JOBS...
  local jobs few least
  for jobs in "$@"; do
    linger "$jobs" 2
    few=$lists least=$own
    linger "$jobs" 12
    tell "instructions in our own code, $jobs jobs waiting" "$(calc %.0f "($own - $least) / ($lists - $few)")"
  done
}

# The only slot is taken by a task that runs for hours, and is not to be looked at for an hour. Between two
# of the lines that say each minute where the run stands, nothing is due.
count_wakes() {
  make_batch "$idle_jobs"
  start_service 1 3600000 1
  printf 'scheduling: {poll: [1h, 1h]}\n' >config.yaml
  start_run --
  wait_for_event job.running
  sleep 10
  local before
  before=$(switches)
  sleep 30
  aim "wake-ups in half a minute, $idle_jobs jobs waiting" "$(($(switches) - before))" 0
  # The contract's line each minute is written down as well: by another thread, which wakes the first.
  sleep 30
  tell "  in a whole minute, with its line of progress" "$(($(switches) - before))"
  kill -TERM "$run"
  end_run
  stop_service
}

# Times that a thread of the run went to sleep.
switches() { awk '/^voluntary_ctxt_switches/ { sum += $2 } END { print sum }' /proc/"$run"/task/*/status; }

printf 'one account, one task\n'
count_calls
count_instructions
count_growth 100 1000 10000
count_wakes
