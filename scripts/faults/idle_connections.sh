#!/usr/bin/env bash
# 10 000 connections that do nothing cost memory, of which there is a most, and nothing else: others are answered, and
# the files are given back. It takes about two minutes.
#
#   scripts/faults/idle_connections.sh [--connections 10000]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 -m scripts.faults.idle_connections "${DOORWARD:-target/end-to-end/doorward}" "$@"
