#!/usr/bin/env bash
# A PostgreSQL server of a test's own: `bash postgres.sh DIR CACHE [SETTING=VALUE...]` makes the
# directory DIR, puts a fresh cluster into it and becomes the server, reached by the socket in DIR as
# user and database `nightshift`. It ends with whoever started it. CACHE keeps what initdb makes.
# One that is there already is served again. Durability is on, as in life. No cluster of the system's is touched, and root is given up.
set -euo pipefail
dir=$1 cache=$2
shift 2
bin=$(find /usr/lib/postgresql/*/bin -maxdepth 0 | sort -V | tail -n 1)

# initdb and the server refuse to be root; anybody else will do.
as_owner=(setpriv --pdeathsig QUIT)
owner=$(id -un)
if [ "$(id -u)" = 0 ]; then
  owner=nobody
  as_owner+=(--reuid nobody --regid nogroup --clear-groups --inh-caps=-all)
fi
as_owner+=(env -i "PATH=$bin:/usr/bin:/bin" LC_ALL=C.UTF-8 TZ=UTC)

make_cluster() { # FILE
  local made
  made=$(mktemp -d /tmp/nightshift-initdb-XXXXXX)
  chown "$owner" "$made"
  (cd / && "${as_owner[@]}" initdb --no-sync --no-instructions -A trust -U nightshift -E UTF8 \
    --no-locale --wal-segsize=1 -D "$made/data" >/dev/null)
  # The database of our name, made while nobody else looks.
  (cd / && printf 'CREATE DATABASE nightshift;\n' |
    "${as_owner[@]}" postgres --single -D "$made/data" -c log_min_messages=warning postgres >/dev/null)
  tar -C "$made" -cf "$1.$$" data
  mv "$1.$$" "$1"
  rm -rf "$made"
}

if [ ! -d "$dir/data" ]; then
  mkdir -p "$cache"
  cluster=$cache/cluster-$(basename "$(dirname "$bin")").tar
  exec 9>"$cluster.lock"
  flock 9
  [ -s "$cluster" ] || make_cluster "$cluster"
  exec 9>&-

  mkdir -p "$dir"
  chown "$owner" "$dir"
  (cd / && "${as_owner[@]}" tar -C "$dir" -x <"$cluster")
fi
settings=()
for setting; do settings+=(-c "$setting"); done
cd /
exec "${as_owner[@]}" postgres -D "$dir/data" -k "$dir" -c listen_addresses= \
  -c shared_buffers=16MB -c max_connections=20 -c autovacuum=off -c recovery_init_sync_method=syncfs -c log_destination=stderr "${settings[@]}" \
  >"$dir/log" 2>&1 </dev/null
