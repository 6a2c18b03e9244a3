#!/usr/bin/env bash
# Prints the version that a tag stands for, and fails unless Cargo.toml and the changelog have the same.
#
#   scripts/release/version.sh v0.1.0
set -euo pipefail
cd "$(dirname "$0")/../.."

[ $# -eq 1 ] || { echo "usage: scripts/release/version.sh TAG" >&2; exit 2; }
version=${1#v}
in_cargo=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
[ "$1" = "v$in_cargo" ] || { echo "the tag is $1, and Cargo.toml says $in_cargo" >&2; exit 1; }
scripts/release/notes.sh "$version" >/dev/null
echo "$version"
