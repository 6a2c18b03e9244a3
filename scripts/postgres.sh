#!/usr/bin/env bash
# PostgreSQL on this machine, to develop with and to try things out, for who has no CockroachDB.
#
#   scripts/postgres.sh start    starts a server for this machine alone, and makes it the first time
#   scripts/postgres.sh status   whether it runs
#   scripts/postgres.sh sql      an SQL shell as superuser; what follows goes to psql, such as -c '\dt'
#   scripts/postgres.sh stop     ends it; the data stay
#
# Variables, with their defaults:
#   POSTGRES_BIN        directory of PostgreSQL's programs, 15 or newer (that of initdb in PATH, or Debian's newest)
#   POSTGRES_DIR        the data (./doorward-postgres); remove it for an empty server
#   POSTGRES_PORT       port to listen on (5433)
#   POSTGRES_RUN_AS     who the server is when root starts it (postgres)
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' scripts/postgres.sh
}

complain() {
    printf 'postgres.sh: %s\n' "$*" >&2
    exit 1
}

# psql and pg_ctl read settings from PG…; those of another server must not lead a command there.
for name in $(compgen -e PG || true); do unset "$name"; done
umask 077

directory=${POSTGRES_DIR:-doorward-postgres}
case $directory in
    /*) ;;
    *) directory=$PWD/$directory ;;
esac
data=$directory/data
port=${POSTGRES_PORT:-5433}
# Root may not be the server.
as_server=()
if [ "$(id -u)" -eq 0 ]; then
    server_user=${POSTGRES_RUN_AS:-postgres}
    as_server=(runuser -u "$server_user" --)
fi

find_programs() {
    local found version
    if [ -n "${POSTGRES_BIN:-}" ]; then
        programs=$POSTGRES_BIN
    elif found=$(command -v initdb); then
        programs=$(dirname "$(readlink -f "$found")")
    else
        programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    fi
    if ! [ -x "$programs/initdb" ] || ! [ -x "$programs/psql" ]; then
        complain "there is no initdb and psql in PATH, /usr/lib/postgresql/*/bin or POSTGRES_BIN; \
Debian has them in the package postgresql"
    fi
    version=$("$programs/initdb" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    [ "$version" -ge 15 ] || complain "PostgreSQL 15 or newer is needed; $programs has $version"
}

# In a directory that the server's user may enter, and without words of this user's language.
server() { (cd / && exec env LC_ALL=C "${as_server[@]+"${as_server[@]}"}" "$@"); }

runs() { server "$programs/pg_ctl" status -D "$data" >/dev/null 2>&1; }

# Where the server that runs, or ran last, listens.
port_in_use() {
    [ ! -e "$directory/port" ] || port=$(cat "$directory/port")
}

# secret NAME: makes the file with a random password, unless it is there.
secret() {
    [ -s "$directory/$1.password" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$directory/$1.password"
}

superuser() {
    PGPASSWORD=$(cat "$directory/postgres.password") \
        "$programs/psql" -X -h 127.0.0.1 -p "$port" -U postgres "$@"
}

make_server() {
    local name
    mkdir -p "$directory"
    for name in postgres doorward_migrator doorward; do secret "$name"; done
    [ -e "$data/PG_VERSION" ] && return

    if [ "${#as_server[@]}" -gt 0 ]; then
        id "$server_user" >/dev/null 2>&1 ||
            complain "there is no user $server_user to run the server as; POSTGRES_RUN_AS can name another"
        chown "$server_user" "$directory" "$directory/postgres.password"
        server test -w "$directory" ||
            complain "the user $server_user may not enter $directory; POSTGRES_DIR can name another place"
    fi
    server "$programs/initdb" -D "$data" -U postgres --auth=scram-sha-256 \
        --pwfile="$directory/postgres.password" --locale=C --encoding=UTF8 >"$directory/initdb.log" 2>&1 ||
        { cat "$directory/initdb.log" >&2; complain "the server cannot be made"; }
}

# The database, its users, their rights and passwords: the same in the end however often it is done.
provide() {
    local name
    {
        cat docs/deploy/postgresql-users.sql
        for name in doorward_migrator doorward; do
            printf "ALTER ROLE %s PASSWORD '%s';\n" "$name" "$(cat "$directory/$name.password")"
        done
    } | superuser -q -v ON_ERROR_STOP=1 -d postgres >/dev/null
}

tell() {
    cat <<TEXT

The schema, once and before each upgrade:

    DOORWARD_DATABASE_URL='postgresql://doorward_migrator@127.0.0.1:$port/doorward?sslmode=disable' \\
    DOORWARD_DATABASE_PASSWORD_FILE='$directory/doorward_migrator.password' doorward migrate apply

The service:

    DOORWARD_DATABASE_URL='postgresql://doorward@127.0.0.1:$port/doorward?sslmode=disable' \\
    DOORWARD_DATABASE_PASSWORD_FILE='$directory/doorward.password' doorward

TEXT
}

start() {
    if [ -e "$data/PG_VERSION" ] && runs; then
        port_in_use
        echo "PostgreSQL runs already."
    else
        make_server
        local options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        options+=" -c default_transaction_isolation=serializable"
        if ! server "$programs/pg_ctl" start -D "$data" -w -t 60 -s -l "$data/server.log" -o "$options" </dev/null; then
            tail -n 15 "$data/server.log" >&2
            complain "the server does not start; POSTGRES_PORT can name another port"
        fi
        echo "$port" >"$directory/port"
    fi
    provide
    status
    tell
}

status() {
    if [ -e "$data/PG_VERSION" ] && runs; then
        port_in_use
        echo "PostgreSQL runs (process $(head -n 1 "$data/postmaster.pid")) on 127.0.0.1:$port"
    else
        echo "PostgreSQL does not run."
        return 3
    fi
}

stop() {
    if [ -e "$data/PG_VERSION" ] && runs; then
        # Fast: it waits for transactions to be rolled back, and for nobody to log out.
        server "$programs/pg_ctl" stop -D "$data" -m fast -w -t 60 -s
        echo "PostgreSQL is stopped. Its data are in $directory"
    else
        echo "PostgreSQL does not run."
    fi
}

shell() {
    { [ -e "$data/PG_VERSION" ] && runs; } || complain "PostgreSQL does not run; scripts/postgres.sh start starts it"
    port_in_use
    superuser -d doorward "$@"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
    sql) find_programs; shell "$@" ;;
    -h | --help | help) usage ;;
    start | stop | status)
        [ $# -eq 0 ] || { usage >&2; exit 2; }
        find_programs
        "$command"
        ;;
    *) usage >&2; exit 2 ;;
esac
