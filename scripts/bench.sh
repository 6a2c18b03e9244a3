#!/usr/bin/env bash
# Benchmarks. Figures are for comparing within one run: machines are shared, and differ.
#
#   scripts/bench.sh logins   many clients that log in as one user, beside as many users, on PostgreSQL
#   scripts/bench.sh me       the signed-in GET /api/user/me beside a bare handler, on every kind of store
#   scripts/bench.sh flood    a flood of logins: what the other routes and somebody who logs in elsewhere notice of it
#   scripts/bench.sh import   accounts taken in from a file, 1 000 000 of them, into SQLite and into PostgreSQL
#   scripts/bench.sh lists    first, middle and last pages of a list of 1 000 000 users, on PostgreSQL
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
    logins | lists | me | flood | import) ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
command -v wrk >/dev/null || [ "$1" = lists ] || [ "$1" = import ] || { echo "wrk is missing: Debian has it in the package wrk" >&2; exit 1; }

# Passwords may be cheap, so that what is measured is everything else.
scripts/test/build.sh --release
[ "$1" != me ] || cargo build --locked --release --package doorward-bench --bin floor
[ "$1" != flood ] || exec scripts/bench/flood.py target/end-to-end/doorward "${@:2}"
if [ -z "${TEST_DATABASE_URL:-}" ]; then
    exec env POSTGRES_DURABLE=1 scripts/test/postgres.sh scripts/bench.sh "$@"
fi
if [ "$1" = import ]; then
    for store in sqlite postgres; do
        echo "$store"
        scripts/bench/import.sh target/end-to-end/doorward "$store" "${@:2}"
    done
    exit
fi
exec scripts/bench/"$1".sh
