#!/usr/bin/env bash
# Calls on files, sockets and processes that fail, and allocations of the program's own code that fail:
# the run goes on, or ends with a sentence and a status; what it leaves is gone on with, nothing paid
# twice and nothing lost. Here one case for every fifth place; FULL=1: every place, at its first,
# middle and last call, once and from then on, with every error that fits.
source "$(dirname "${BASH_SOURCE[0]}")/sweep.sh"

full=${FULL:-0} every=${EVERY:-5}
for batch in downloads doubt; do
  table "$batch"
  for memory in 0 1; do
    awk -v batch="$batch" -v full="$full" -v memory="$memory" -f "$here/points.awk" "$results/$batch.table" \
      >"$results/$batch.$memory.points"
  done
done
# Every place once: what both batches call is failed in one of them, by turns.
cat "$results"/*.points | awk -v full="$full" '
  { place = $3 " " $4 " " $5; if (full) place = place " " $6 " " $7 " " $8 }
  !(place in seen) { seen[place] = 1; print }' >"$results/all.points"
if [ "$full" = 0 ]; then
  awk -v every="$every" 'NR % every == 0' "$results/all.points" >"$results/points"
  # What once went wrong; memory, room and descriptors gone from then on.
  printf '%s\n' 'plain fail stat clip * 1 EIO 1' 'plain fail open clip * 1 EINTR 1' 'plain fail alloc * * 1 ENOMEM 1' \
    'downloads fail alloc * * 30 ENOMEM on' 'doubt fail alloc * * 300 ENOMEM on' \
    'plain fail pwrite journal * 100 ENOSPC on' 'plain fail open * * 40 EMFILE on' >>"$results/points"
else
  cp "$results/all.points" "$results/points"
  total=$(awk '$2 == "alloc" { all += $1 } END { print all }' "$results/downloads.table")
  for ((i = 0; i < 60; i++)); do
    printf 'downloads fail alloc * * %d ENOMEM on\n' $((1 + total * i / 60))
  done >>"$results/points"
fi
cases <"$results/points"

# A full disk is told once; nothing is submitted until there is room; then it goes on in the same run.
SLOT=0 one_case plain fail pwrite journal '*' 100 ENOSPC 1
lines=$build_dir/e2e/sweep-$name-0/suffering.err
story=$(grep -oE 'event=(store\.(full|ready)|run\.finished)' "$lines" | tr '\n' ' ')
between=$(sed -n '/event=store.full/,/event=store.ready/p' "$lines" | grep -c event=job.submitted || true)
if [ "$story" != 'event=store.full event=store.ready event=run.finished ' ] || [ "$between" != 0 ]; then
  printf 'FAILED full disk: %s and %s submissions meanwhile\n' "$story" "$between" | tee -a "$results/results.txt" >>"$results/failures.txt"
fi
places() { awk '{ print $3, $4, $5 }' "$1" | sort -u | grep -vc '\*'; }
printf 'places: %s of %s\n' "$(places "$results/points")" "$(places "$results/all.points")"
finish
