#!/usr/bin/env bash
# third_party/install on made-up machines: it touches nothing when all is there, installs only what is
# missing, and says what to do when it cannot.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

fakes=$scratch/bin
calls=$scratch/calls
installer=$source_dir/third_party/install
mkdir -p "$fakes"
export calls

# A program that the machine has, by the lines of its script.
machine_has() { # NAME, script on standard input
  { printf '#!/usr/bin/env bash\n' && cat; } >"$fakes/$1"
  chmod +x "$fakes/$1"
}

# A machine with all of Debian's packages but the ones named, run by the user with that id.
machine() { # UID MISSING...
  : >"$calls"
  local uid=$1
  shift
  rm -f "$fakes"/*
  machine_has id <<<"echo $uid"
  machine_has pkg-config <<<'exit 1'
  machine_has apt-get <<<'printf "apt-get %s (%s)\n" "$*" "$DEBIAN_FRONTEND" >>"$calls"'
  machine_has sudo <<<'printf "sudo %s\n" "$1" >>"$calls"; [ "$1" != -n ] || shift; exec "$@"'
  machine_has dpkg-query <<EOT
case " $* " in *" \${!#} "*) exit 1 ;; esac
printf installed
EOT
}

# Runs it on the machine; sets $status, and leaves what it said in $scratch/said.
run_install() {
  status=0
  PATH=$fakes:$PATH CI=true bash "$installer" "$@" >"$scratch/said" 2>&1 </dev/null || status=$?
}

failures=0
holds() { # DESCRIPTION COMMAND...
  local description=$1
  shift
  if "$@"; then return; fi
  printf 'not so: %s\n' "$description"
  sed 's/^/  said: /' "$scratch/said"
  sed 's/^/  called: /' "$calls"
  failures=$((failures + 1))
}
said() { grep -qF -- "$1" "$scratch/said"; }
called() { grep -qF -- "$1" "$calls"; }
called_nothing() { [ ! -s "$calls" ]; }
ended_with() { [ "$status" -eq "$1" ]; }

machine 1000
run_install build test lint
holds "with all there, nothing is called" called_nothing
holds "with all there, it is silent" [ ! -s "$scratch/said" ]
holds "with all there, it ends well" ended_with 0

machine 0 libuv1-dev libcmocka-dev
run_install build
holds "root needs no sudo" eval '! called sudo'
holds "the lists are renewed first" eval 'head -n 1 "$calls" | grep -q " update (noninteractive)"'
holds "only what is missing is installed" called 'install --no-install-recommends libuv1-dev (noninteractive)'
holds "another group's packages are left alone" eval '! called libcmocka-dev'
holds "it ends well" ended_with 0

machine 1000 libyaml-dev
run_install build test
holds "others use sudo, which must not ask when nobody is there" called 'sudo -n'
holds "sudo keeps the frontend" called 'install --no-install-recommends libyaml-dev (noninteractive)'

machine 1000 libyaml-dev
rm "$fakes/sudo"
if ! PATH=$fakes:$PATH command -v sudo >/dev/null; then
  run_install build
  holds "without root or sudo it ends badly" ended_with 1
  holds "without root or sudo it says what to do" said 'As root, once: apt-get update && apt-get install --no-install-recommends libyaml-dev'
  holds "without root or sudo nothing is called" called_nothing
fi

machine 0 libyaml-dev
machine_has apt-get <<<'echo "Could not resolve host" >&2; exit 100'
run_install build
holds "without a network it ends badly" ended_with 1
holds "without a network it says what to do" said 'Is there a network'

machine 0 libyaml-dev
machine_has pkg-config <<<'[ "$2" = "yaml-0.1 >= 0.2.5" ]'
run_install build
holds "a library built by hand will do" called_nothing

# sqlite3 is such a name: the library's, and the program's.
machine 0 a-tool-not-there
machine_has pkg-config <<<'exit 0'
mkdir "$scratch/third_party"
cp "$installer" "$scratch/third_party/"
printf '| a-tool-not-there | test | a-tool-not-there>=1 | MIT | Made up. |\n' >"$scratch/third_party/README.md"
installer=$scratch/third_party/install run_install test
holds "a library that bears a tool's name is not the tool" called 'install --no-install-recommends a-tool-not-there'

# A program that is taken out of its package.
mkdir -p "$scratch/unpacking/third_party" "$scratch/package/usr/sbin"
cp "$source_dir/third_party/install" "$scratch/unpacking/third_party/"
printf '| a-server-package | unpack | a-server>=1 | MIT | Made up. |\n' >"$scratch/unpacking/third_party/README.md"
printf '#!/bin/sh\n' >"$scratch/package/usr/sbin/a-server"
cp "$scratch/package/usr/sbin/a-server" "$scratch/package/usr/sbin/another"
chmod +x "$scratch/package/usr/sbin"/*
export files=$scratch/package
a_machine_with_packages() {
  machine 1000
  machine_has apt-get <<<'printf "apt-get %s\n" "$*" >>"$calls"; [[ $* != *" download "* ]] || : >a-server-package_1_all.deb'
  machine_has dpkg-deb <<<'tar -c -C "$files" .'
}
a_machine_with_packages
installer=$scratch/unpacking/third_party/install run_install unpack
holds "a program is taken out of its package" [ -x "$scratch/unpacking/build-tools/a-server" ]
holds "nothing else of the package is" [ "$(ls "$scratch/unpacking/build-tools")" = a-server ]
holds "the package is not installed" eval 'called "download a-server-package" && ! called " install " && ! called sudo'
holds "it ends well" ended_with 0
a_machine_with_packages
installer=$scratch/unpacking/third_party/install run_install unpack
holds "a program that is there is left alone" called_nothing
rm -r "$scratch/unpacking/build-tools"
machine 0
machine_has apt-get <<<'printf "apt-get %s\n" "$*" >>"$calls"; [[ $* != *" download "* ]]'
installer=$scratch/unpacking/third_party/install run_install unpack
holds "what cannot be downloaded is tried with new lists" called update
holds "what cannot be downloaded is told" eval 'ended_with 1 && said "the package a-server-package could not be downloaded"'

machine 0
run_install nonsense
holds "a group that is none is refused" eval 'ended_with 1 && said "no such group: nonsense"'

[ "$failures" -eq 0 ]
