#!/usr/bin/env bash
# Installs this peer into a directory, unless the same versions are there already: Node.js itself as well, so that what
# is measured does not depend on the machine's.
#
#   install.sh DIRECTORY
set -euo pipefail
[ $# -eq 1 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(dirname "$(readlink -f "$0")")
directory=$1

wanted=$(cat "$here/requirements.txt" "$here/package.json" "$here/package-lock.json" | sha256sum)
[ "$(cat "$directory/installed" 2>/dev/null)" != "$wanted" ] || exit 0
rm -rf "$directory"
mkdir -p "$directory"
python3 -m venv "$directory/python"
"$directory/python/bin/pip" install -q --disable-pip-version-check --no-input --no-deps -r "$here/requirements.txt"
cp "$here/package.json" "$here/package-lock.json" "$directory/"
# No package's own commands run: bcrypt brings its compiled part along.
PATH="$(readlink -f "$directory")/python/bin:$PATH" npm ci --prefix "$directory" --silent --no-audit --no-fund --ignore-scripts
printf '%s\n' "$wanted" >"$directory/installed"
