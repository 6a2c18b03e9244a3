#!/usr/bin/env bash
# Tries an upgrade before it is one: two nodes of an older version behind HAProxy, under load, go to a newer version one
# after the other, back, and to the newer one again. PostgreSQL is that of TEST_DATABASE_URL, or one of its own; both
# binaries must hash cheaply (the feature `test-costs`) or the rate be low.
#
#   scripts/upgrade.sh OLD_BINARY NEW_BINARY [--rate 50]
set -euo pipefail
[ $# -ge 2 ] || { sed -n 's/^# \{0,1\}//p' "$0" >&2; exit 2; }
old=$(realpath "$1") new=$(realpath "$2")
shift 2
cd "$(dirname "$0")/.."
exec scripts/test/postgres.sh python3 -m scripts.faults.rolling_restart "$new" --from "$old" --rounds 3 "$@"
