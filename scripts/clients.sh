#!/usr/bin/env bash
# Makes typed clients from the API description, and a package of each, under target/clients.
#
#   scripts/clients.sh               both
#   scripts/clients.sh typescript    doorward-client-VERSION.tgz, for `npm install FILE`
#   scripts/clients.sh python        doorward_client-VERSION-py3-none-any.whl, for `pip install FILE`
#
# The description is the one of the binary that $DOORWARD names; unless set, of the one that scripts/test/build.sh
# makes. The generators are those of scripts/tools, which scripts/test/install.sh installs.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- typescript python
for language in "$@"; do
    case $language in
        typescript | python) ;;
        *) echo "usage: scripts/clients.sh [typescript] [python]" >&2; exit 2 ;;
    esac
done

binary=${DOORWARD:-target/end-to-end/doorward}
[ -x "$binary" ] || { echo "there is no $binary: scripts/test/build.sh makes it" >&2; exit 1; }
tools=$PWD/target/ci-tools
export PATH="$tools/python/bin:$tools/node_modules/.bin:$PATH"
made=$PWD/target/clients
mkdir -p "$made"
"$binary" openapi >"$made/openapi.json"
version=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["info"]["version"])' "$made/openapi.json")

typescript() {
    local package=$made/typescript
    rm -rf "$package" "$made"/doorward-client-*.tgz
    mkdir -p "$package"
    CLIENT_DESCRIPTION=$made/openapi.json CLIENT_SOURCES=$package/src \
        openapi-ts --file scripts/clients/typescript/openapi-ts.config.mjs --silent
    sed "s/VERSION/$version/" scripts/clients/typescript/package.json >"$package/package.json"
    cp scripts/clients/typescript/README.md LICENSE "$package/"
    tsc --project scripts/clients/typescript/tsconfig.json --rootDir "$package/src" --outDir "$package/dist"
    npm pack --silent --pack-destination "$made" "$package"
}

python() {
    local package=$made/python
    rm -rf "$package" "$made"/doorward_client-*.whl
    openapi-python-client generate --path "$made/openapi.json" --output-path "$package" --meta setup \
        --config scripts/clients/python/config.yaml --fail-on-warning
    cp scripts/clients/python/README.md LICENSE "$package/"
    pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index \
        --wheel-dir "$made" "$package"
    echo "doorward_client-$version-py3-none-any.whl"
}

for language in "$@"; do "$language"; done
