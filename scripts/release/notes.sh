#!/usr/bin/env bash
# Prints what the changelog says of a version.
#
#   scripts/release/notes.sh 0.1.0 [CHANGELOG]
set -euo pipefail

[ $# -eq 1 ] || [ $# -eq 2 ] || { echo "usage: scripts/release/notes.sh VERSION [CHANGELOG]" >&2; exit 2; }
changelog=${2:-$(dirname "$0")/../../docs/CHANGELOG.md}
# From its heading to the next one. The links of the page are relative to docs/.
notes=$(awk -v heading="## [$1]" '/^## / { wanted = index($0, heading) == 1; next } wanted' "$changelog")
[ -n "${notes//[[:space:]]/}" ] || { echo "$(basename "$changelog") says nothing of $1" >&2; exit 1; }
printf '%s\n' "$notes"
