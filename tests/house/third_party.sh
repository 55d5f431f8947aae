#!/usr/bin/env bash
# third_party/README.md is the record of what comes from outside: dependencies.cmake asks for the same
# libraries in the same versions, each has a licence and a reason, and no folder of src is linked to a
# library that the record does not give it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

# "package group versions folders" of each library, fields between "|".
rows() { # README
  grep -E '^\| [a-z0-9+.-]+ *\| (build|test|lint) *\|([^|]*\|){5}$' "$1" || true
}

recorded_versions() { # README
  rows "$1" | awk -F ' *[|] *' '{ print $4 }' | tr ' ' '\n' | sort
}

asked_versions() { # dependencies.cmake
  sed -nE 's/^ *declare_dependency\([a-z_]+ "?([^")]*)"?\).*/\1/p' "$1" | tr '; ' '\n' | sort
}

judge() { # README dependencies.cmake
  recorded_versions "$1" >"$scratch/recorded"
  asked_versions "$2" >"$scratch/asked"
  comm -23 "$scratch/recorded" "$scratch/asked" | sed 's/$/: recorded in README.md, not asked for in dependencies.cmake/'
  comm -13 "$scratch/recorded" "$scratch/asked" | sed 's/$/: asked for in dependencies.cmake, not recorded in README.md/'
  rows "$1" | awk -F ' *[|] *' '$5 == "" || $6 == "" || $7 == "" || length($8) < 20 { print $2 ": headers, folders, licence and reason must all be there" }'
}

# dep_NAME -> the folders recorded, by the pkg-config name it is declared with.
judge_links() { # README dependencies.cmake CMakeLists
  local folder uses target module folders
  sed -nE 's/^ *add_folder\(([a-z]+) .*USES (.*)\).*/\1 \2/p' <(sed -E ':a;/[(][^)]*$/{N;s/\n */ /;ba}' "$3") |
    while read -r folder uses; do
      for target in $uses; do
        case $target in dep_threads) continue ;; dep_*) ;; *) continue ;; esac
        module=$(sed -nE "s/^ *declare_dependency\($target \"?([^;\") ]*).*/\1/p" "$2")
        folders=$(rows "$1" | awk -F ' *[|] *' -v module="$module" 'index(" " $4 " ", " " module " ") { print $6 }')
        case " $folders " in
        *" $folder "*) ;;
        *) printf 'CMakeLists.txt links %s to %s, which the record does not give it\n' "$folder" "$target" ;;
        esac
      done
    done
}

cat >"$scratch/README.md" <<'SAMPLE'
| libone-dev | build | one>=1.0 | one.h | http | MIT | A reason that is long enough. |
| libtwo-dev | build | two>=2.0 | two.h | store |  | A reason that is long enough. |
SAMPLE
cat >"$scratch/dependencies.cmake" <<'SAMPLE'
declare_dependency(dep_one one>=1.1)
  declare_dependency(dep_two "two>=2.0;three>=3")
SAMPLE
cat >"$scratch/CMakeLists.txt" <<'SAMPLE'
add_folder(store USES ns_util dep_two dep_one
  dep_threads)
SAMPLE
judge "$scratch/README.md" "$scratch/dependencies.cmake" | expect_offences 4 "records that do not agree"
judge_links "$scratch/README.md" "$scratch/dependencies.cmake" "$scratch/CMakeLists.txt" | expect_offences 1 "a link not recorded"

cd "$source_dir/third_party"
if [ "$(rows README.md | wc -l)" -lt 5 ]; then
  printf 'third_party/README.md: its table of libraries could not be read\n'
  exit 1
fi
{
  judge README.md dependencies.cmake
  judge_links README.md dependencies.cmake ../CMakeLists.txt
  project_files 'third_party/*' | grep -vE '^third_party/(README\.md|install|dependencies\.cmake)$' |
    sed "s/$/: third_party holds nobody else's source/" || true
} | conclude
