#!/usr/bin/env bash
# Redis on this machine, to develop with and to try things out.
#
#   scripts/redis.sh start    starts a server for this machine alone, and makes its password the first time
#   scripts/redis.sh status   whether it runs
#   scripts/redis.sh cli      a Redis shell; what follows goes to redis-cli, such as -n 1 --scan
#   scripts/redis.sh flush    empties databases 0 and 1; `flush revocations` only 0, `flush documents` only 1.
#                             With --yes it does not ask
#   scripts/redis.sh stop     ends it; the data stay
#
# Variables, with their defaults:
#   REDIS_BIN        directory of Redis' programs, 7.0 or newer (that of redis-server in PATH)
#   REDIS_DIR        the data (./doorward-redis); remove it for an empty server
#   REDIS_PORT       port to listen on (6379)
#   REDIS_RUN_AS     who the server is when root starts it (redis)
#   REDIS_PATIENCE   seconds to wait for a start or a stop (60)
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' scripts/redis.sh
}

complain() {
    printf 'redis.sh: %s\n' "$*" >&2
    exit 1
}

umask 077

directory=${REDIS_DIR:-doorward-redis}
case $directory in
    /*) ;;
    *) directory=$PWD/$directory ;;
esac
data=$directory/data
settings=$directory/redis.conf
log=$directory/redis.log
port=${REDIS_PORT:-6379}
patience=${REDIS_PATIENCE:-60}
# Redis need not be root, so it is not.
as_server=()
if [ "$(id -u)" -eq 0 ]; then
    server_user=${REDIS_RUN_AS:-redis}
    server_group=$(id -g "$server_user" 2>/dev/null || true)
    # Unlike runuser it becomes the server, and does not stay as its parent.
    as_server=(setpriv --reuid "$server_user" --regid "$server_group" --init-groups --)
fi

find_programs() {
    local found version
    if [ -n "${REDIS_BIN:-}" ]; then
        programs=$REDIS_BIN
    elif found=$(command -v redis-server); then
        programs=$(dirname "$found")
    else
        programs=
    fi
    if ! [ -x "$programs/redis-server" ] || ! [ -x "$programs/redis-cli" ]; then
        complain "there is no redis-server and redis-cli in PATH or REDIS_BIN; Debian has them in the package redis-server"
    fi
    version=$("$programs/redis-server" --version | sed 's/.* v=\([0-9]*\)\..*/\1/')
    [ "$version" -ge 7 ] || complain "Redis 7.0 or newer is needed; $programs has $version"
}

# process: the server that we started, if it still runs. A number alone would not do: the system may have given it to
# somebody else.
process() {
    local pid
    pid=$(cat "$data/redis.pid" 2>/dev/null) || return 1
    [ -n "$pid" ] || return 1
    ps -p "$pid" -o args= 2>/dev/null | grep -qF -- "redis-server $settings" || return 1
    echo "$pid"
}

runs() { process >/dev/null; }

# Where the server that runs listens.
port_in_use() {
    port=$(sed -n 's/^port //p' "$settings")
}

# client ARGUMENT…: redis-cli, which finds the password in its environment, where only its user can look.
client() {
    REDISCLI_AUTH=$(cat "$directory/redis.password") "$programs/redis-cli" -h 127.0.0.1 -p "$port" "$@"
}

is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

make_directory() {
    mkdir -p "$data"
    [ -s "$directory/redis.password" ] ||
        od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$directory/redis.password"
    # Relative paths begin where the server is started, which is in its data. `save` without moments: the append-only
    # file has everything. The title stays what was typed, by which `process` knows the server again.
    cat >"$settings" <<TEXT
bind 127.0.0.1
port $port
protected-mode yes
requirepass $(cat "$directory/redis.password")
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
pidfile redis.pid
set-proc-title no
TEXT
    if [ "${#as_server[@]}" -gt 0 ]; then
        [ -n "$server_group" ] ||
            complain "there is no user $server_user to run the server as; REDIS_RUN_AS can name another"
        chown "$server_user" "$directory" "$settings" "$data"
        (cd / && "${as_server[@]}" test -w "$data") ||
            complain "the user $server_user may not enter $directory; REDIS_DIR can name another place"
    fi
}

