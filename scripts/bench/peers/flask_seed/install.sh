#!/usr/bin/env bash
# Installs this peer into a directory, unless the same versions are there already.
#
#   install.sh DIRECTORY
set -euo pipefail
[ $# -eq 1 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(dirname "$(readlink -f "$0")")
exec "$here/../install_python.sh" "$here/requirements.txt" "$1"
