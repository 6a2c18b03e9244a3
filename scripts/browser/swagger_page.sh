#!/usr/bin/env bash
# A person's way through the Swagger page, in a real browser. Pictures of it go to target/pictures, or where told.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/service.sh

pictures=${1:-target/pictures}
mkdir -p "$pictures"
# shellcheck disable=SC2119 # what this script is given is not for the service
start_service
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
NODE_PATH=target/ci-tools/node_modules \
    target/ci-tools/python/bin/node scripts/browser/swagger_page.cjs "$base" "$chromium" "$pictures"
