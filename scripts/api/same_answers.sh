#!/usr/bin/env bash
# A service on PostgreSQL gives the same answers as one on its embedded store.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/service.sh

# Everybody asks from this machine.
for throttle in LOGIN_NETWORK LOGIN_GUESSES LOGIN_ACCOUNT REGISTRATION REFRESH CHANGES; do
    export "DOORWARD_THROTTLE_$throttle=off"
done
start_service
embedded=$base
start_service postgres
TEST_PASSWORD=$admin_password scripts/api/same_answers.py "$embedded" "$base"
