#!/usr/bin/env bash
# A flood of requests of every kind from 400 connections costs no memory to speak of, keeps nobody else from being
# answered, and leaves nothing behind. Needs wrk.
#
#   scripts/faults/request_flood.sh [--seconds 60]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 -m scripts.faults.request_flood "${DOORWARD:-target/end-to-end/doorward}" "$@"
