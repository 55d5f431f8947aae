#!/usr/bin/env bash
# The units of conf/ are ones that systemd reads without a complaint, and the system's is hardened: exposure 2.0 at
# most. Where systemd-analyze is not there, only that they have the keys that the program counts on.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

needed='^(Type=notify|ExecReload=/bin/kill -HUP \$MAINPID|WatchdogSec=.*|TimeoutStartSec=infinity|LoadCredential=token:.*|SuccessExitStatus=1 3)$'

# Prints what the unit $1 lacks.
judge_keys() {
  local count
  count=$(grep -cE "$needed" "$1" || true)
  [ "$count" = 6 ] || printf '%s: has %s of the 6 keys that belong to the program\n' "$1" "$count"
}

# Prints complaints about the unit $1 as far as systemd-analyze is here; its program need not be.
judge_unit() {
  command -v systemd-analyze >/dev/null || return 0
  cp "$1" "$scratch/nightshift-checked.service"
  { systemd-analyze verify "$scratch/nightshift-checked.service" 2>&1 || true; } |
    grep -F nightshift-checked | grep -v 'is not executable' | sed "s|^|$1: |" || true
}

judge_exposure() {
  command -v systemd-analyze >/dev/null || return 0
  systemd-analyze security --offline=true --threshold=20 "$1" >"$scratch/exposure" 2>&1 ||
    printf '%s: %s\n' "$1" "$(tail -n 1 "$scratch/exposure")"
}

printf '[Service]\nType=simple\nExecStart=/bin/true\nNoSuchKey=1\n' >"$scratch/bad.service"
judge_keys "$scratch/bad.service" | expect_offences 1 "a unit without our keys"
if command -v systemd-analyze >/dev/null; then
  { judge_unit "$scratch/bad.service" && judge_exposure "$scratch/bad.service"; } |
    expect_offences 2 "an unknown key, a service that may do everything"
fi

cd "$source_dir"
{
  for unit in conf/nightshift.service conf/nightshift-system.service; do
    judge_keys "$unit"
    judge_unit "$unit"
  done
  judge_exposure conf/nightshift-system.service
} | conclude
