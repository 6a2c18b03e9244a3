# shellcheck shell=bash
# Starts services for tests: each on a free port, in a directory of its own, stopped at the end by its own process id.
# Sourced; needs `set -euo pipefail`.

service_pids=()
service_directories=()
service_databases=()

# start_service [postgres] [redis]: starts one; sets `base` (its URL) and `directory` (everything that belongs to it).
# Its store is embedded, or a new database on the server that TEST_DATABASE_URL names; its copies are in the process,
# or in a new Redis of its own (`redis_port`, `redis_pid`).
# The first admin is admin@doorward.example with the password in $admin_password.
admin_password='correct horse batt'
start_service() {
    directory=$(mktemp -d)
    service_directories+=("$directory")
    unset DOORWARD_DATABASE_URL DOORWARD_REDIS_URL
    [[ " $* " != *" postgres "* ]] || new_database
    if [[ " $* " == *" redis "* ]]; then
        start_redis
        export DOORWARD_REDIS_URL=redis://127.0.0.1:$redis_port
    fi
    printf '%s' "$admin_password" >"$directory/admin-password"
    # There before anybody looks for the address in it.
    : >"$directory/banner"
    DOORWARD_BIND=127.0.0.1:0 DOORWARD_DATA_DIR="$directory/data" DOORWARD_BCRYPT_COST=4 \
        DOORWARD_ADMIN_EMAIL=admin@doorward.example DOORWARD_ADMIN_PASSWORD_FILE="$directory/admin-password" \
        target/end-to-end/doorward >"$directory/banner" 2>"$directory/log" </dev/null &
    local pid=$!
    service_pids+=("$pid")
    for _ in $(seq 100); do
        base=$(sed -n 's|^ *API *\(https\{0,1\}://[0-9.:]*\)/api/$|\1|p' "$directory/banner")
        if [ -n "$base" ]; then return 0; fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    echo "the service did not start:" >&2
    cat "$directory/log" >&2
    return 1
}

# start_redis: starts a Redis on a free port; sets `redis_port` and `redis_pid`.
start_redis() {
    local kept
    kept=$(mktemp -d)
    service_directories+=("$kept")
    redis_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$kept" --save '' --appendonly yes \
        >"$kept/log" </dev/null &
    redis_pid=$!
    service_pids+=("$redis_pid")
    for _ in $(seq 100); do
        if redis-cli -p "$redis_port" PING >/dev/null 2>&1; then return 0; fi
        kill -0 "$redis_pid" 2>/dev/null || break
        sleep 0.1
    done
    echo "Redis did not start:" >&2
    cat "$kept/log" >&2
    return 1
}

# on_server SQL: has the server of TEST_DATABASE_URL carry out a statement.
on_server() { psql --no-psqlrc --quiet --tuples-only --no-align --dbname "$TEST_DATABASE_URL" --command "$1"; }

# Makes a database with the tables, and has the next service use it.
new_database() {
    local name
    name=doorward_test_$(on_server "SELECT replace(gen_random_uuid()::TEXT, '-', '')")
    on_server "CREATE DATABASE $name"
    service_databases+=("$name")
    export DOORWARD_DATABASE_URL
    DOORWARD_DATABASE_URL=$(sed -E "s|^([a-z]+://[^/]*/)[^?]*|\1$name|" <<<"$TEST_DATABASE_URL")
    DOORWARD_DATA_DIR="$directory/data" target/end-to-end/doorward migrate apply >"$directory/migrations"
}

# Stops every service and removes what it kept.
stop_services() {
    local pid path name
    for pid in "${service_pids[@]+"${service_pids[@]}"}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    for name in "${service_databases[@]+"${service_databases[@]}"}"; do on_server "DROP DATABASE $name"; done
    for path in "${service_directories[@]+"${service_directories[@]}"}"; do rm -rf "$path"; done
}
trap stop_services EXIT
