#!/usr/bin/env bash
# Schemathesis: the service does what its description says, for an admin, for a member and for nobody in particular;
# and of two members neither sees what is the other's. Requests are made from the description with a fixed seed, and
# every check that Schemathesis has is on.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/service.sh

# Test cases an operation and phase; more of them find more and take longer.
examples=${SCHEMATHESIS_EXAMPLES:-20}
failed=0

# run WHOM OPTION…: a run against a new service, whose log has to stay clean too.
run() {
    printf -- '--- as %s\n' "$1"
    shift
    target/ci-tools/python/bin/st "$@" --max-examples "$examples" --warnings off --no-color "$base/api/openapi.json" || failed=1
    if grep -E ' ERROR doorward|panicked' "$directory/log"; then
        echo "the service logged an error" >&2
        failed=1
    fi
}

# Everybody asks from this machine.
for throttle in LOGIN_NETWORK LOGIN_GUESSES LOGIN_ACCOUNT REGISTRATION REFRESH CHANGES; do
    export "DOORWARD_THROTTLE_$throttle=off"
done
export PYTHONPATH=scripts/api PYTHONDONTWRITEBYTECODE=1
for who in admin member nobody "admin postgres"; do
    # The last one on another store.
    read -r role store <<<"$who"
    start_service "$store"
    export TEST_BASE=$base TEST_ROLE=$role TEST_PASSWORD=$admin_password
    SCHEMATHESIS_HOOKS=hooks run "$who" --config-file scripts/api/schemathesis.toml run --checks all \
        --phases examples,coverage,fuzzing,stateful
done

start_service
for name in ada bob; do
    curl -sf -o /dev/null "$base/api/user" -H 'content-type: application/json' \
        -d "{\"username\":\"$name@example.com\",\"password\":\"$admin_password\",\"password_confirm\":\"$admin_password\"}"
done
run "two members" --config-file scripts/api/peers.toml run --checks object_level_authorization \
    --phases examples,fuzzing,stateful --include-method GET --exclude-path /api/auth/logout
exit "$failed"
