#!/usr/bin/env bash
# The scripts for operators and the files in docs/deploy; operator_scripts/ has a test for each.
#
#   scripts/test/operator_scripts.sh [cockroach|postgres|redis|redis_page|deploy]…
set -euo pipefail
cd "$(dirname "$0")/../.."

[ $# -gt 0 ] || set -- cockroach postgres redis redis_page deploy
for part in "$@"; do
    echo "$part"
    "scripts/test/operator_scripts/$part.sh"
done
