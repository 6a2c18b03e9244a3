#!/usr/bin/env bash
# The tests of the crates, by nextest where it is installed.
set -euo pipefail
if [ -z "${TEST_DATABASE_URL:-}" ]; then
    echo "note: TEST_DATABASE_URL names no server, so tests of the database are left out (scripts/test.sh brings one)"
fi
if command -v cargo-nextest >/dev/null; then
    # Many wait, for a server to start or a clock to go on: more of them than there are cores keep these busy.
    exec cargo nextest run --locked --workspace --test-threads $((2 * $(getconf _NPROCESSORS_ONLN)))
fi
exec cargo test --locked --workspace --lib --bins --tests
