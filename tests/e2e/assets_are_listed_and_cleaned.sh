#!/usr/bin/env bash
# `assets`: what is uploaded, page by page, ours told from others'; --clean deletes ours that no job needs,
# also while a run is at work, and neither what is needed nor what others uploaded. What was deleted is
# uploaded again when a job needs it, and nothing is paid twice.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

assets() { ns assets --state "$scratch/state.db" --api "$api" "$@"; }
count() { jq "$1 | length" "$out"; }
# upload EMAIL NAME: by another program.
upload() {
  local address=${api#http://}
  address=${address%%/*}
  {
    printf 'POST /v1/runwayml/assets/?email=%s&name=%s HTTP/1.0\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: video/mp4\r\nContent-Length: 4\r\n\r\nclip' \
      "$1" "$2" "$address" "$USEAPI_TOKEN" >&5
    cat <&5 >/dev/null
  } 5<>"/dev/tcp/${address%:*}/${address##*:}"
}
count_is() { status_json spring.yaml && [ "$(jq -r ".counts.$1 // 0" status.json)" = "$2" ]; }

make_clips 4
cat >spring.yaml <<'YAML'
batch: spring
jobs: [{video: "clips/clip-00[123].mp4", voice: Maya}]
YAML
quick_scenario scenario.yaml <<'YAML'
replies: {assets: object, assets_page: 2, used_asset: kept}
YAML
start_simulator scenario.yaml

# ---- nothing yet; who does not know any state has nothing to clean ----
assets
expect_status 0
expect_quiet "$out"
expect_in "$err" 'nothing is uploaded'
upload one@example.com by-hand
assets --clean
expect_status 0
expect_same "said" "0 deleted (0 B), 0 kept; 1 of others were left alone" "$(cat "$out")"
expect_no_file state.db

# ---- after a run: listed, with ids for `asset:` ----
run spring.yaml
expect_status 0
for number in 1 2 3 4 5; do upload two@example.com "by-hand-$number"; done
assets --json
expect_status 0
expect_quiet "$err"
uploads=$(total uploads)
expect_same "assets" "$uploads" "$(count .assets)"
expect_same "of others" 6 "$(count '[.assets[] | select(.ours | not)]')"
expect_same "with a length" $((uploads - 6)) "$(count '[.assets[] | select(.seconds != null)]')"
assets --json --account two@example.com
expect_same "accounts" two@example.com "$(jq -r '[.assets[].account] | unique | join(" ")' "$out")"
assets
expect_in "$out" '^NAME +LENGTH +SIZE +OURS$'
expect_in "$out" 'clip-001-[0-9a-f]{12} +[0-9.]+ s +[0-9.]+ kB +yes'
expect_in "$out" 'user:1234-runwayml:(one|two)@example\.com-asset:'
assets --account nobody@example.com
expect_status 1
expect_in "$err" 'no such account'
assets spring.yaml
expect_status 2

# ---- a job that is to come needs one of the clips; the rest goes ----
stop_simulator
start_simulator scenario.yaml # it has forgotten all: what the state believes in is gone
assets --clean
expect_status 0
expect_in "$out" '^0 deleted'
sed -i 's/^seed: 7/seed: 8/; s/^work: .*/work: {base: 300s, per_second: 1s, start: [1s, 2s]}/' scenario.yaml
stop_simulator
start_simulator scenario.yaml
cat >more.yaml <<'YAML'
batch: more
defaults: {voice: Leo, account: one@example.com}
jobs: [{video: "clips/clip-00[234].mp4"}, {video: clips/clip-001.mp4, priority: 1}]
YAML
ns retry --state "$scratch/state.db" spring.yaml --again 'clips.clip-001-*'
expect_status 0
rm out/clip-001-Maya.mp4 2>/dev/null || rm -f clip*.mp4 ./*Maya*.mp4
start_run more.yaml
wait_until at_least 2 accepted
upload one@example.com by-hand
# beside the run at work: all of its clips are needed by jobs that are not ended
assets --clean --json
expect_status 0
expect_same "deleted" 0 "$(count .deleted)"
expect_same "of others" 1 "$(jq .others "$out")"
expect_least "kept" 2 "$(count .kept)"
expect_in "$out" 'job clips.clip-00.-(Leo|Maya), which is (running|queued|uploading|submitting), needs it'
expect_same "requests to delete" 0 "$(jq -s '[.[] | select(.method == "DELETE")] | length' ledger.json)"
ns cancel --state "$scratch/state.db" more.yaml --all
await "$run_pid"
expect_status 1

# ---- ended, but for the one that the other batch needs ----
assets --clean --json
expect_status 0
expect_same "kept" 1 "$(count .kept)"
expect_same "by whom" "job clips.clip-001-Maya, which is queued, needs it" "$(jq -r '.kept[0].why' "$out")"
expect_least "deleted" 2 "$(count .deleted)"
expect_same "of others" 1 "$(jq .others "$out")"
assets --json
expect_same "what is left" 2 "$(count .assets)"

# ---- forgotten is forgotten: the clip goes up again, and no job is paid twice ----
sed -i 's/^seed: 8/seed: 9/; s/300s/10s/' scenario.yaml
ns retry --state "$scratch/state.db" more.yaml
expect_status 0
stop_simulator
start_simulator scenario.yaml
run more.yaml
expect_status 0
ledger
expect_same "jobs paid for, and twice" "4 0" "$(jq -r 'select(.totals) | "\(.totals.jobs) \(.totals.duplicates)"' ledger.json)"
expect_same "uploads" 4 "$(total uploads)"
assets --clean --account one@example.com
expect_status 0
expect_in "$out" '^[1-4] deleted \([0-9.]+ kB\)'
assets --clean
expect_in "$out" '^0 deleted \(0 B\), [01] kept; 0 of others were left alone$'

# ---- who cannot ask ----
stop_simulator
assets --clean
expect_status 4
expect_in "$err" 'the service could not be asked'
USEAPI_TOKEN='' assets
expect_status 2
