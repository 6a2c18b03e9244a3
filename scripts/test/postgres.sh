#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own, which TEST_DATABASE_URL names, and stops exactly that one at its end.
# Without a command it runs until it is stopped, and says what to set. Where TEST_DATABASE_URL is set already, that
# server is used and none is started: this is how the tests run on CockroachDB.
#
#   scripts/test/postgres.sh cargo nextest run -p doorward-cockroach
set -euo pipefail

if [ -n "${TEST_DATABASE_URL:-}" ]; then
    [ $# -gt 0 ] || { echo "TEST_DATABASE_URL is set already: $TEST_DATABASE_URL" >&2; exit 2; }
    exec "$@"
fi

# The newest server of Debian's packages, which are not in PATH, unless there is one in PATH.
if ! initdb=$(command -v initdb); then
    initdb=$(find /usr/lib/postgresql/*/bin -name initdb 2>/dev/null | sort -V | tail -n 1)
fi
[ -n "$initdb" ] || { echo "there is no initdb: scripts/test/install.sh installs PostgreSQL" >&2; exit 1; }
programs=$(dirname "$(readlink -f "$initdb")")

directory=$(mktemp -d)
server='' command=''
stop() {
    # Fast shutdown: it waits for nobody's session.
    [ -z "$server" ] || { kill -INT "$server" && wait "$server"; } 2>/dev/null || true
    rm -rf "$directory"
}
trap stop EXIT
# pass_on SIGNAL: to the command and all that it has started, and waits for them: they may still need the server.
pass_on() {
    [ -n "$command" ] && kill "-$1" -- "-$command" 2>/dev/null || return 0
    wait "$command" 2>/dev/null || true
    # Shells end before what they have started.
    for _ in $(seq 200); do
        kill -0 -- "-$command" 2>/dev/null || return 0
        sleep 0.1
    done
}
trap 'pass_on INT; exit 130' INT
trap 'pass_on TERM; exit 143' TERM

# PostgreSQL refuses to be root.
as_nobody=()
if [ "$(id -u)" -eq 0 ]; then
    owner=postgres
    id "$owner" >/dev/null 2>&1 || owner=nobody
    chown "$owner" "$directory"
    as_nobody=(setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups)
fi
# become COMMAND…: turns a subshell into the command, so that the subshell's process id is the command's.
become() {
    cd "$directory"
    exec env -u LC_ALL LANG=C.UTF-8 "${as_nobody[@]+"${as_nobody[@]}"}" "$@"
}

(become "$programs/initdb" --pgdata="$directory/data" --username=postgres --auth=trust \
    --locale=C --encoding=UTF8 --no-sync) >"$directory/initdb" 2>&1 || { cat "$directory/initdb" >&2; exit 1; }
# The data die with the directory, so nothing waits for a disk. CockroachDB's isolation is the default.
cat >>"$directory/data/postgresql.conf" <<'SETTINGS'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
default_transaction_isolation = 'serializable'
fsync = off
synchronous_commit = off
full_page_writes = off
SETTINGS

# Benchmarks want a server that is as careful as a real one.
[ -z "${POSTGRES_DURABLE:-}" ] || sed -i '/^\(fsync\|synchronous_commit\|full_page_writes\) = off$/d' \
    "$directory/data/postgresql.conf"

# start PORT: whether the server listens there in the end. Nobody else's server is mistaken for ours, because it is our
# directory that says when it is ready.
start() {
    # Told by the kernel to stop should this script be killed so that it cannot.
    become setpriv --pdeathsig INT "$programs/postgres" -D "$directory/data" -p "$1" >"$directory/log" 2>&1 </dev/null &
    server=$!
    for _ in $(seq 300); do
        if grep -qs '^ready' "$directory/data/postmaster.pid"; then return 0; fi
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    kill -INT "$server" 2>/dev/null || true
    wait "$server" || true
    server=
    return 1
}

port=
for _ in $(seq 10); do
    # Below the ports that the kernel hands out by itself.
    candidate=$(shuf -i 20000-31999 -n 1)
    if start "$candidate"; then port=$candidate; break; fi
    grep -q 'in use' "$directory/log" || break
done
[ -n "$port" ] || { echo "PostgreSQL did not start:" >&2; cat "$directory/log" >&2; exit 1; }

export TEST_DATABASE_URL="postgresql://postgres@127.0.0.1:$port/postgres?sslmode=disable"
if [ $# -gt 0 ] && [ -t 0 ]; then
    # Only who is in the foreground of a terminal may read from it; the terminal tells all of them to stop.
    "$@"
elif [ $# -gt 0 ]; then
    # In a group of its own, which a signal reaches at once: a shell that waits in the foreground hears of it afterwards.
    set -m
    "$@" &
    command=$!
    set +m
    wait "$command"
else
    echo "export TEST_DATABASE_URL='$TEST_DATABASE_URL'"
    wait "$server"
fi
