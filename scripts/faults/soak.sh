#!/usr/bin/env bash
# Very many requests, reads and writes: memory does not grow, nor do open files and threads, and what was acknowledged is
# there. DOORWARD=… names another binary than that of scripts/test/build.sh, which is slow.
#
#   scripts/faults/soak.sh [--requests 50000] [--rate 150]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 -m scripts.faults.soak "${DOORWARD:-target/end-to-end/doorward}" "$@"
