#!/usr/bin/env bash
# The file system under an embedded store is full, several times, to the last byte: writes are refused with 503, reads
# and token checks go on, and as soon as there is room writes do. Nothing that was acknowledged is lost. Needs root, or
# leave to make user namespaces: the file system is a small one of its own, which nobody else sees.
set -euo pipefail
cd "$(dirname "$0")/../.."

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
apart=(unshare --mount)
[ "$(id -u)" -eq 0 ] || apart+=(--map-root-user)
# shellcheck disable=SC2016 # the arguments are those of the inner shell
"${apart[@]}" sh -c 'mount -t tmpfs -o size=12m,mode=0700 doorward "$1" && exec python3 -m scripts.faults.disk_full "$2" "$1"' \
    sh "$directory" target/end-to-end/doorward
