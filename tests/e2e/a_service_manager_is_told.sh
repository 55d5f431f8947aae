#!/usr/bin/env bash
# With NOTIFY_SOCKET set the run says when it is at work, that its loop is alive, where it stands, that it reads its
# files again, and that it stops.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

speed=30
make_clips 3
printf 'batch: told\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
quick_scenario scenario.yaml </dev/null
sed -i 's/base: 10s/base: 60s/' scenario.yaml
start_simulator scenario.yaml
perl -MSocket -e '$| = 1;
socket(IN, PF_UNIX, SOCK_DGRAM, 0) and bind(IN, sockaddr_un("notify")) or die;
print "listening\n";
while (defined recv(IN, my $text, 4096, 0)) { print "$text\n" }' >told.txt 2>listener.err &
children+=($!)
wait_until grep -q listening told.txt
NOTIFY_SOCKET=$scratch/notify WATCHDOG_USEC=200000 start_run batch.yaml
wait_until grep -q '^READY=1' told.txt
wait_until grep -q '^WATCHDOG=1' told.txt
kill -HUP "$run_pid"
wait_until grep -q '^RELOADING=1' told.txt
wait_until grep -q 'event=config.reloaded' "$err"
wait_until grep -q '^STATUS=[0-9] of 3 ended, [0-9] at work' told.txt
kill -TERM "$run_pid"
await "$run_pid"
expect_status 3
wait_until grep -q '^STOPPING=1' told.txt
expect_in told.txt '^MONOTONIC_USEC=[0-9]+$'
expect_same "times that it was ready" 2 "$(grep -c '^READY=1' told.txt)"
