#!/usr/bin/env bash
# logfmt, JSON and pretty: one event a line, with the contract's names, in the format asked for; times
# in UTC with milliseconds; the log file is written as well as standard error; -q leaves warnings only.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 3
cp clips/clip-003.mp4 'clips/a "quoted" näme = ü.mp4'
printf 'batch: "log = \\"quoted\\" ünd so"\njobs: [{video: clips/*.mp4, voice: [Maya, Leo]}]\n' >batch.yaml
quick_scenario scenario.yaml <<'YAML'
faults:
  - {call: submit, kind: lost_after, nth: 2}
  - {call: submit, kind: 429_runway, nth: 3}
failures: [{kind: internal, nth: 2}]
YAML
events='run\.started|job\.(uploading|submitted|running|downloading|retry|unsure|resolved|succeeded|failed|moderated|cancelled|held)|account\.(throttled|ready|empty|broken|paused|lost)|api\.error|store\.full|config\.reloaded|batch\.paused|progress|run\.(stopping|finished)|summary\.(account|slowest|advice)'
for format in logfmt json pretty; do
  rm -rf out state.db*
  start_simulator scenario.yaml
  run --log-format "$format" --log-file "$format.log" batch.yaml
  expect_status 0
  cp "$err" "lines.$format"
  cmp "$err" "$format.log" || fail "the log file is not what standard error got"
  stop_simulator
done

line='^ts=[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z level=(debug|info|warn|error) event='"($events)"'( [a-z_]+=("([^"\\]|\\.)*"|[^ "=]*))*$'
if grep -vnE "$line" lines.logfmt; then fail "lines that are no logfmt of ours, above"; fi
jq -es 'all(.ts | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z$"))
        and all(.level | IN("debug", "info", "warn", "error"))
        and all(to_entries | all(.value | type | IN("string", "number", "boolean")))' lines.json >/dev/null ||
  fail "JSON lines that are not of the contract's form"
expect_same "events that the contract does not have" "" "$(jq -r .event lines.json | grep -vE "^($events)$" | sort -u)"
for event in run.started job.uploading job.submitted job.running job.downloading job.unsure job.resolved job.retry job.succeeded \
  account.throttled account.ready run.finished; do
  for format in logfmt json pretty; do expect_in "lines.$format" "${event/./\\.}"; done
done
jq -es 'map(select(.event | startswith("job."))) | all(has("batch") and has("job"))
        and (map(select(.event == "job.submitted")) | all(has("account") and has("task") and has("attempt")
             and has("voice") and has("video")))' lines.json >/dev/null || fail "names that are missing in job lines"
jq -es 'map(select(.event == "account.throttled")) | length > 0
        and all((.kind | IN("maxjobs", "runway")) and has("account") and (.wait_ms | type == "number"))' lines.json \
  >/dev/null || fail "account.throttled lacks what the contract says"
expect_same "the batch's name in JSON" 'log = "quoted" ünd so' \
  "$(jq -rs 'map(select(.batch != null))[0].batch' lines.json)"
expect_not_in lines.pretty $'\e'
expect_not_in lines.pretty '^ts='
grep -vnE '^[0-9]{2}:[0-9]{2}:[0-9]{2} ' lines.pretty >&2 && fail "pretty lines without a time"

rm -rf out state.db*
start_simulator scenario.yaml
run -q batch.yaml
expect_status 0
expect_not_in "$err" 'level=(info|debug)'
expect_in "$err" 'level=warn'
