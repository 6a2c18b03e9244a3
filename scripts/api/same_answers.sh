#!/usr/bin/env bash
# A service on PostgreSQL gives the same answers as one on its embedded store.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/service.sh

start_service
embedded=$base
start_service postgres
TEST_PASSWORD=$admin_password scripts/api/same_answers.py "$embedded" "$base"
