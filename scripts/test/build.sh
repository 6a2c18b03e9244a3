#!/usr/bin/env bash
# Builds the binary that is tested from outside. Its passwords may be cheap; otherwise it is the one that is shipped.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --locked --package doorward --features test-costs
mkdir -p target/end-to-end
# A copy, because the next build without the feature replaces the file.
cp target/debug/doorward target/end-to-end/doorward
