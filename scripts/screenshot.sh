#!/usr/bin/env bash
# Takes the picture of the Swagger page in the README anew.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/test/install.sh
scripts/test/build.sh
scripts/browser/swagger_page.sh docs/images
