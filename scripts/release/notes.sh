#!/usr/bin/env bash
# Prints what the changelog says of a version.
#
#   scripts/release/notes.sh 0.1.0
set -euo pipefail
cd "$(dirname "$0")/../.."

[ $# -eq 1 ] || { echo "usage: scripts/release/notes.sh VERSION" >&2; exit 2; }
# From its heading to the next one. The links of the page are relative to docs/.
notes=$(awk -v heading="## [$1]" '/^## / { wanted = index($0, heading) == 1; next } wanted' docs/CHANGELOG.md)
[ -n "${notes//[[:space:]]/}" ] || { echo "docs/CHANGELOG.md says nothing of $1" >&2; exit 1; }
printf '%s\n' "$notes"
