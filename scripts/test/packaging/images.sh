#!/usr/bin/env bash
# The Dockerfile and the Compose files. How the parts of the latter fit together: operator_scripts/deploy.sh.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

quietly hadolint --failure-threshold style docs/deploy/Dockerfile
check-jsonschema --builtin-schema vendor.compose-spec docs/deploy/compose*.yaml
