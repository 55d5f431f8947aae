#!/usr/bin/env bash
# Makes docs/first-night.md: every command in it is really run, against the pretend service, and what
# it says is what is shown. usage: docs/first-night.sh BUILD >docs/first-night.md
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/transcript.sh"

for clip in hello goodbye scene-01 scene-02 scene-03; do
  cp "$source/conf/demo/clips/$clip.mp4" clips/
done
cat >scenario.yaml <<'YAML'
seed: 11
work: {base: 30s, per_second: 3s, start: [1s, 3s]}
accounts:
  - {email: one@example.com, capacity: 2, credits: 2000}
  - {email: two@example.com, capacity: 1, credits: 1500, broken: [{from: 60s, until: 200s}]}
faults:
  - {call: submit, kind: lost_after, nth: 3}
failures:
  - {kind: moderation, asset: "*goodbye*", nth: 1}
  - {kind: internal, nth: 4}
YAML
cat >spring.yaml <<'YAML'
batch: spring
defaults:
  voice: Mia
jobs:
  - video: clips/*.mp4
    voise: [Maya, Leo]
  - clips/helo.mp4
YAML
serve scenario.yaml

cat <<'TEXT'
# A first night

From the first batch to the morning after. All that is shown here was really run, against the pretend service
(`docs/first-night.sh` makes this page); yours will differ in names and times. Before you begin: `export USEAPI_TOKEN=user:…`, and
nothing more. [operating.md](operating.md) has the same for people who know it already.

## In the evening

What does the token reach?
TEXT
show 12 nightshift accounts
show 12 nightshift voices
say "You write a batch, \`spring.yaml\`:"
printf '\n```text\n'
cat spring.yaml
printf '```\n\n'
say "and have it checked, which spends nothing. All mistakes are told in one go:"
show 30 nightshift check spring.yaml
cat >spring.yaml <<'YAML'
batch: spring
defaults:
  voice: Maya
jobs:
  - video: clips/*.mp4
    voice: [Maya, Leo]
YAML
say "Mended:"
printf '\n```yaml\n'
cat spring.yaml
printf '```\n'
show 30 nightshift check spring.yaml
say "How will the night go? This is played through in virtual time, and spends nothing either:"
show 30 nightshift rehearse spring.yaml
say "Two jobs first, to look at the results and at what they cost:"
show 30 nightshift run --limit 2 spring.yaml

cat <<'TEXT'
## In the night

Then the rest. On a terminal the log scrolls above a few lines that say where each account stands. This is a night with trouble: a
submission whose answer is lost, an account whose session breaks and is mended again, a task that fails in a way worth another
try, and a clip that is moderated. None of it needs you.
TEXT
show 60 nightshift run spring.yaml

say "## In the morning"
say
say "How did it go?"
show 30 nightshift status spring.yaml
cat <<'TEXT'
What happened to one job, from the first to the last line of its history:
TEXT
show 30 nightshift history spring.yaml clips.scene-01-Leo
cat <<'TEXT'
A moderated clip is not sent again by itself: too many of them get an account suspended. If you are sure of it, or have changed it:
TEXT
show 12 nightshift retry spring.yaml 'clips.goodbye-*'
show 12 nightshift retry --force spring.yaml 'clips.goodbye-*'
show 40 nightshift run spring.yaml
say "Done: run it again as often as you like, nothing is paid for twice."
show 12 nightshift run spring.yaml
