#!/usr/bin/env bash
# Two machines with a cable between them (network namespaces): the run on one, the pretend service on
# the other. The cable is cut while a paid call is on its way, the process dies or gives the call up, the
# cable is mended. What the kernel still holds of that call must never arrive: it has been found by then
# that there is no task of it, and another is paid for. Without the reset of a paid call's socket it
# does arrive: paid twice.
# Skipped where no network namespaces can be made.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ -z "${CUT_NETWORK_WITHIN:-}" ]; then
  within=(unshare --net)
  [ "$(id -u)" = 0 ] || within+=(--map-root-user)
  if ! "${within[@]}" bash -c 'echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet && ip link add near type veth peer name far' 2>/dev/null; then
    echo 'skipped: no network namespaces can be made here'
    exit 77
  fi
  CUT_NETWORK_WITHIN=1 exec "${within[@]}" bash "$0" "$@"
fi
source "$here/../e2e/lib.sh"
preload=$3
program=$nightshift
speed=240
retransmissions=6 # the kernel waits twice as long each time: the seventh follows 12 s after the sixth

# ---- two machines ----

# 127.9.0.0/24 is on the cable, so that the service is on loopback for the program (it takes neither
# --speed nor plain HTTP elsewhere).
wire_up() { # ADDRESS DEVICE [COMMAND...]: on the machine that COMMAND enters
  local address=$1 device=$2
  shift 2
  "$@" ip link set lo up
  "$@" ip address del 127.0.0.1/8 dev lo
  "$@" ip address add 127.0.0.1/32 dev lo
  "$@" bash -c 'echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet'
  "$@" ip address add "$address/24" dev "$device"
  "$@" ip link set "$device" up
}

unshare --net sleep infinity &
far=$!
children+=("$far")
other_network() { [ "$(readlink "/proc/$far/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
wait_until other_network
there=(nsenter "--net=/proc/$far/ns/net")
ip link add near type veth peer name far netns "$far"
wire_up 127.9.0.1 near
wire_up 127.9.0.2 far "${there[@]}"
printf '#!/bin/sh\nexec %s "%s" "$@"\n' "${there[*]}" "$program" >far-nightshift
chmod +x far-nightshift

# Everything sent into it is lost, and nobody is told.
cut_cable() {
  tc qdisc replace dev near root blackhole
  "${there[@]}" tc qdisc replace dev far root blackhole
}
mend_cable() {
  tc qdisc del dev near root
  "${there[@]}" tc qdisc del dev far root
}

# The bytes that the kernel still wants to deliver to the service, with its timers. (The end of a
# connection counts as one byte.)
unsent() { # [FROM-PORT]
  ss --tcp --numeric --options --no-header dst 127.9.0.2 ${1:+and sport $1} | awk '$3 > 1'
}
is_halted() { [[ $(cat "/proc/$run_pid/stat") == *') T '* ]]; }
is_backing_off() { [[ $(unsent "$paid_port") =~ timer:\(on,[^,]*,([0-9]+)\) ]] && [ "${BASH_REMATCH[1]}" -ge "$retransmissions" ]; }

# ---- one story ----

begin() {
  rm -rf state.db* out
  nightshift=$scratch/far-nightshift
  start_simulator scenario.yaml 127.9.0.2:0
  nightshift=$program
}

# The first paid call is handed to the kernel while the cable is cut; then the run is halted.
call_into_the_void() {
  SWEEP_HALT=1 SWEEP_TABLE=$scratch/table LD_PRELOAD=$preload \
    ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 start_run batch.yaml
  wait_until is_halted
  cut_cable
  kill -CONT "$run_pid"
  wait_until eval '[ -n "$(unsent)" ] && is_halted'
  paid_port=$(unsent | awk '{ sub(".*:", "", $4); print $4 }')
  reference=$(sqlite3 state.db "SELECT reply_ref FROM attempt WHERE state = 'open'")
  [ -n "$reference" ] || fail "the attempt was not written down before it was sent"
}

die() {
  kill -KILL "$run_pid"
  await "$run_pid" 2>/dev/null
  expect_status 137
}

arrived() {
  ledger
  grep -qF "\"ref\":\"$reference\"" ledger.json
}

expect_well() {
  expect_status 0
  if arrived; then fail "the call that was over arrived"; fi
  expect_paid 2
  expect_whole batch.yaml 2
  stop_simulator
}

make_clips 1
printf 'batch: cut\njobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
sed -i '/two@example.com/d' scenario.yaml # one submission at a time

# The process dies.
begin
call_into_the_void
die
expect_same "what the kernel holds of a dead process" "" "$(unsent "$paid_port")"
mend_cable
run batch.yaml
expect_well

# It lives, and gives the call up.
begin
call_into_the_void
kill -CONT "$run_pid"
wait_until grep -q event=job.unsure "$err"
expect_same "what the kernel holds of a call that was given up" "" "$(unsent "$paid_port")"
mend_cable
await "$run_pid"
expect_well

# It dies, and nothing guards the socket: this test can fail.
begin
SWEEP_NO_LINGER=1 call_into_the_void
die
wait_until is_backing_off
mend_cable
run batch.yaml
expect_status 0
wait_until arrived
expect_same "jobs paid for twice without the guard" 1 "$(total duplicates)"
stop_simulator
