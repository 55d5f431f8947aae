#!/usr/bin/env bash
# Makes docs/bad-night.md: a night in which much goes wrong, really run against the pretend service.
# usage: docs/bad-night.sh BUILD >docs/bad-night.md
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/transcript.sh"

for clip in hello goodbye scene-01 scene-02 scene-03; do
  cp "$source/conf/demo/clips/$clip.mp4" clips/
done
cat >scenario.yaml <<'YAML'
seed: 5
work: {base: 40s, per_second: 3s, start: [1s, 3s]}
accounts:
  - {email: one@example.com, capacity: 2}
  - {email: two@example.com, capacity: 1}
  - {email: three@example.com, capacity: 1, suspended: 300s}
faults:
  - {call: submit, kind: 5xx_before, nth: 6}
  - {call: submit, kind: lost_after, nth: 8}
  - {call: list-tasks, kind: html, nth: 4}
failures:
  - {kind: internal, nth: 5}
  - {kind: moderation, asset: "*goodbye*", nth: 2}
YAML
cat >spring.yaml <<'YAML'
batch: spring
jobs:
  - {video: clips/*.mp4, voice: [Maya, Leo, Ivy]}
YAML
serve scenario.yaml

cat <<'TEXT'
# A bad night

What a night with trouble looks like, and what is left to do in the morning. All of it was really run against the pretend service
(`docs/bad-night.sh` makes this page); [a first night](first-night.md) is the gentler one. What went wrong here: the machine lost its
power in the middle, an account was suspended, the service failed now and then, one answer to a submission was lost, a task failed, a
clip was moderated.

## The power goes

Fifteen jobs, three accounts:
TEXT
show 30 nightshift check spring.yaml
begin nightshift run spring.yaml
said 'job.succeeded'
kill -KILL "$run_pid"
show_run 16 nightshift run spring.yaml
cat <<'TEXT'
No word of goodbye: the machine is gone. It is back, and nothing runs; what was paid for is known all the same:
TEXT
show 24 nightshift status spring.yaml

cat <<'TEXT'
## It goes on

Run it again. What had a task is followed, what was on the wire when the power went is found out before anything is submitted again. While
it is at work, from another terminal, an account gets a rest, and comes back:
TEXT
begin nightshift run spring.yaml
said 'run.started'
show 6 nightshift pause --account two@example.com
said 'job.succeeded'
show 6 nightshift resume --account two@example.com
say "And this is what the run itself said, from its beginning to its end:"
show_run 90 nightshift run spring.yaml

cat <<'TEXT'
## In the morning

What ended badly, why, and what to do about it:
TEXT
show 40 nightshift status spring.yaml
say "The whole night on one page, with every job and its result:"
show 6 nightshift report spring.yaml -o night.html
say "What is left, as a batch of its own, grouped by why:"
show 40 nightshift report spring.yaml --remaining -o -
say "The moderated clip was looked at and is meant as it is; everything else that did not go well gets another round as well:"
show 12 nightshift retry --force spring.yaml
show 40 nightshift run spring.yaml
say "Which leaves nothing:"
show 6 nightshift report spring.yaml --remaining -o rest.yaml
