#!/usr/bin/env bash
# The README's tour is the one in scripts/tour.sh, and it works as pasted into a shell.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/service.sh

tour=$(grep -v '^#' scripts/tour.sh)
in_readme=$(sed -n '/^<!-- tour -->$/,/^```$/p' README.md | sed '/^<!--/d; /^```/d')
diff <(echo "$in_readme") <(echo "$tour") || { echo "README.md and scripts/tour.sh differ" >&2; exit 1; }

expect() {
    sed -n "$1p" <<<"$said" | grep -qF -- "$2" || { echo "line $1 of the answers does not say: $2" >&2; exit 1; }
}
for store in "" postgres; do
    start_service $store
    said=$(sh <<<"${tour//http:\/\/127.0.0.1:8080/$base}")
    echo "$said"
    [ "$(wc -l <<<"$said")" -eq 3 ] || { echo "expected three answers" >&2; exit 1; }
    expect 1 '"message":"Account opened."'
    expect 2 '"username":"ada@example.com"'
    expect 3 '"message":"Logged out."'
done