# Starts the server, which outlives this script and its terminal, and waits until it has read its data.
launch() {
    local launched deadline=$((SECONDS + patience))
    # shellcheck disable=SC2016 # the variables are those of the inner shell
    (cd / && exec nohup "${as_server[@]+"${as_server[@]}"}" \
        sh -c 'cd "$1" && exec "$2" "$3"' sh "$data" "$programs/redis-server" "$settings") \
        >"$log" 2>&1 </dev/null &
    launched=$!
    until runs && [ "$(client ping 2>/dev/null)" = PONG ]; do
        if ! kill -0 "$launched" 2>/dev/null; then
            tail -n 15 "$log" >&2
            complain "the server does not start; REDIS_PORT can name another port"
        fi
        if [ $SECONDS -ge $deadline ]; then
            end
            kill "$launched" 2>/dev/null || true
            complain "not ready after $patience s; see $log"
        fi
        sleep 0.1
    done
}

tell() {
    cat <<TEXT

The service, with these two beside its other settings:

    DOORWARD_REDIS_URL='redis://127.0.0.1:$port' \\
    DOORWARD_REDIS_PASSWORD_FILE='$directory/redis.password' doorward

TEXT
}

start() {
    if runs; then
        port_in_use
        echo "Redis runs already."
    else
        if is_taken; then
            complain "something listens on 127.0.0.1:$port already, perhaps the service that comes with the package \
redis-server (systemctl disable --now redis-server ends it); REDIS_PORT=6380 scripts/redis.sh start takes another port"
        fi
        make_directory
        launch
    fi
    status
    tell
}

status() {
    local pid
    if pid=$(process); then
        port_in_use
        echo "Redis runs (process $pid) on 127.0.0.1:$port"
    else
        echo "Redis does not run."
        return 3
    fi
}

# Asks the server to stop, which it does once its file is written, and ends it if it lingers.
end() {
    local pid deadline=$((SECONDS + patience))
    pid=$(process) || return 0
    kill -TERM "$pid" 2>/dev/null || true
    while runs && [ $SECONDS -lt $deadline ]; do sleep 0.1; done
    if pid=$(process); then
        echo "it did not stop within $patience s and is ended; what it was told in the last second may be lost" >&2
        kill -KILL "$pid" 2>/dev/null || true
        while runs; do sleep 0.1; done
    fi
    rm -f "$data/redis.pid"
}

stop() {
    if runs; then
        end
        echo "Redis is stopped. Its data are in $directory"
    else
        echo "Redis does not run."
    fi
}

need_server() {
    runs || complain "Redis does not run; scripts/redis.sh start starts it"
    port_in_use
}

cli() {
    need_server
    client "$@"
}

flush() {
    local what='' word answer number databases=()
    local asks=yes
    for word in "$@"; do
        case $word in
            --yes) asks=no ;;
            revocations | documents | all) [ -z "$what" ] || { usage >&2; exit 2; }; what=$word ;;
            *) usage >&2; exit 2 ;;
        esac
    done
    need_server
    what=${what:-all}
    if [ "$what" != documents ]; then
        databases+=(0)
        echo "Database 0 forgets which tokens were revoked. Nobody is logged in again by that: the database of accounts"
        echo "answers until all is written down anew. Only what was revoked by hand has to be revoked again. The"
        echo "throttles' counters start anew."
    fi
    if [ "$what" != revocations ]; then
        databases+=(1)
        echo "Database 1 forgets its copies of documents, which are made anew from the database of accounts."
    fi
    if [ $asks = yes ]; then
        printf 'Empty database %s on 127.0.0.1:%s? [y/N] ' "${databases[*]}" "$port"
        read -r answer || true
        case $answer in
            y | Y | yes) ;;
            *) complain "nothing was changed" ;;
        esac
    fi
    for number in "${databases[@]}"; do
        client -e -n "$number" FLUSHDB >/dev/null
        echo "Database $number is empty."
    done
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
    cli) find_programs; cli "$@" ;;
    flush) find_programs; flush "$@" ;;
    -h | --help | help) usage ;;
    start | stop | status)
        [ $# -eq 0 ] || { usage >&2; exit 2; }
        find_programs
        "$command"
        ;;
    *) usage >&2; exit 2 ;;
esac
