#!/usr/bin/env bash
# The pure folders call nothing but the harmless: what `nm -u` finds in the libraries of util, model,
# core and wire, against a list. No clock, socket, file, environment or randomness.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

# Extended regular expressions for whole symbols, with what makes them harmless.
harmless=(
  # bytes and texts in memory
  'mem(cpy|move|set|cmp|chr|rchr|mem)' '(__)?(str|stp)n?(cpy|len|cmp|chr|rchr|chrnul|dup|spn|cspn|str|casecmp|casestr|pbrk|sep|tok_r)' 'strn(len|casecmp)' 'rawmemchr' 'bcmp' 'explicit_bzero'
  # allocation: from the process's own memory
  '(m|c|re)alloc' 'free' 'reallocarray' 'aligned_alloc'
  # numbers to text and back, without a stream
  'v?s(n)?printf' 'v?sscanf' '__isoc(99|23)_(v?sscanf|strto[a-z]+)' 'strto(l|ll|ul|ull|d|f|ld|imax|umax)' '__errno_location'
  '__ctype_(b|tolower|toupper)_loc' '(is|to)(alpha|digit|alnum|space|upper|lower|print|cntrl|xdigit|punct|graph)'
  # arithmetic
  '(l?l)?(round|rint)f?' '(floor|ceil|trunc|fabs|sqrt|pow|exp2?|log(2|10)?|fmod|fmin|fmax|isnan|isinf)f?' '__(isnan|isinf|isfinite|finite|fpclassify|signbit)' 'l?labs' 'abs'
  # order
  'qsort(_r)?' 'bsearch'
  # the end of the program at a fault of our own (util/check.h)
  'abort' '__assert_fail'
  # what the compiler puts in: guards, checked forms of the above, sanitizers
  '__stack_chk_fail' '__(mem|str|stp)[a-z]+_chk' '__v?sn?printf_chk' '__(asan|ubsan|lsan|sanitizer|interceptor)_.*' '_GLOBAL_OFFSET_TABLE_' '__gcov_.*'
)
# cJSON reads and writes texts in memory; its file functions do not exist.
harmless_in_wire=('cJSON_.*')

# Prints what of the symbols (one a line) is not in the list. Arguments: more of the list.
judge() {
  local pattern
  pattern=$(printf '%s\n' "${harmless[@]}" "$@" | paste -sd '|')
  grep -vxE "($pattern)" || true
}

judge <<<'memcpy
snprintf
__vsnprintf_chk
__stack_chk_fail
qsort
__asan_report_load8
strtoll' | expect_offences 0 "harmless symbols"
judge <<<'clock_gettime
time
getenv
open
fopen
fprintf
random
getrandom
socket
pthread_mutex_lock
stderr
cJSON_Parse
exit' | expect_offences 13 "harmful symbols"
judge "${harmless_in_wire[@]}" <<<'cJSON_Parse' | expect_offences 0 "cJSON in wire"

# A real object with a clock in it must be seen through nm, too.
printf 'long time(long *);\nlong now(void);\nlong now(void) { return time(0); }\n' >"$scratch/sample.c"
"${CC:-cc}" -c -o "$scratch/sample.o" "$scratch/sample.c"
ar rc "$scratch/libsample.a" "$scratch/sample.o"

undefined_in() { # ARCHIVE
  nm -u --format=posix "$1" | awk 'NF >= 2 { print $1 }' | sort -u
}
defined_in() { # ARCHIVE...
  nm --defined-only --extern-only --format=posix "$@" | awk 'NF >= 3 { print $1 }' | sort -u
}
undefined_in "$scratch/libsample.a" | judge | expect_offences 1 "an object with a clock in it"

archives=()
for folder in util model core wire; do
  archive=$build_dir/libns_$folder.a
  if [ -f "$archive" ]; then
    archives+=("$archive")
  elif [ -n "$(project_files "src/$folder/*.c")" ]; then
    printf '%s is missing, though src/%s has sources: build it first\n' "$archive" "$folder" >>"$scratch/offences"
  else
    printf 'left out: %s, which has no sources yet\n' "$archive"
  fi
done
touch "$scratch/offences"

defined_in "${archives[@]}" >"$scratch/ours"
for archive in "${archives[@]}"; do
  case $archive in */libns_wire.a) more=("${harmless_in_wire[@]}") ;; *) more=() ;; esac
  undefined_in "$archive" | comm -23 - "$scratch/ours" | judge "${more[@]}" |
    sed "s|^|${archive##*/} must not call |" >>"$scratch/offences"
done
conclude <"$scratch/offences"
