#!/usr/bin/env bash
# The tests of the crates, by nextest where it is installed.
set -euo pipefail
if command -v cargo-nextest >/dev/null; then
    exec cargo nextest run --locked --workspace
fi
exec cargo test --locked --workspace --lib --bins --tests
