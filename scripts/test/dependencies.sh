#!/usr/bin/env bash
# Licences, bans and sources of every dependency. Advisories need a fresh database: see .deny.toml.
set -euo pipefail
cargo fetch --locked --quiet
exec cargo-deny --offline --locked --config .deny.toml check bans licenses sources
