#!/usr/bin/env bash
# Makes the pictures of docs/pictures/ from a night of 1,000 jobs against the pretend service: what stood on the
# terminal in the middle of it, and the report of the morning after. Takes three minutes, and needs script(1), python3
# and chromium. usage: docs/pictures.sh BUILD
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/transcript.sh"
speed=150 pictures=$source/docs/pictures

sources=(goodbye hello scene-01 scene-02 scene-03)
for ((number = 1; number <= 250; number++)); do # each with content of its own: a box that players pass over
  file=$(printf 'clips/clip-%03d.mp4' "$number")
  cp "$source/conf/demo/clips/${sources[number % 5]}.mp4" "$file"
  printf '\x00\x00\x00\x14free%012d' "$number" >>"$file"
done
cat >scenario.yaml <<'YAML'
seed: 3
work: {base: 30s, per_second: 5s, jitter: 20%, start: [1s, 8s]}
artifacts: {bytes: [2000, 6000], ttl: 48h}
accounts:
  - {email: one@example.com, capacity: {between: [1, 3], every: 40m}, max_jobs: 5}
  - {email: two@example.com, capacity: 2, broken: [{from: 40m, until: 75m}]}
  - {email: three@example.com, capacity: 2, by_hand: {every: 30m, length: [2m, 6m]}}
  - {email: four@example.com, capacity: 1}
  - {email: five@example.com, capacity: 3, suspended: 150m}
faults: [{call: submit, kind: lost_after, rate: 1%}, {call: any, kind: 5xx_before, rate: 1%}]
failures: [{kind: internal, rate: 2%}, {kind: moderation, asset: "clip-0?7*", rate: 20%}]
YAML
printf 'batch: thousand\njobs: [{video: "clips/*.mp4", voice: [Maya, Leo, Ivy, Noah]}]\n' >thousand.yaml
serve scenario.yaml
printf -v run '%q ' "$nightshift" run --api "$api" --speed "$speed" thousand.yaml
TERM=xterm SHELL=/bin/bash script -qefc "stty cols 110 rows 30; $run" shown.txt >/dev/null </dev/null || true # 1: some are moderated
python3 "$pictures/terminal.py" shown.txt 110 30 0.55 >"$pictures/night.svg"
"$nightshift" report thousand.yaml -o report.html
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=0.7 --window-size=1100,2100 \
  --screenshot="$pictures/report.png" "file://$PWD/report.html" 2>/dev/null
