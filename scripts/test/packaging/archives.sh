#!/usr/bin/env bash
# What a release is made of, with the binary of the tests in place of those of other machines.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

binary=${BINARY:-target/end-to-end/doorward}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# refuses TEXT COMMAND…: fails, and says so.
refuses() {
    local text=$1
    shift
    if "$@" >"$work/said" 2>&1; then fail "it is not refused: $*"; fi
    grep -qF -- "$text" "$work/said" || { cat "$work/said" >&2; fail "it does not say: $text"; }
}

version=$("$binary" --version)
version=${version#doorward }
refuses "Cargo.toml says $version" scripts/release/version.sh v9.9.9
refuses "Cargo.toml says $version" scripts/release/version.sh "$version"
refuses "says nothing of 9.9.9" scripts/release/notes.sh 9.9.9
# One of our own: in ours nothing is unreleased on the day of a release.
cat >"$work/changelog.md" <<'TEXT'
# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-24

### Added

- Second.

## [0.2.0-rc.1] - 2026-12-01

- Candidate.

## [0.1.0] - 2026-01-31

- First.
TEXT
notes() { scripts/release/notes.sh "$1" "$work/changelog.md"; }
[ "$(notes 0.2.0)" = $'\n### Added\n\n- Second.' ] || fail "the notes are not those of the version"
[ "$(notes 0.1.0)" = $'\n- First.' ] || fail "the notes of the last version in the changelog are others"
refuses "says nothing of Unreleased" notes Unreleased
refuses "says nothing of 0.3.0" notes 0.3.0

targets=(aarch64-apple-darwin x86_64-unknown-linux-gnu)
for target in "${targets[@]}"; do install -D "$binary" "$work/binaries/$target/doorward"; done
for out in once again; do
    scripts/release/archives.sh "$version" "$work/binaries" "$binary" "$work/$out" >/dev/null
done
diff "$work/once/SHA256SUMS" "$work/again/SHA256SUMS" || fail "the same input makes other archives"
(cd "$work/once" && sha256sum --check --quiet SHA256SUMS)
[ "$(wc -l <"$work/once/SHA256SUMS")" -eq "${#targets[@]}" ] || fail "not every archive has a checksum"
refuses "and not 9.9.9" scripts/release/archives.sh 9.9.9 "$work/binaries" "$binary" "$work/wrong"

name=doorward-$version-x86_64-unknown-linux-gnu
tar xzf "$work/once/$name.tar.gz" -C "$work"
cd "$work/$name"
[ "$(./doorward --version)" = "doorward $version" ] || fail "the binary is another one"
for file in LICENSE README.md docs/deploy/systemd/doorward.service completions/doorward.bash completions/_doorward \
    completions/doorward.fish man/man1/doorward.1; do
    [ -s "$file" ] || fail "$name has no $file"
done
bash -n completions/doorward.bash
grep -q '^#compdef doorward' completions/_doorward || fail "zsh would not find its completions"
grep -q '^\.TH' man/man1/doorward.1 || fail "the page of the manual is none"
echo "$(find . -type f | wc -l) files in each of ${#targets[@]} archives"
