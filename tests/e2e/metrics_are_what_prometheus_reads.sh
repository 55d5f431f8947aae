#!/usr/bin/env bash
# While a run is at work its metrics are well formed for Prometheus' own tool and for OpenMetrics' own parser,
# and say what the state and the pretend service say. docs/metrics.md names all of them and no other; the
# dashboard and the alerts ask for none that is not there, and each alert fires on the night made for it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_tools promtool

make_clips 8
printf 'batch: measured\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
cat >scenario.yaml <<'YAML'
seed: 7
work: {base: 200s, per_second: 1s, start: [1s, 2s]}
accounts: [{email: one@example.com, capacity: 2, credits: 4000}, {email: "quo\"te@example.com", capacity: 1}]
YAML
start_simulator scenario.yaml
address=${api#http://} address=${address%%/*}
stop_simulator
start_simulator scenario.yaml
start_run --listen "$address" --public-url "http://$address" batch.yaml

open='application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
value() { # FILE SAMPLE: its value
  sample=$2 awk 'index($0, ENVIRON["sample"] " ") == 1 { print $NF }' "$1"
}
scraped() { http_ask "$address" GET /metrics text.metrics; }
several_ended() {
  scraped && [ "$(value text.metrics 'nightshift_jobs_ended_total{state="succeeded"}')" -ge 3 ] &&
    [ "$(value text.metrics nightshift_eta_timestamp_seconds)" != NaN ]
}
wait_until several_ended
http_ask "$address" GET /metrics open.metrics "$open"
expect_same "lines between the two forms" "$(grep -vc '^#' text.metrics)" "$(grep -vc '^#' open.metrics)"
expect_in head '^Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8'

promtool check metrics <text.metrics >lint.out 2>&1 || fail "promtool does not like it: $(cat lint.out)"
expect_quiet lint.out
/usr/bin/python3 - open.metrics >families <<'PYTHON' || fail "OpenMetrics' parser does not like it"
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(open(sys.argv[1], encoding="utf-8").read()):
    print(family.name, family.type, family.unit, sorted(label for sample in family.samples for label in sample.labels.values())[:1])
    if family.name == "nightshift_account_running":
        assert {sample.labels["account"] for sample in family.samples} == {"one@example.com", 'quo"te@example.com'}
PYTHON
expect_in families '^nightshift_http_request_duration_seconds histogram seconds'
expect_in families '^nightshift_account_slot_idle_seconds counter seconds'
expect_in families '^nightshift_build info'
expect_not_in text.metrics "demo-secret|callback/|clip-0|CANARY|user:"

# What they say.
expect_same "jobs" 8 "$(awk '/^nightshift_jobs\{/ { sum += $NF } END { print sum }' text.metrics)"
expect_same "slots that the second account takes" 1 "$(value text.metrics 'nightshift_account_capacity{account="quo\"te@example.com"}')"
expect_same "credits, asked for before the run" 4000 "$(value text.metrics 'nightshift_account_credits{account="one@example.com"}')"
expect_least "callbacks that led to a look" 3 "$(value text.metrics 'nightshift_callbacks_total{outcome="accepted"}')"
expect_same "lies" 0 "$(value text.metrics nightshift_callbacks_contradicted_total)"
expect_same "commits that failed" 0 "$(value text.metrics nightshift_store_commit_failures_total)"
submitted=$(value text.metrics 'nightshift_submissions_total{outcome="ok"}')
expect_same "submissions by the calls" "$submitted" "$(value text.metrics 'nightshift_http_replies_total{call="submit",code="2xx"}')"
expect_most "tasks, of those that the service made" "$(total accepted)" "$submitted"
idle=$(awk '/^nightshift_account_slot_idle_seconds_total\{/ { sum += $NF } END { print int(sum) }' text.metrics)
expect_most "seconds of idle slots, of a night of minutes" 200 "$idle"
await "$run_pid"
expect_status 0

# Which there are: in the page, the dashboard and the alerts.
names() { sed -nE 's/^# TYPE ([a-z0-9_]+) .*/\1/p' text.metrics | sort; }
asked() { grep -oE '\b(nightshift|process)_[a-z0-9_]+' | sed -E 's/_bucket$//' | sort -u; }
expect_same "metrics of docs/metrics.md" "$(names)" \
  "$(sed -nE 's/^\| `((nightshift|process)_[a-z0-9_]+)` .*/\1/p' "$source_dir/docs/metrics.md" | sort)"
names >names
dashboard=$source_dir/conf/grafana-dashboard.json rules=$source_dir/conf/prometheus-alerts.yaml
jq -r '.panels[].targets[].expr, .templating.list[].query.query?' "$dashboard" | asked >in_dashboard
grep -v '^#' "$rules" | asked >in_rules
expect_least "metrics that the dashboard shows" 15 "$(wc -l <in_dashboard)"
expect_least "metrics that the alerts look at" 6 "$(wc -l <in_rules)"
expect_same "metrics that are not there" '' "$(sort -u in_dashboard in_rules | comm -23 - names)"

# Whether Prometheus can read what they ask.
{
  printf 'groups:\n- name: dashboard\n  rules:\n'
  jq -r '.panels[].targets[].expr' "$dashboard" | sed 's/\$instance/i/g' | nl -w1 -s' ' | while read -r number expression; do
    printf -- '  - record: panel_%s\n    expr: %s\n' "$number" "'${expression//\'/\'\'}'"
  done
} >dashboard.rules
promtool check rules dashboard.rules "$rules" >rules.out 2>&1 || fail "promtool does not like the rules: $(cat rules.out)"
promtool test rules "$source_dir/tests/e2e/alerts.yaml" >rules.out 2>&1 || fail "the alerts do not fire as they should: $(cat rules.out)"
