#!/usr/bin/env bash
# Who may include whom: every #include of src and include against the table below; headers of other
# people's libraries only where third_party/README.md allows them, and never in include/nightshift.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

# Whose header of include/nightshift it is; one that is not here is its namesake folder's.
declare -A owner=(
  [types]=util [error]=util
  [job]=model [account]=model [outcome]=model [record]=model [call]=model [log]=model
  [batch]=input [config]=input [diag]=input
  [forecast]=core [figures]=core [night]=report [board]=report
)

# A folder's neighbours, through their public headers. Itself and util go without saying.
declare -A neighbours=(
  [util]=""
  [model]=""
  [core]="model"
  [wire]="model"
  [input]="model"
  [store]="model"
  [media]="model probe"
  [probe]=""
  [http]="model"
  [web]="model"
  [report]="model core store"
  [sim]="model core wire store input"
  [runtime]="model core wire store input http media web report"
  [cli]="model core wire store input http media web report runtime sim"
)

# "FOLDER HEADER" that the table does not give but the design does, each with its reason.
exceptions=(
  "core nightshift/store.h"   # the snapshot it starts from, a plain value; purity.sh sees that it calls nothing
  "http nightshift/core.h"    # the results of fetching and publishing, plain enums
  "http nightshift/wire.h"    # a request and a reply, plain values
  "sim input/yaml.h"          # scenarios are YAML too, read by the same tree
  "sim store/memory.h"        # a store with crash points
)

# What ISO C gives that has no clock, environment or randomness in it: all that the pure folders get.
pure_headers=" ctype.h errno.h float.h inttypes.h limits.h math.h stdalign.h stdarg.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h "
pure_folders=" util model core wire "
# The rest of ISO C, POSIX and Linux.
system_headers=" assert.h signal.h time.h locale.h malloc.h setjmp.h stdatomic.h unistd.h fcntl.h errno.h dirent.h fnmatch.h glob.h getopt.h poll.h pthread.h pwd.h spawn.h semaphore.h syslog.h termios.h wordexp.h netdb.h libgen.h execinfo.h sched.h endian.h threads.h "
system_folders=" sys arpa net netinet linux "

declare -A libraries=() # a header, or a folder of headers -> our folders that may include it
while IFS='|' read -r _ _ _ _ headers folders _; do
  for header in $headers; do libraries[$header]=" $folders "; done
done < <(grep -E '^\| lib[^|]*\| (build|test) *\|([^|]*\|){5}$' "$source_dir/third_party/README.md")

has_word() { # LIST WORD
  case " $1 " in *" $2 "*) return 0 ;; esac
  return 1
}

# Whether FOLDER may include the project's HEADER (as written between the quotes).
may_include_ours() {
  local folder=$1 header=$2 theirs exception
  case $header in
  nightshift/*) theirs=${header#nightshift/} theirs=${theirs%.h} theirs=${owner[$theirs]:-$theirs} ;;
  */*) theirs=${header%%/*} ;;
  *) theirs=$folder ;; # beside the file
  esac
  for exception in "${exceptions[@]}"; do
    if [ "$exception" = "$folder $header" ]; then return 0; fi
  done
  if [ "$theirs" = "$folder" ] || [ "$theirs" = util ]; then return 0; fi
  # A folder's inner headers are for itself and its tests; others see include/nightshift.
  case $header in nightshift/*) ;; *) return 1 ;; esac
  has_word "${neighbours[$folder]:-}" "$theirs"
}

# Sets $allowed to the folders that may include a library's HEADER; empty: it is no library's.
find_library() {
  allowed=${libraries[$1]:-${libraries[${1%%/*}/]:-}}
}

may_include_foreign() {
  local folder=$1 header=$2
  find_library "$header"
  if [ -n "$allowed" ]; then
    has_word "$allowed" "$folder"
  elif has_word "$pure_headers" "$header"; then
    return 0
  elif has_word "$pure_folders" "$folder"; then
    return 1
  else
    has_word "$system_headers" "$header" || has_word "$system_folders" "${header%%/*}"
  fi
}

# Reads "FILE:LINE:#include ..." and prints the offences.
judge() {
  local file line text folder header
  while IFS=: read -r file line text; do
    case $file in
    src/*) folder=${file#src/} folder=${folder%%/*} ;;
    include/nightshift/*) folder=${file##*/} folder=${folder%.h} folder=${owner[$folder]:-$folder} ;;
    *) continue ;;
    esac
    if [ -z "${neighbours[$folder]+x}" ]; then
      printf '%s:%s: the folder %s has no row in the table of tests/house/includes.sh\n' "$file" "$line" "$folder"
      continue
    fi
    header=${text#*[<\"]} header=${header%%[>\"]*}
    case $text in
    *'"'*) may_include_ours "$folder" "$header" && continue ;;
    *)
      if may_include_foreign "$folder" "$header"; then
        case $file:$allowed in include/*:?*) ;; *) continue ;; esac
      fi
      ;;
    esac
    printf '%s:%s: %s may not include %s\n' "$file" "$line" "$folder" "$header"
  done
}

if [ "${#libraries[@]}" -lt 5 ]; then
  printf 'third_party/README.md: its table of libraries could not be read\n'
  exit 1
fi

judge <<'SAMPLE' | expect_offences 9 "bad includes"
src/core/x.c:1:#include "nightshift/http.h"
src/core/x.c:2:#include "store/sqlite.h"
src/core/x.c:3:#include <time.h>
src/core/x.c:4:#include <unistd.h>
src/input/x.c:1:#include <sqlite3.h>
src/http/x.c:1:# include "nightshift/runtime.h"
include/nightshift/http.h:1:#include <curl/curl.h>
src/runtime/x.c:1:#include <zlib.h>
src/attic/x.c:1:#include "util/arena.h"
SAMPLE
judge <<'SAMPLE' | expect_offences 0 "good includes"
src/core/x.c:1:#include "nightshift/job.h"
src/core/x.c:2:#include "core/jobs.h"
src/core/x.c:3:#include "nightshift/store.h"
src/http/x.c:1:#include <curl/curl.h>
src/http/x.c:2:#include <sys/stat.h>
src/cli/x.c:1:#include "nightshift/sim.h"
SAMPLE

cd "$source_dir"
project_files 'src/*.[ch]' 'include/*.h' | xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include' | judge | conclude
