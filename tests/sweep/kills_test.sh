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
    printf '%s stop %d\n' "$batch" $((10 + RANDOM * ${!took} / 36000))
  else
    printf '%s kill %d %s\n' "$batch" $((1 + (${!all} * $1 + RANDOM % ${!all}) / kills)) "${moments[$1 / 3 % 3]}"
  fi
}
# No two runs make quite the same calls, so some orders come too late: others take their place.
for ((round = 0, killed = 0; round < 5 && killed < kills; round++)); do
  for ((left = kills - killed, i = 0; i < left; i++)); do order $((i * kills / left)); done | cases
  killed=$(count 'status 137')
done
printf 'kills: %d\n' "$killed"
[ "$killed" -ge "$kills" ] || echo "FAILED fewer than $kills were killed" | tee -a "$results/results.txt" >>"$results/failures.txt"
finish
