#!/usr/bin/env bash
# One style of YAML.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

mapfile -t documents < <(files '*.yml' '*.yaml')
[ "${#documents[@]}" -gt 20 ] || fail "only ${#documents[@]} files were found"
yamllint --strict "${documents[@]}"
echo "${#documents[@]} files"
