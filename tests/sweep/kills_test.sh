#!/usr/bin/env bash
# kill -9 of the real program, at effects that others can see (a commit's writes and syncs, bytes sent,
# replies read, a result's bytes and name) and at random times, in three batches: whatever the moment,
# the next run ends it all, nothing paid twice, every result whole. KILLS says how many.
source "$(dirname "${BASH_SOURCE[0]}")/sweep.sh"

kills=${KILLS:-50}
RANDOM=${SEED:-1}
batches=(plain doubt downloads) moments=(before half after)
for batch in "${batches[@]}"; do
  table "$batch"
  declare "effects_$batch=$effects" "took_$batch=$took_ms"
done

order() { # NUMBER: one kill in five by time, the others spread over the effects
  local batch=${batches[$1 % 3]} all took
  all=effects_$batch took=took_$batch
  if [ $(($1 % 5)) = 4 ]; then
    printf '%s stop %d\n' "$batch" $((20 + RANDOM % ${!took}))
  else
    printf '%s kill %d %s\n' "$batch" $((1 + (${!all} * $1 + RANDOM % ${!all}) / kills)) "${moments[$1 / 3 % 3]}"
  fi
}
for ((number = 0; number < kills; number++)); do order "$number"; done | cases
printf 'kills: %d of %d cases\n' "$(count 'status 137')" "$kills"
finish
