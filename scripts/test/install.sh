#!/usr/bin/env bash
# Installs what the tests need and what is missing: Debian packages for the system, everything else under target/.
set -euo pipefail
cd "$(dirname "$0")/../.."

is_there() { command -v "$1" >/dev/null; }

missing=()
is_there cc && is_there c++ || missing+=(build-essential)
is_there curl || missing+=(ca-certificates curl)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
is_there chromium || is_there google-chrome || missing+=(chromium fonts-dejavu-core)
is_there initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql-15)
is_there redis-server && is_there redis-cli || missing+=(redis-server redis-tools)
is_there shellcheck || missing+=(shellcheck)
is_there openssl || missing+=(openssl)
is_there sslscan || missing+=(sslscan)
is_there haproxy || [ -x /usr/sbin/haproxy ] || missing+=(haproxy)
is_there systemd-analyze || missing+=(systemd)
is_there strace || missing+=(strace)
is_there git || missing+=(git)
is_there nginx || [ -x /usr/sbin/nginx ] || missing+=(nginx-light)
is_there psql || missing+=(postgresql-client)
is_there wrk || missing+=(wrk)
ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || missing+=(libfaketime)
if [ "${#missing[@]}" -gt 0 ]; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]+"${as_root[@]}"}" apt-get update -qq
    "${as_root[@]+"${as_root[@]}"}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "${missing[@]}"
fi

if ! { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1; then rustup component add rustfmt clippy; fi

# The same versions for everybody; installed again only when their lists have changed.
tools=target/ci-tools
lists=$(cat scripts/tools/* scripts/test/install_binaries.sh | sha256sum)
if [ "$(cat "$tools/installed" 2>/dev/null)" != "$lists" ]; then
    rm -rf "$tools"
    mkdir -p "$tools"
    python3 -m venv "$tools/python"
    "$tools/python/bin/pip" install -q --disable-pip-version-check --no-input \
        -r scripts/tools/python.txt -c scripts/tools/python-constraints.txt
    cp scripts/tools/package.json scripts/tools/package-lock.json "$tools/"
    PATH="$PWD/$tools/python/bin:$PATH" npm ci --prefix "$tools" --silent --no-audit --no-fund
    scripts/test/install_binaries.sh "$tools/bin"
    printf '%s\n' "$lists" >"$tools/installed"
fi
