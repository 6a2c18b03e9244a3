#!/usr/bin/env bash
# Makes every fault of docs/faults.md, or those that are named, by the tests and scripts that docs/requirements.md names
# for it, and writes into the page what came of it. Anything that does not hold, and a name that leads to no test, fails.
#
#   scripts/faults.sh             all of them, an hour and a half on two cores
#   scripts/faults.sh R05 R16     these
#   scripts/faults.sh --check     makes none; only whether each fault has its row, and each name a test
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = --check ]; then exec scripts/faults/run.py "$@"; fi
# Settings of somebody's own service are no settings of a test.
for name in $(compgen -e DOORWARD_ || true); do unset "$name"; done
export TEST_SERVICES=required
scripts/test/build.sh --release
exec scripts/test/postgres.sh scripts/faults/run.py "$@"
