#!/usr/bin/env bash
# Redis is emptied, killed, brought back with old data, stopped, filled up, made a replica and failed over while two
# nodes work with it: whoever was logged out stays so, nobody else is logged out, and every request is answered in time.
# PostgreSQL is that of TEST_DATABASE_URL, or one of its own.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec scripts/test/postgres.sh python3 -m scripts.faults.redis_lost target/end-to-end/doorward
