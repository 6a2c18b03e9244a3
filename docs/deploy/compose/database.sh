#!/bin/bash
# Brings the nodes together the first time, and makes database, users and grants. To do it again changes nothing.
set -euo pipefail

security=(--certs-dir=/certs --host=roach1:26257)

# Whether the nodes are a cluster, now or already.
joined() {
    said=$(cockroach init "${security[@]}" 2>&1) && return
    [[ $said == *"already been initialized"* ]]
}

# retry COMMAND…: until it succeeds, for at most a minute.
retry() {
    for _ in {1..60}; do
        if "$@"; then return; fi
        sleep 1
    done
    echo "the database is not ready: ${said:-}" >&2
    exit 1
}

answers() { said=$(cockroach sql "${security[@]}" -e 'SELECT 1' 2>&1); }

retry joined
retry answers
cockroach sql "${security[@]}" </cockroach-users.sql
