# shellcheck shell=bash
# What the tests of the operators' scripts share. Sourced by each of them; it leaves them in the root of the work tree,
# with $work to write into and $tree, a copy of what they test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

work=$(mktemp -d)
# The servers' users and `nobody` have to come through.
chmod 755 "$work"
bystander=
# A test has its own, which asks the scripts: each ends only what it started.
stop_servers() { :; }
clean() {
    stop_servers >/dev/null 2>&1 || true
    [ -z "$bystander" ] || kill "$bystander" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT

fail() { printf '%s: %s\n' "$0" "$*" >&2; exit 1; }
# says FILE TEXT…: the file has a line with each of them.
says() {
    local file=$1 text
    shift
    for text in "$@"; do
        grep -qF -- "$text" "$file" || { cat "$file" >&2; fail "expected: $text"; }
    done
}
# refuses STATUS COMMAND…: it ends with that status; what it said is in $work/said.
refuses() {
    local expected=$1 status=0
    shift
    "$@" >"$work/said" 2>&1 || status=$?
    [ "$status" -eq "$expected" ] || { cat "$work/said" >&2; fail "expected status $expected, not $status: $*"; }
}
mode() { stat -c %a "$1"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# A copy, so that nothing is left in the work tree and the defaults can be tested.
tree=$work/tree
mkdir -p "$tree/scripts" "$tree/docs/deploy"
cp scripts/*.sh "$tree/scripts/"
cp docs/deploy/*.sql "$tree/docs/deploy/"
cp .gitignore "$tree/"
git -C "$tree" init -q

# git_ignores PATTERN: git would take nothing with such a path from the copy.
git_ignores() {
    local kept
    kept=$(git -C "$tree" status --porcelain --untracked-files=all | grep -e "$1" || true)
    [ -z "$kept" ] || fail "git would take: $kept"
}
