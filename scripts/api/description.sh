#!/usr/bin/env bash
# The API description is valid, by two validators that find different faults, and docs/api.md has its routes.
set -euo pipefail
cd "$(dirname "$0")/../.."

description=$(mktemp --suffix=.json)
trap 'rm -f "$description"' EXIT
target/end-to-end/doorward openapi >"$description"
scripts/api/routes.py <"$description"
target/ci-tools/python/bin/openapi-spec-validator --subschema-errors all "$description"
PATH="$PWD/target/ci-tools/python/bin:$PATH" target/ci-tools/node_modules/.bin/redocly lint --config scripts/api/redocly.yaml "$description"
