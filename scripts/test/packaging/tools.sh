# shellcheck shell=bash
# What the parts share. Sourced by each of them.

export PATH="$PWD/target/ci-tools/bin:$PATH"

fail() { printf '%s: %s\n' "$0" "$*" >&2; exit 1; }

# files PATTERN…: those that git knows and that are there.
files() {
    # In a container the work tree is often somebody else's.
    git -c safe.directory="$PWD" ls-files -- "$@" | while read -r file; do [ ! -e "$file" ] || echo "$file"; done
}

# quietly COMMAND…: what it says is shown if it fails, and makes it fail if it says anything at all.
quietly() {
    local said
    if said=$("$@" 2>&1) && [ -z "$said" ]; then return 0; fi
    printf '%s\n' "$said" >&2
    fail "$*"
}
