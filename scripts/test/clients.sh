#!/usr/bin/env bash
# The clients of docs/clients.md against the service: the TypeScript and the Python one are made from its description,
# packed, checked by their compilers and taken through a story; the snippets of the page work as pasted.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/service.sh

tools=$PWD/target/ci-tools
export PATH="$tools/python/bin:$tools/node_modules/.bin:$PATH"
export PYTHONDONTWRITEBYTECODE=1

# same FILE: the page has this file, as it is, in the block behind its name.
same() {
    diff "$1" <(sed -n "\|^<!-- $1 -->\$|,/^\`\`\`\$/p" docs/clients.md | sed '1,2d; $d') ||
        { echo "docs/clients.md and $1 differ" >&2; exit 1; }
}
for file in scripts/clients/typescript/quick.ts scripts/clients/python/{quick,check_token}.py; do same "$file"; done
same crates/client/examples/quick.rs

scripts/clients.sh
# shellcheck disable=SC2119 # The embedded store will do.
start_service

ask() { curl -sf "$base/api/$1" -H 'content-type: application/json' -d "$2"; }
password=$admin_password
ask user "{\"username\":\"ada@example.com\",\"password\":\"$password\",\"password_confirm\":\"$password\"}" >/dev/null

# says NAME COMMAND…: a snippet ends well, and with somebody's name.
says() {
    local name=$1 said
    shift
    said=$("$@")
    [ "$said" = "$name" ] || { echo "$*: said $said" >&2; exit 1; }
}
# at FILE TO: a copy of a snippet for the service that runs here.
at() { sed "s|http://127.0.0.1:8080|$base|" "$1" >"$2"; }

# As somebody has them who installed the packages.
story=target/clients/story
rm -rf "$story"
mkdir -p "$story/node_modules/doorward-client" "$story/python"
tar -xzf target/clients/doorward-client-*.tgz -C "$story/node_modules/doorward-client" --strip-components=1
ln -s "$tools/node_modules/@types" "$story/node_modules/@types"
ln -s "$tools/node_modules/undici-types" "$story/node_modules/undici-types"
cp scripts/clients/typescript/story.ts "$story/"
cp scripts/clients/typescript/story.tsconfig.json "$story/tsconfig.json"
# The sources are a module, which only a package can say.
echo '{ "type": "module", "private": true }' >"$story/package.json"
at scripts/clients/typescript/quick.ts "$story/quick.ts"
tsc --project "$story"
node "$story/story.ts" "$base"
says ada@example.com node "$story/quick.ts"

pip install --quiet --disable-pip-version-check --no-deps --no-index --target "$story/python" \
    target/clients/doorward_client-*.whl
cp scripts/clients/python/story.py "$story/"
for snippet in quick check_token; do at "scripts/clients/python/$snippet.py" "$story/$snippet.py"; done
MYPYPATH=$story/python mypy --strict --cache-dir "$story/mypy" \
    "$story"/{story,quick,check_token}.py "$story/python/doorward_client"
export PYTHONPATH=$story/python
python3 "$story/story.py" "$base"
says ada@example.com python3 "$story/quick.py"

tokens() { ask auth/login "{\"username\":\"ada@example.com\",\"password\":\"$password\"}" | sed "s/.*\"$1\":\"\([^\"]*\).*/\1/"; }
says ada@example.com python3 "$story/check_token.py" "$(tokens access_token)"
for token in "$(tokens refresh_token)" "$(tokens access_token)x"; do
    if python3 "$story/check_token.py" "$token" 2>/dev/null; then
        echo "a token was accepted that is none" >&2
        exit 1
    fi
done

cargo run --quiet --locked --package doorward-client --example quick -- "$base"
