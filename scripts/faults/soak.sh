#!/usr/bin/env bash
# A million requests, reads and writes: memory does not grow, nor do open files and threads, and what was acknowledged is
# there.
#
#   scripts/faults/soak.sh [--requests 1000000] [--rate 1000]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 scripts/faults/soak.py target/end-to-end/doorward "$@"
