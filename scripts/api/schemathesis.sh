#!/usr/bin/env bash
# Schemathesis: the service does what its description says, for an admin, for a member and for nobody in particular;
# and of two members neither sees what is the other's. Requests are made from the description with a fixed seed, and
# every check that Schemathesis has is on.
#
#   scripts/api/schemathesis.sh            all of them, one on each core
#   scripts/api/schemathesis.sh member     one: admin, member, nobody, "admin postgres" (on that store), "two members"
set -euo pipefail
cd "$(dirname "$0")/../.."

# in_one_piece WHOM: what it says is shown when it has ended.
in_one_piece() {
    local said status=0
    said=$(scripts/api/schemathesis.sh "$1" 2>&1) || status=$?
    printf '%s\n' "$said"
    return "$status"
}

if [ $# -eq 0 ]; then
    export -f in_one_piece
    # Those that take longest come first.
    printf '%s\n' "admin postgres" admin member nobody "two members" |
        xargs -d '\n' -P "$(getconf _NPROCESSORS_ONLN)" -I {} bash -euo pipefail -c 'in_one_piece "{}"'
    exit
fi
. scripts/test/service.sh

# Test cases an operation and phase; more of them find more and take longer.
examples=${SCHEMATHESIS_EXAMPLES:-20}
# Everybody asks from this machine.
for throttle in LOGIN_NETWORK LOGIN_GUESSES LOGIN_ACCOUNT REGISTRATION REFRESH CHANGES; do
    export "DOORWARD_THROTTLE_$throttle=off"
done
export PYTHONPATH=scripts/api PYTHONDONTWRITEBYTECODE=1

# run OPTION…: a run against a new service, whose log has to stay clean too.
run() {
    local failed=0
    target/ci-tools/python/bin/st "$@" --max-examples "$examples" --warnings off --no-color "$base/api/openapi.json" || failed=1
    if grep -E ' ERROR doorward|panicked' "$directory/log"; then
        echo "the service logged an error" >&2
        failed=1
    fi
    return "$failed"
}

printf -- '--- as %s\n' "$1"
case $1 in
    admin | member | nobody | "admin postgres")
        read -r role store <<<"$1"
        start_service "$store"
        export TEST_BASE=$base TEST_ROLE=$role TEST_PASSWORD=$admin_password
        SCHEMATHESIS_HOOKS=hooks run --config-file scripts/api/schemathesis.toml run --checks all \
            --phases examples,coverage,fuzzing,stateful
        ;;
    "two members")
        start_service
        for name in ada bob; do
            curl -sf -o /dev/null "$base/api/user" -H 'content-type: application/json' \
                -d "{\"username\":\"$name@example.com\",\"password\":\"$admin_password\",\"password_confirm\":\"$admin_password\"}"
        done
        run --config-file scripts/api/peers.toml run --checks object_level_authorization \
            --phases examples,fuzzing,stateful --include-method GET --exclude-path /api/auth/logout
        ;;
    *)
        echo "nobody is called $1" >&2
        exit 2
        ;;
esac
