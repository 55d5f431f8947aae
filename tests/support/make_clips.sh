#!/usr/bin/env bash
# Makes many tiny clips with picture and sound, each with content of its own, for trying out load.
# Needs ffmpeg, which the project itself and its tests do not.
#   tests/support/make_clips.sh DIR LENGTH...
# A LENGTH is seconds, or COUNTxSECONDS: `make_clips.sh /tmp/clips 3.2 40x8 60x12.5` makes 101 clips,
# clip-0001.mp4 to clip-0101.mp4. Each length is encoded once; the copies differ by their title.
set -euo pipefail

usage() {
  sed -n 's/^#   \(tests.*\)/usage: \1/p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

run_ffmpeg() { ffmpeg -hide_banner -loglevel error -nostdin -y "$@"; }

encode_seconds() { # SECONDS FILE
  run_ffmpeg -f lavfi -i testsrc2=size=96x96:rate=5 -f lavfi -i sine=frequency=330:sample_rate=8000 \
    -t "$1" -c:v libx264 -crf 42 -pix_fmt yuv420p -c:a aac -ac 1 -b:a 4k "$2"
}

if [ $# -lt 2 ]; then usage; fi
command -v ffmpeg >/dev/null || { printf 'make_clips.sh: ffmpeg is not installed\n' >&2; exit 1; }
directory=$1
shift
mkdir -p "$directory"
master=$(mktemp --suffix=.mp4)
trap 'rm -f "$master"' EXIT

number=0
for length in "$@"; do
  if [[ ! $length =~ ^(([1-9][0-9]*)x)?([0-9]+(\.[0-9]+)?)$ ]]; then usage; fi
  count=${BASH_REMATCH[2]:-1} seconds=${BASH_REMATCH[3]}
  encode_seconds "$seconds" "$master"
  for ((i = 0; i < count; i++)); do
    number=$((number + 1))
    run_ffmpeg -i "$master" -c copy -metadata title="clip $number" \
      "$directory/$(printf 'clip-%04d.mp4' "$number")"
  done
done
printf '%d clips in %s\n' "$number" "$directory"
