#!/usr/bin/env bash
# Makes a Python environment with exactly the packages of a list, in DIRECTORY/python, unless it is there already.
#
#   scripts/bench/peers/install_python.sh LIST DIRECTORY
set -euo pipefail
[ $# -eq 2 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
list=$1 directory=$2

wanted=$(sha256sum <"$list")
[ "$(cat "$directory/installed" 2>/dev/null)" != "$wanted" ] || exit 0
rm -rf "$directory/python" "$directory/installed"
mkdir -p "$directory"
python3 -m venv "$directory/python"
"$directory/python/bin/pip" install -q --disable-pip-version-check --no-input --no-deps -r "$list"
"$directory/python/bin/pip" check --disable-pip-version-check >/dev/null
printf '%s\n' "$wanted" >"$directory/installed"
