#!/usr/bin/env bash
# Runs every test. A fresh Debian with Rust and git is enough; what is missing is installed.
#
#   scripts/test.sh         everything
#   scripts/test.sh quick   what needs only Rust and Python: format, lints, documents, tests
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-all}
case $mode in
    all | quick) ;;
    *) echo "usage: scripts/test.sh [quick]" >&2; exit 2 ;;
esac

# Settings of somebody's own service are no settings of a test.
for name in $(compgen -e DOORWARD_ || true); do unset "$name"; done
. scripts/test/steps.sh

if [ "$mode" = all ]; then
    need "Tools" scripts/test/install.sh
fi
export PATH="$PWD/target/ci-tools/python/bin:$PATH"
check "Format" cargo fmt --all --check
check "Links in the documents" scripts/test/links.py
check "Requirements and their tests" scripts/test/requirements.py
check "Faults and their rows" scripts/faults.sh --check
check "Figures on the page and in their files" python3 -m scripts.bench.page --check
check "Figures: how they are read and judged" python3 -m unittest discover --start-directory scripts/bench/tests --top-level-directory .
check "Lints" cargo clippy --locked --workspace --all-targets --features doorward-bench/inside -- -D warnings
check "Documentation of the crates" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps
if [ "$mode" = all ]; then
    # What needs a server fails where it has none; without this, such tests say that they are left out.
    export TEST_SERVICES=required
    check "Tests" scripts/test/postgres.sh scripts/test/rust.sh
else
    check "Tests" scripts/test/rust.sh
fi
check "Examples in the documentation" cargo test --locked --workspace --doc
if [ "$mode" = all ]; then
    check "Dependencies" scripts/test/dependencies.sh
    check "Schema of the settings" scripts/test/schema.py
    check "Fuzzing" scripts/fuzz.sh
    need "Build for the tests from outside" scripts/test/build.sh
    check "Tour of the README" scripts/test/postgres.sh scripts/test/tour.sh
    check "TLS from outside" scripts/test/tls.sh
    check "API description" scripts/api/description.sh
    check "Clients" scripts/test/clients.sh
    check "API against its description" scripts/test/postgres.sh scripts/api/schemathesis.sh
    check "The same answers from every store" scripts/test/postgres.sh scripts/api/same_answers.sh
    check "Database killed under load" scripts/faults/database_killed.sh
    check "Redis lost under load" scripts/faults/redis_lost.sh
    check "Disk full under the embedded store" scripts/faults/disk_full.sh
    check "Rolling restarts behind HAProxy" scripts/faults/rolling_restart.sh --rounds 3 --rate 50
    check "Rolling restarts behind nginx" scripts/faults/rolling_restart.sh --rounds 2 --rate 50 --proxy nginx
    check "Clocks that jump" scripts/faults/clock_jumps.sh
    check "Idle connections" scripts/faults/idle_connections.sh
    check "Flood of requests" scripts/faults/request_flood.sh --seconds 10
    check "Many requests" scripts/faults/soak.sh --requests 8000 --rate 150
    check "Scripts for operators" scripts/test/operator_scripts.sh
    check "Files for operators and releases" scripts/test/packaging.sh
    check "Swagger page in a browser" scripts/browser/swagger_page.sh
fi
summary
