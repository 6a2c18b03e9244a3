#!/usr/bin/env bash
# 64 clients that log in as one user, and 64 that log in as one each; in turns, three times.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/service.sh

export DOORWARD_MAX_SESSIONS=32 DOORWARD_HASH_QUEUE=1000
# Everybody asks from this machine.
for throttle in LOGIN_NETWORK LOGIN_GUESSES LOGIN_ACCOUNT REGISTRATION REFRESH CHANGES; do
    export "DOORWARD_THROTTLE_$throttle=off"
done
start_service postgres
for number in $(seq 0 63); do
    curl -sf -o /dev/null "$base/api/user" -H 'content-type: application/json' -d \
        "{\"username\":\"user$number@example.com\",\"password\":\"$admin_password\",\"password_confirm\":\"$admin_password\"}"
done
for round in 1 2 3; do
    for users in 64 1; do
        printf 'round %d, %2d users: ' "$round" "$users"
        USERS=$users PASSWORD=$admin_password wrk -t1 -c64 -d10s --latency -s scripts/bench/logins.lua "$base" |
            awk '/Requests\/sec/ { rate = $2 } /99%/ { late = $2 } /Non-2xx/ { bad = $NF }
                 END { printf "%s logins/s, p99 %s, %d not 200\n", rate, late, bad }'
    done
done
