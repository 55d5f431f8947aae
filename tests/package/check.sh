#!/usr/bin/env bash
# The Debian package as it was made: lintian is content, both programs are hardened, the manual pages
# can be read, a run keeps its memory and its token to itself, and a second build in another folder gives the same bytes. `./dev package` runs it.
# usage: check.sh BUILD SOURCE
set -euo pipefail
build=$(realpath "$1") source=$(realpath "$2")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
packages=("$build"/nightshift_*.deb)
package=${packages[0]}
failed=0
wrong() { printf '%s\n' "$*" >&2 && failed=1; }

lintian --allow-root --fail-on error,warning --info "$package" || failed=1
dpkg-deb -x "$package" "$scratch/tree"

hardened() { # PROGRAM
  local facts symbols name=${1##*/}
  facts=$(readelf -W -h -d -l "$1") symbols=$(readelf -W --dyn-syms "$1")
  grep -q 'Type: *DYN' <<<"$facts" && grep -q 'Flags:.*PIE' <<<"$facts" || wrong "$name: no position-independent program"
  grep -q 'GNU_RELRO' <<<"$facts" && grep -q 'BIND_NOW' <<<"$facts" || wrong "$name: its relocations stay writable"
  grep -qE 'GNU_STACK .* RW +0x' <<<"$facts" || wrong "$name: its stack can be executed"
  if grep -qE '\((RPATH|RUNPATH)\)' <<<"$facts"; then wrong "$name: looks for libraries beside itself"; fi
  grep -q '__stack_chk_fail' <<<"$symbols" || wrong "$name: its stack frames are not guarded"
  grep -q '_chk@' <<<"$symbols" || wrong "$name: copies are not checked for their size"
}
hardened "$scratch/tree/usr/bin/nightshift"
hardened "$scratch/tree/usr/libexec/nightshift/nightshift-probe"

"$source/tests/package/private.sh" "$build" "$source" || failed=1

for page in "$scratch"/tree/usr/share/man/man*/*.gz; do
  zcat "$page" | grep -q '^\.SH' || wrong "${page##*/}: no manual page"
done

mkdir "$scratch/elsewhere"
tar -C "$source" --exclude=./build --exclude='./build-*' --exclude=./.git -cf - . | tar -C "$scratch/elsewhere" -xf -
cmake -S "$scratch/elsewhere" -B "$scratch/elsewhere/b" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$scratch/elsewhere/b" --parallel "$(nproc)" >/dev/null
for program in nightshift nightshift-probe; do
  cmp "$build/$program" "$scratch/elsewhere/b/$program" || wrong "$program: a second build is another"
done
if [ "$failed" = 0 ]; then printf '%s: fit to be given away\n' "${package##*/}"; fi
exit "$failed"
