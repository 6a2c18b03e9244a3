#!/usr/bin/env bash
# How fast accounts with given hashes are taken in: rows a second for each 100 000 of them, and the most memory that the
# process had. Into a new SQLite file, or into the PostgreSQL of TEST_DATABASE_URL.
#
#   scripts/bench/import.sh DOORWARD sqlite|postgres [COUNT [--random] [--heavy]]
set -euo pipefail

doorward=$(realpath "${1:?the binary}")
store=${2:?sqlite or postgres}
count=${3:-1000000}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$(dirname "$(realpath "$0")")/../.."

python3 -m scripts.bench.people "$count" "${@:4}" >"$place/people.ndjson"
mkdir -m 700 "$place/data"
export DOORWARD_DATA_DIR=$place/data
if [ "$store" = postgres ]; then
    : "${TEST_DATABASE_URL:?a server; scripts/test/postgres.sh starts one}"
    name=import_$$
    psql --quiet "$TEST_DATABASE_URL" --command "CREATE DATABASE $name"
    trap 'psql --quiet "$TEST_DATABASE_URL" --command "DROP DATABASE $name"; rm -rf "$place"' EXIT
    export DOORWARD_DATABASE_ALLOW_UNVERIFIED=true
    export DOORWARD_DATABASE_URL=${TEST_DATABASE_URL/\/postgres\?/\/$name\?}
fi
"$doorward" migrate apply >/dev/null
scripts/bench/watched.py "$doorward" users import "$place/people.ndjson" --results "$place/results.ndjson"
