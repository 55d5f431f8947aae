#!/usr/bin/env bash
# report -o FILE.html: one page with every job, whatever clips are called, that asks nothing of anybody.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_clips 3
mv clips/clip-003.mp4 'clips/<script>alert(1)<&script>.mp4'
quick_scenario scenario.yaml <<'YAML'
failures: [{kind: moderation, nth: 2, at: 40%}]
YAML
start_simulator scenario.yaml
printf 'defaults: {voice: Maya}\njobs: [clips/*.mp4]\n' >batch.yaml
run batch.yaml
expect_status 1
ns report --state "$scratch/state.db" batch.yaml
expect_status 2
ns report --state "$scratch/state.db" -o page.html batch.yaml
expect_status 0
expect_same "jobs" 3 "$(grep -c '<tr id="j' page.html)"
expect_in page.html '&lt;script&gt;alert'
expect_not_in page.html '<script>alert'
expect_not_in page.html '(src|href)="(https?:|//)'

# Its policy lets in this style and this script and nothing else.
page=$(<page.html)
for part in style script; do
  text=${page#*"<$part>"}
  hex=$(printf '%s' "${text%%"</$part>"*}" | sha256sum | cut -d ' ' -f 1)
  # shellcheck disable=SC2059 # the format is the bytes
  hash=$(printf "$(sed 's/../\\x&/g' <<<"$hex")" | base64)
  case ${page%%"<style>"*} in *"$part-src 'sha256-$hash'"*) ;; *) fail "the policy refuses the $part: $hash" ;; esac
done
