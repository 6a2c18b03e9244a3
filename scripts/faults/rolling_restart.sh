#!/usr/bin/env bash
# Two nodes behind HAProxy or nginx are restarted one after the other, under a load of a fixed rate: no read fails, no
# write is left in doubt, and what was acknowledged is there. PostgreSQL is that of TEST_DATABASE_URL, or one of its own.
#
#   scripts/faults/rolling_restart.sh [--rounds 3] [--rate 50] [--proxy haproxy|nginx]
# DOORWARD=… names another binary than that of scripts/test/build.sh, which is slow: an optimised one takes a rate of 500.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec scripts/test/postgres.sh python3 -m scripts.faults.rolling_restart "${DOORWARD:-target/end-to-end/doorward}" "$@"
