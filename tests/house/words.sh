#!/usr/bin/env bash
# Sources are finished and of a size that one can hold in mind: no marks of unfinished work, no file
# over 600 lines, no function over 80, and every file of src and include begins by saying what it is (a
# .c file may leave that to its own header, by including it in the first line).
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

file_lines_max=600
function_lines_max=80
unfinished='(^|[^[:alnum:]_])(TOD[O]|FIXM[E]|XX[X]|HAC[K]|stu[b](s|bed)?|not (yet )?implemente[d])([^[:alnum:]_]|$)'

# Each of these prints offences for the files named.
judge_words() {
  grep -nHIiE "$unfinished" "$@" | sed 's/$/   <- unfinished by its own words/' || true
}

judge_size() {
  awk -v most="$file_lines_max" 'FNR == 1 && name != "" && last > most { print name ": " last " lines, more than " most }
    { name = FILENAME; last = FNR }
    END { if (last > most) print name ": " last " lines, more than " most }' "$@"
}

judge_beginning() {
  awk 'FNR == 1 && $0 !~ /^\/\*[[:space:]]*[[:alnum:]`"]/ {
    stem = FILENAME; sub(/^.*\//, "", stem); sub(/\.c$/, ".h", stem)
    if (FILENAME ~ /\.c$/ && $0 ~ "^#include \"([a-z_/]*/)?" stem "\"$") next
    print FILENAME ":1: does not begin with a comment that says what belongs here"
  }' "$@"
}

# By the layout that clang-format gives: a function opens at the margin and closes with "}" alone.
judge_functions() {
  awk -v most="$function_lines_max" '
    FNR == 1 { begun = 0 }
    /^[A-Za-z_][^=]*\(/ { begun = FNR; head = $0 }
    /^}$/ { if (begun && FNR - begun + 1 > most) print FILENAME ":" begun ": " FNR - begun + 1 " lines, more than " most ": " head; begun = 0 }' "$@"
}

sample=$scratch/sample.c
{
  printf '#include <stdio.h>\n\n/* TO''DO: more */\nint a; // st''ub\n'
  printf 'static int long_one(int x,\n                    int y) {\n'
  seq -f '  x += y * %.0f;' 80
  printf '  return x;\n}\n'
  printf 'int declared(int x,\n             int y);\nstatic int table[] = {ONE(1),\n                   ONE(2)};\n'
  printf 'int short_one(void) {\n  return 1;\n}\n'
  seq -f '// %.0f' 600
} >"$sample"
judge_words "$sample" | expect_offences 2 "marks of unfinished work"
judge_size "$sample" | expect_offences 1 "a file too long"
judge_beginning "$sample" | expect_offences 1 "no words at the beginning"
judge_functions "$sample" | expect_offences 1 "a function too long"
printf '/* Good: a stubborn sample with mkstemp("aXXXXXX"). */\nint one(void) {\n  return 1;\n}\n' >"$sample"
printf '#include "folder/other.h"\n' >"$scratch/one.c"
judge_beginning "$scratch/one.c" | expect_offences 1 "a first line that names another header"
printf '#include "folder/one.h"\n' >"$scratch/one.c"
judge_beginning "$scratch/one.c" | expect_offences 0 "a first line that names its own header"
{ judge_words "$sample" && judge_size "$sample" && judge_beginning "$sample" && judge_functions "$sample"; } |
  expect_offences 0 "a good file"

cd "$source_dir"
mapfile -t product < <(project_files 'src/*.[ch]' 'include/*.h')
mapfile -t tests < <(project_files 'tests/*.[ch]' 'tests/*.sh' 'tests/*.scn')
mapfile -t code < <(project_files 'src/*.[ch]' 'include/*.h' 'tests/*.[ch]')
{
  judge_words "${product[@]}" "${tests[@]}"
  judge_size "${code[@]}"
  judge_beginning "${product[@]}"
  judge_functions "${code[@]}"
} | conclude
