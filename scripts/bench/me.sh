#!/usr/bin/env bash
# The signed-in GET /api/user/me beside a bare actix-web handler that answers the same bytes: in turns, 64 connections.
# On the embedded store, on PostgreSQL alone, on PostgreSQL with Redis, and that with client-side caching.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/service.sh

export DOORWARD_THROTTLE_LOGIN_NETWORK=off
rounds=${ROUNDS:-3} seconds=${SECONDS_EACH:-5} workers=${WORKERS:-$(nproc)}
export DOORWARD_WORKERS=$workers

# cpu PID: the CPU time that a process has used, in ticks.
cpu() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# measure NAME PID URL [TOKEN]: one line of figures; sets `rate`.
measure() {
    local before after said headers=()
    [ -z "${4:-}" ] || headers=(-H "Authorization: Bearer $4")
    before=$(cpu "$2")
    said=$(wrk -t1 -c64 -d"${seconds}s" --latency "${headers[@]+"${headers[@]}"}" "$3")
    after=$(cpu "$2")
    rate=$(awk '/Requests\/sec/ { print $2 }' <<<"$said")
    awk -v name="$1" -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" '
        /50%/ { median = $2 } /99%/ { late = $2 } /requests in/ { count = $1 } /Non-2xx/ { bad = $NF } /Requests\/sec/ { rate = $2 }
        END { printf "  %-28s %9.0f/s  p50 %-9s p99 %-9s own CPU %5.1f us  %d not 200\n", name, rate, median, late, ticks / hertz / count * 1e6, bad }' <<<"$said"
}

# signs_in: the token of the first admin at $base.
signs_in() {
    curl -sf "$base/api/auth/login" -H 'content-type: application/json' \
        -d "{\"username\":\"admin@doorward.example\",\"password\":\"$admin_password\"}" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["results"]["access_token"])'
}

names=() bases=() tokens=() pids=()
# serve NAME [postgres] [redis]: starts a service to be measured.
serve() {
    local name=$1
    shift
    start_service "$@"
    names+=("$name") bases+=("$base") pids+=("${service_pids[-1]}") tokens+=("$(signs_in)")
}
serve "SQLite"
serve "PostgreSQL" postgres
serve "PostgreSQL + Redis" postgres redis
DOORWARD_REDIS_CLIENT_CACHING=true serve "  with client-side caching" postgres redis

body=$(mktemp)
service_directories+=("$body")
curl -sf "${bases[0]}/api/user/me" -H "Authorization: Bearer ${tokens[0]}" >"$body"
exec 3< <(exec "${CARGO_TARGET_DIR:-target}/release/floor" "$body" "$workers")
service_pids+=("$!")
floor_pid=$!
read -r port <&3
printf 'a document of %s bytes, %s workers, wrk -t1 -c64 -d%ss\n' "$(stat -c %s "$body")" "$workers" "$seconds"
for round in $(seq "$rounds"); do
    echo "round $round"
    measure "bare handler" "$floor_pid" "http://127.0.0.1:$port/"
    floor=$rate
    for index in "${!names[@]}"; do
        measure "${names[$index]}" "${pids[$index]}" "${bases[$index]}/api/user/me" "${tokens[$index]}"
        awk -v rate="$rate" -v floor="$floor" 'BEGIN { printf "  %-28s %9.2f of the bare handler\n", "", rate / floor }'
    done
done
