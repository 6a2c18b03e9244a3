#!/usr/bin/env bash
# Builds the binary that is tested from outside. Its passwords may be cheap; otherwise it is the one that is shipped.
#
#   scripts/test/build.sh              as for tests: quick to build, slow to run
#   scripts/test/build.sh --release    as it is shipped
set -euo pipefail
cd "$(dirname "$0")/../.."
profile=debug
[ $# -eq 0 ] || profile=release
cargo build --locked --package doorward --features test-costs "$@"
mkdir -p target/end-to-end
# A copy, because the next build without the feature replaces the file.
cp "${CARGO_TARGET_DIR:-target}/$profile/doorward" target/end-to-end/doorward
