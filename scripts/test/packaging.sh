#!/usr/bin/env bash
# The files that Doorward is installed, run, watched and released with, as far as that goes without running them.
#
#   scripts/test/packaging.sh [scripts|yaml|images|workflows|kubernetes|pods|systemd|monitoring|archives]…
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/packaging/tools.sh

[ $# -gt 0 ] || set -- scripts yaml images workflows kubernetes pods systemd monitoring archives
for part in "$@"; do
    echo "$part"
    "scripts/test/packaging/$part.sh"
done
