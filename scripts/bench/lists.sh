#!/usr/bin/env bash
# Walks through lists of 1 000 000 users (or USERS) and compares pages at their beginning, middle and end.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/service.sh

start_service postgres
psql --no-psqlrc --quiet --dbname "$DOORWARD_DATABASE_URL" --set users="${USERS:-1000000}" --file scripts/bench/users.sql
TEST_PASSWORD=$admin_password python3 scripts/bench/lists.py "$base"
