#!/usr/bin/env bash
# The clocks of two nodes jump by a day, an hour, half a minute and ten years, forth and back, while they run: no session
# that ended is back, none lasts longer than it may, and nobody panics. PostgreSQL is that of TEST_DATABASE_URL, or one
# of its own.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec scripts/test/postgres.sh python3 -m scripts.faults.clock_jumps target/end-to-end/doorward
