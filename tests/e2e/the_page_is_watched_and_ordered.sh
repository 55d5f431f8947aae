#!/usr/bin/env bash
# The page in a real browser, by real clicks: what it shows, that it only reads without the token, orders with
# it, the way back to the next run, and that its policy lets in all that it needs.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# ---- the browser, by WebDriver ----

driver='' session=''

wd() { # METHOD PATH [JSON]: the value of the answer
  local body
  body=$(curl -sS -m 30 -X "$1" -H 'Content-Type: application/json' ${3:+--data "$3"} "$driver/session$2")
  jq -e '(.value | type) != "object" or .value.error == null' <<<"$body" >/dev/null || { jq -r '.value.message' <<<"$body" | head -n 3 >&2; return 1; }
  jq -r '.value' <<<"$body"
}

start_browser() {
  chromedriver --port=0 >driver.out 2>driver.err </dev/null &
  children+=("$!")
  wait_until grep -q 'started successfully on port' driver.out
  driver=http://127.0.0.1:$(sed -nE 's/.*successfully on port ([0-9]+).*/\1/p' driver.out)
  session=$(curl -sS -m 60 -H 'Content-Type: application/json' "$driver/session" --data "$(jq -n --arg home "$scratch/browser" '
    {capabilities: {alwaysMatch: {browserName: "chrome", "goog:loggingPrefs": {browser: "ALL"}, "goog:chromeOptions": {args: [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--no-first-run", "--window-size=1200,1000", "--user-data-dir=\($home)"]}}}}')" |
    jq -r '.value.sessionId')
  [ -n "$session" ] && [ "$session" != null ] || fail "the browser does not start"
}

js() { wd POST "/$session/execute/sync" "$(jq -n --arg script "$1" '{script: $script, args: []}')"; }
find_it() { wd POST "/$session/element" "$(jq -n --arg css "$1" '{using: "css selector", value: $css}')" | jq -r 'to_entries[0].value'; }
click() {
  local element
  element=$(find_it "$1") && wd POST "/$session/element/$element/click" '{}' >/dev/null
}
enter() { # CSS TEXT
  local element
  element=$(find_it "$1") && wd POST "/$session/element/$element/value" "$(jq -n --arg text "$2" '{text: $text}')" >/dev/null
}
shows() { # CSS EXTENDED-REGULAR-EXPRESSION: an element that is seen has such a text
  js "return [...document.querySelectorAll('$1')].filter((node) => node.checkVisibility()).map((node) => node.innerText).join('\n')" | grep -qE -- "$2"
}
hides() { ! shows "$1" .; }

# ---- the story ----

# Tasks of 20 real seconds; the first to begin is moderated after one of them.
make_clips 8
cat >scenario.yaml <<'YAML'
seed: 7
work: {base: 1200s, per_second: 1s, start: [1s, 2s]}
accounts: [{email: one@example.com, capacity: 2}, {email: two@example.com, capacity: 1}]
failures: [{kind: moderation, nth: 1, at: 5%}]
YAML
printf 'batch: watched\njobs: [{video: clips/*.mp4, voice: Maya}]\n' >batch.yaml
start_simulator scenario.yaml
start_run --listen 127.0.0.1:0 batch.yaml
wait_until grep -q 'event=run.listening' "$err"
address=$(sed -nE 's/.*event=run.listening address=([^ ]*).*/\1/p' "$err")
token=$(<state.db.token)
expect_same "mode of the token's file" 600 "$(stat -c %a state.db.token)"

start_browser
wd POST "/$session/url" "$(jq -n --arg url "http://$address/" '{url: $url}')" >/dev/null
wait_until shows '#link-words' '^live$'
wait_until shows '#headline' 'of 8 ended'
wait_until shows '#accounts' 'one@example.com'
wait_until shows '#trouble' 'moderated'
wait_until shows '#trouble .remedy' 'change the clip'
wait_until js 'return document.querySelector(".slot").ariaLabel.match(/clip-00[0-9]-Maya, (running|submitting)/).length'

# A job's history, on a click; the keyboard closes it again.
click '#trouble .name'
wait_until shows '#job-history' 'job.moderated'
expect_same "orders before the token" false "$(js 'return document.getElementById("job-orders").checkVisibility()')"
click '#job-dialog .close'
wait_until hides '#job-dialog'
enter '#search' 'clip-003'
wait_until shows '#jobs-sum' '^1 of 8$'
js 'document.getElementById("search").value = ""; document.getElementById("search").dispatchEvent(new Event("input"))' >/dev/null

# Without the token there is nothing to order with; with a wrong one neither.
hides '.order' || fail "an account can be paused without the token"
click '#sign'
enter '#token' 'not-the-token'
click '#sign-form [type=submit]'
wait_until shows '#sign-fault' 'not the token'
js 'document.getElementById("token").value = ""' >/dev/null
enter '#token' "$token"
click '#sign-form [type=submit]'
wait_until hides '#sign-dialog'
wait_until shows '#sign' 'Sign out'

# An account is paused and resumed by a click.
click '[aria-label="Pause two@example.com"]'
wait_until shows '#toast' 'two@example.com: paused'
wait_until shows '#account-cards' 'paused by a person'
status_json batch.yaml
expect_same "state of the account" paused "$(jq -r '.accounts[] | select(.email == "two@example.com").state' status.json)"
click '[aria-label="Resume two@example.com"]'
wait_until shows '#toast' 'two@example.com: resumed'

# A job is cancelled from its dialog, and the list says so.
js '[...document.querySelectorAll("#rows tr")].find((row) => /queued/.test(row.innerText)).querySelector(".name").id = "chosen"' >/dev/null
click '#chosen'
wait_until shows '#job-orders' 'Cancel'
js '[...document.querySelectorAll("#job-orders button")].find((button) => button.innerText === "Cancel").id = "cancel"' >/dev/null
click '#cancel'
wait_until shows '#order-dialog' 'looked at first'
click '#order-do'
wait_until shows '#order-answer' ': cancelled'
status_json batch.yaml
expect_same "cancelled jobs" 1 "$(jq .counts.cancelled status.json)"
click '#order-dialog .close'
click '#job-dialog .close'
wait_until shows '#rows' 'cancelled'

# Its own policy refuses it nothing, and no secret is in it.
wd POST "/$session/se/log" '{"type": "browser"}' >console.json
expect_same "complaints of the browser" '[]' "$(jq -c '[.[] | select(.level == "SEVERE" and .source != "network") | .message]' console.json)"
js 'return document.documentElement.outerHTML' >page.html
curl -sS -m 2 "http://$address/events" >events.txt || true # it has no end
expect_in events.txt '"reset":true'
for secret in "$token" "$USEAPI_TOKEN" demo-secret; do
  if grep -qF -- "$secret" page.html events.txt "$err"; then fail "a secret is shown"; fi
done

# The run stops, and the page says so; the next one is found without reloading.
js 'window.stays = true' >/dev/null
kill -TERM "$run_pid"
wait_until shows '#expected' 'the run has stopped'
await "$run_pid"
expect_status 3
start_run --listen "$address" batch.yaml
wait_until shows '#link-words' '^live$'
wait_until shows '#expected' 'not known yet|done about'
expect_same "reloads" true "$(js 'return window.stays')"
wait_until shows '#sign' 'Sign out'
kill -TERM "$run_pid"
await "$run_pid"
expect_status 3
wd DELETE "/$session" >/dev/null
