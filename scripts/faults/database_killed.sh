#!/usr/bin/env bash
# PostgreSQL is killed (SIGKILL) and started again while a service works on it: no acknowledged write is lost, requests
# are answered 503 with Retry-After meanwhile, and the service goes on by itself.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec python3 -m scripts.faults.database_killed target/end-to-end/doorward
