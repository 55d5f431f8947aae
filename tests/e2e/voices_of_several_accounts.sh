#!/usr/bin/env bash
# Accounts with voices of their own: an account that is added gives a name another id, and what was
# paid for is known all the same; one voice by its name and by its id is one job; a job for a certain
# account means that account's voice, however the account's address is spelled.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

clips hello.mp4
cat >scenario.yaml <<'YAML'
work: {base: 5s, per_second: 0s}
voices: [{id: v-zoe-2, name: Zoe}, {id: v-zoe-5, name: Zoe}, {id: v-twin-a, name: Twin}, {id: v-twin-b, name: Twin}]
accounts:
  - {email: one@example.com, voices: [v-zoe-5, v-twin-a]}
  - {email: two@example.com, voices: [v-zoe-2, v-twin-a, v-twin-b]}
  - {email: three@example.com, voices: [v-twin-a]}
YAML
start_simulator scenario.yaml

# Done on one account, the result taken elsewhere; then come the other accounts, and the name has a
# smaller id.
cat >one.yaml <<'YAML'
accounts:
  - email: one@example.com
YAML
cat >batch.yaml <<'YAML'
jobs:
  - {video: clips/hello.mp4, voice: Zoe}
YAML
run -c one.yaml batch.yaml
expect_status 0
rm out/hello-Zoe.mp4
cat >>batch.yaml <<'YAML'
  - {video: clips/hello.mp4, voice: Twin, account: ONE@example.com}
YAML
run batch.yaml
expect_status 0
expect_paid 2
expect_no_file out/hello-Zoe.mp4
expect_file out/hello-Twin.mp4

# An account that lacks the voice.
cat >pinned.yaml <<'YAML'
jobs:
  - video: clips/hello.mp4
    voice: Zoe
    account: three@example.com
YAML
ns check --state "$scratch/state.db" --api "$api" pinned.yaml
expect_status 2
expect_in "$err" '^pinned\.yaml:3:12: the account three@example\.com has no voice .Zoe'

# By its name and by its id.
cat >twice.yaml <<'YAML'
jobs:
  - video: clips/hello.mp4
    voice: [Zoe, v-zoe-2]
    output: twice/{n}.mp4
YAML
run twice.yaml
expect_status 0
expect_in "$err" '^twice\.yaml:3:18: warning: .*v-zoe-2.*same voice.*it is done once'
expect_file twice/1.mp4
expect_no_file twice/2.mp4
sed -i 's/twice/named/; s/jobs:/batch: named\njobs:/; s/output/id: mine\n    output/' twice.yaml
ns check --state "$scratch/state.db" --api "$api" twice.yaml
expect_status 0
expect_in "$err" '^twice\.yaml:4:18: warning: .*done and paid for twice'
