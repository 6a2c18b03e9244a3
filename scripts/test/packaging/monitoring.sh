#!/usr/bin/env bash
# The alert rules, by their own tests; and the dashboard, whose queries have to be queries for metrics that there are.
#
#   scripts/test/packaging/monitoring.sh [--write]    writes the rules for Kubernetes out of the others anew
set -euo pipefail
. "$(dirname "$0")/tools.sh"

place=docs/monitoring
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

scripts/test/packaging/monitoring.py "$work/queries.yaml" "$@"
promtool check rules --lint=all --lint-fatal "$place/alerts.yaml"
promtool check rules "$work/queries.yaml"
(cd "$place" && promtool test rules alerts_test.yaml alerts_days_test.yaml)
