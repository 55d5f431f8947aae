#!/usr/bin/env bash
# The end of a run is told: to people as a text, to programs as lines of the log. Counts, 429s, credits
# before and after agree with the service's own ledger, and what to do next is grouped by remedy.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 6
quick_scenario scenario.yaml <<'YAML'
failures: [{kind: moderation, nth: 2, at: 40%}]
YAML
sed -i 's/capacity: 2}/capacity: 2, credits: 4000}/' scenario.yaml
start_simulator scenario.yaml
printf 'batch: told\njobs: [{video: "clips/*.mp4", voice: [Maya, Leo]}]\n' >batch.yaml

run batch.yaml --log-file night.log
expect_status 1
expect_in "$err" 'event=summary\.account account=one@example\.com state=ready succeeded='
expect_in "$err" 'event=summary\.slowest job='
expect_in "$err" 'event=summary\.advice state=moderated count=1 advice="change the clip'
expect_in night.log 'event=summary\.account'
for log in "$err" night.log; do
  expect_same "the last event" run.finished "$(grep -oE 'event=[a-z.]+' "$log" | tail -n 1 | cut -d= -f2)"
done
ledger
sum_of() { grep -o "event=summary\.account.*" "$err" | grep -oE " $1=[0-9]+" | cut -d= -f2 | jq -s add; }
expect_same "jobs that succeeded" 11 "$(sum_of succeeded)"
expect_same "credits before" 8000 "$(sum_of credits_before)"
for account in one two; do
  http_get "/v1/runwayml/features/?email=$account@example.com" features.json
  left=$(jq '.permitted.numPlanCredits - .used.numPlanCredits' features.json)
  [ "$left" -lt 4000 ] || fail "nothing was spent on $account"
  expect_in "$err" "event=summary\.account account=$account@example\.com .*credits_after=$left( |$)"
  status_json batch.yaml
  expect_same "credits of $account in status" "$left" \
    "$(jq --arg email "$account@example.com" '.accounts[] | select(.email == $email) | .credits' status.json)"
done
expect_same "429s, told and real" "$(jq 'select(.totals) | .totals | .refused_queue + .refused_runway' ledger.json)" "$(sum_of throttled)"

# The same to a person at a terminal: a text instead of the lines, the file as before; with -q neither.
watched_run() { # ARGS...: sets shown, without the terminal's line ends
  local options command
  mapfile -d '' options < <(run_options)
  printf -v command '%q ' "$nightshift" run "${options[@]}" "$@"
  step=$((step + 1)) status=0 shown=$scratch/$step.err
  timeout -k 5 "$deadline_s" script -qec "$command" /dev/null </dev/null >"$step.tty" || status=$?
  tr -d '\r' <"$step.tty" >"$shown"
  out=$shown err=$shown
}
# Other clips: the one that was moderated would not be sent again.
make_clips 12
mkdir more
mv clips/clip-007.mp4 clips/clip-008.mp4 clips/clip-009.mp4 clips/clip-01?.mp4 more/
printf 'batch: shown\ndefaults: {output: "shown/{video}.mp4"}\njobs: [{video: "more/*.mp4", voice: Ivy}]\n' >shown.yaml
watched_run shown.yaml --color never --log-file shown.log
expect_status 0
expect_in "$shown" '^6 of 6 jobs succeeded$'
expect_in "$shown" '^this run: 6 ended in '
expect_in "$shown" '^ACCOUNT +DONE +FAILED +MODERATED +429S +CREDITS +BUSY$'
expect_in "$shown" '^one@example\.com +[0-9]+ +0 +0 +[0-9]+ +[0-9]+ → [0-9]+ +[0-9]+%$'
expect_in "$shown" '^slowest: '
expect_not_in "$shown" 'summary\.|what to do next'
expect_in shown.log 'event=summary\.account'

# What a run ended earlier is not told again as this one's, but what to do about it is.
printf 'batch: told\njobs:\n  - {video: "clips/*.mp4", voice: [Maya, Leo]}\n  - {video: clips/clip-001.mp4, voice: Noah}\n' >batch.yaml
watched_run batch.yaml
expect_status 1
expect_in "$shown" '^12 of 13 jobs succeeded, 1 moderated$'
expect_in "$shown" '^this run: 1 ended in '
expect_in "$shown" '^what to do next:$'
expect_in "$shown" 'change the clip; moderated clips endanger accounts'
sed -i 's/Noah/[Noah, Ivy]/' batch.yaml
watched_run -q batch.yaml
expect_status 1
expect_not_in "$shown" 'jobs succeeded|ACCOUNT'
