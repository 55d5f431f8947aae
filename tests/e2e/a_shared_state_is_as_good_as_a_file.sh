#!/usr/bin/env bash
# The state in PostgreSQL: every command works on it, a second run is refused, kills and a server that
# is cut off, hangs or is not there cost nothing twice, and the run goes on when it is back.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ "$("$nightshift" status --state postgresql:///x?host=/nowhere 2>&1 | grep -c POSTGRES=OFF)" != 0 ]; then
  printf 'left out: built without PostgreSQL\n'
  exit 0
fi
if ! find /usr/lib/postgresql/*/bin -name postgres 2>/dev/null | grep -q .; then
  fail "there is no PostgreSQL server: third_party/install test"
fi
start_database
make_clips 12
printf 'batch: shared\njobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]\n' >batch.yaml
printf 'batch: other\njobs: [{video: clips/clip-001.mp4, voice: Ivy}]\n' >other.yaml
quick_scenario scenario.yaml <<'YAML'
latency: {any: [80ms, 250ms], submit: [1s, 4s], upload: [1s, 3s]}
faults: [{call: submit, kind: lost_after, nth: 5}]
YAML
sed -i 's|base: 10s|base: 2m|' scenario.yaml
slow_results scenario.yaml
start_simulator scenario.yaml

# Nothing there yet; looking makes nothing. A password is refused, and not repeated.
ns status --state "$state_at"
expect_status 0
expect_in "$err" 'nothing has been run'
expect_same "schemas made by looking" 0 "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'nightshift'")"
ns status --state "postgresql://nightshift:hunter2@/nightshift?host=$database_dir"
expect_status 2
expect_in "$err" 'holds a password'
expect_not_in "$err" hunter2

# Killed in the middle, again and again.
for moment in '1 requests' '1 uploads' '1 submissions' '4 accepted' '1 downloads'; do
  start_run batch.yaml
  # shellcheck disable=SC2086 # a count and a name
  wait_until at_least $moment
  kill -KILL "$run_pid"
  await "$run_pid"
  expect_same "way the run went" 137 "$status"
done

# A run at work: who holds the state is told to others, orders reach it, commands look.
start_run batch.yaml
first_err=$err
wait_until grep -q event=run.started "$first_err"
run other.yaml
expect_status 4
expect_in "$err" "in use by process $run_pid on"
ns pause --state "$state_at" --account one@example.com
expect_status 0
expect_in "$out" 'one@example.com: paused'
status_json batch.yaml
expect_same "phase" running "$(jq -r .phase status.json)"
expect_same "paused account" paused "$(jq -r '.accounts[] | select(.email == "one@example.com") | .state' status.json)"
ns history --state "$state_at" batch.yaml clips.clip-001-Maya
expect_status 0
ns resume --state "$state_at" --account one@example.com
expect_status 0

# No room on the server: told once, however often orders can be looked for meanwhile.
sql "CREATE FUNCTION nightshift.no_room() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION
  ''the device is full'' USING ERRCODE = ''53100''; END';
  CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON nightshift.job FOR EACH ROW EXECUTE FUNCTION nightshift.no_room()"
tried_again() { [ "$(grep -c 'the device is full' "$database_dir/log")" -ge 2 ]; }
wait_until tried_again
expect_same "times that it was told" 1 "$(grep -c event=store.full "$first_err")"
expect_not_in "$first_err" event=store.ready
sql "DROP TRIGGER no_room ON nightshift.job"
wait_until grep -q event=store.ready "$first_err"

# The server is cut off: nothing is submitted meanwhile, and all goes on when it is back.
wait_until at_least 8 submissions
cut_database
wait_until grep -q 'level=error event=store.away' "$first_err"
submissions=$(total submissions)
ns status --state "$state_at" batch.yaml
expect_status 4
expect_same "submissions while nothing could be written down" "$submissions" "$(total submissions)"
start_database
is_back() { sed '1,/event=store.away/d' "$first_err" | grep 'level=info event=store.ready'; }
wait_until is_back
await "$run_pid"
expect_status 0
expect_in "$first_err" 'event=run.finished .*status=0'
expect_paid 24
expect_whole batch.yaml 24
expect_same "undecided attempts" 0 "$(sql "SELECT count(*) FROM nightshift.attempt WHERE state IN ('open', 'unsure')")"

# Without a run the commands do it themselves; a name of a service and a file of passwords lead there too.
ns report --state "$state_at" batch.yaml -o report.html
expect_status 0
expect_in report.html clip-012-Leo
printf '[night]\nhost=%s\ndbname=nightshift\nuser=nightshift\n' "$database_dir" >services.conf
export PGSERVICEFILE=$scratch/services.conf
ns retry --state 'postgresql:///?service=night' --again batch.yaml clips.clip-001-Maya
expect_status 0
expect_in "$out" 'clips.clip-001-Maya: queued again'
