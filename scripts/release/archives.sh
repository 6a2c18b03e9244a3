#!/usr/bin/env bash
# Makes the archives of a release: for each target the binary, completions for shells, manual pages and the documents.
# The same input makes the same bytes.
#
#   scripts/release/archives.sh VERSION BINARIES RUNS OUT
#
# BINARIES has a directory for each target with `doorward` in it, RUNS is one of them that this machine can run, and
# the archives and SHA256SUMS land in OUT.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ $# -eq 4 ] || { echo "usage: scripts/release/archives.sh VERSION BINARIES RUNS OUT" >&2; exit 2; }
version=$1 binaries=$2 runs=$3 out=$4
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

said=$("$runs" --version)
[ "$said" = "doorward $version" ] || { echo "$runs is $said, and not $version" >&2; exit 1; }

# What is in all of them.
common=$work/common
mkdir -p "$common/completions" "$common/man/man1"
"$runs" completions bash >"$common/completions/doorward.bash"
"$runs" completions zsh >"$common/completions/_doorward"
"$runs" completions fish >"$common/completions/doorward.fish"
"$runs" man --directory "$common/man/man1"
cp LICENSE README.md "$common/"
git ls-files -z docs | xargs -0 cp --parents -t "$common"

# The time of the commit, so that it does not matter when or where they are made.
when=$(git log -1 --format=%ct)
for binary in "$binaries"/*/doorward; do
    name=doorward-$version-$(basename "$(dirname "$binary")")
    cp -r "$common" "$work/$name"
    install -m 0755 "$binary" "$work/$name/doorward"
    tar --create --sort=name --mtime="@$when" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --format=gnu \
        --directory="$work" "$name" | gzip -9 --no-name >"$out/$name.tar.gz"
    rm -r "${work:?}/$name"
    echo "$name.tar.gz"
done
rm -f "$out/SHA256SUMS"
(cd "$out" && sha256sum -- * >"$work/sums" && mv "$work/sums" SHA256SUMS)
