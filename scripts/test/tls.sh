#!/usr/bin/env bash
# TLS as others see it: the service with certificates of scripts/certs.sh, asked by curl and looked through by sslscan.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/test/service.sh

fail() { printf '%s\n' "$*" >&2; exit 1; }

certs=$(mktemp -d)
service_directories+=("$certs")
scripts/certs.sh "$certs" doorward.test >/dev/null
if scripts/certs.sh "$certs" >/dev/null 2>&1; then fail "a certificate was replaced and nobody had asked for it"; fi
for key in "$certs"/*.key; do
    [ "$(stat -c %a "$key")" = 600 ] || fail "$key can be read by others"
done
export DOORWARD_TLS_CERTIFICATE_FILE=$certs/tls.crt DOORWARD_TLS_KEY_FILE=$certs/tls.key

# on_offer FILE: the versions that sslscan found switched on, and every cipher suite.
on_offer() {
    python3 - "$1" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree
test = tree.parse(sys.argv[1]).find("ssltest")
print(" ".join(sorted(f"{found.get('type')}{found.get('version')}" for found in test.findall("protocol") if found.get("enabled") == "1")))
for cipher in test.findall("cipher"):
    print(cipher.get("sslversion"), cipher.get("cipher"), cipher.get("bits"), cipher.get("strength"))
PYTHON
}

for oldest in 1.2 1.3; do
    export DOORWARD_TLS_MIN_VERSION=$oldest
    start_service ""
    [[ $base == https://* ]] || fail "the banner says $base"
    ask() { curl --silent --show-error --cacert "$certs/tls-ca.crt" --resolve "doorward.test:${base##*:}:127.0.0.1" "$@"; }

    ask --fail --dump-header "$directory/head" --output "$directory/answer" "$base/readyz"
    grep -qi '^strict-transport-security: max-age=63072000' "$directory/head" || fail "HSTS is missing"
    ask --fail --output "$directory/answer" "https://doorward.test:${base##*:}/healthz"
    if curl --silent --output "$directory/answer" "$base/healthz"; then fail "an unknown authority is trusted"; fi
    if curl --silent --output "$directory/answer" "http${base#https}/healthz"; then fail "plain HTTP is answered"; fi
    login=$(ask --fail --json '{"username":"admin@doorward.example","password":"'"$admin_password"'"}' "$base/api/auth/login")
    [[ $login == *'"access_token"'* ]] || fail "a login says: $login"

    sslscan --no-colour --xml=- --sni-name=localhost "${base#https://}" >"$directory/scan.xml"
    on_offer "$directory/scan.xml" >"$directory/offer"
    cat "$directory/offer"
    expected=tls1.3
    [ "$oldest" = 1.3 ] || expected="tls1.2 tls1.3"
    [ "$(head -n 1 "$directory/offer")" = "$expected" ] || fail "with $oldest other versions are spoken than $expected"
    if tail -n +2 "$directory/offer" | grep -vE '^TLSv1\.(3 TLS_(AES_(128|256)_GCM|CHACHA20_POLY1305)_SHA(256|384)|2 ECDHE-ECDSA-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)) (128|256) (strong|acceptable)$'; then
        fail "this is not for anybody to use"
    fi
    if grep -Eq 'vulnerable="1"|<(compression|renegotiation) supported="1"' "$directory/scan.xml"; then
        fail "$(cat "$directory/scan.xml")"
    fi

    # A renewed certificate is shown without a restart.
    before=$(ask --write-out '%{certs}' --output "$directory/answer" "$base/healthz" | sha256sum)
    scripts/certs.sh --force "$certs" doorward.test >/dev/null
    kill -s HUP "${service_pids[-1]}"
    for _ in $(seq 100); do
        after=$(ask --write-out '%{certs}' --output "$directory/answer" "$base/healthz" | sha256sum)
        if [ "$after" != "$before" ]; then break; fi
        sleep 0.1
    done
    [ "$after" != "$before" ] || fail "the renewed certificate is not shown"
done

scripts/certs.sh --client doorward "$certs" >/dev/null
openssl verify -x509_strict -purpose sslserver -CAfile "$certs/tls-ca.crt" "$certs/tls.crt"
openssl verify -x509_strict -purpose sslclient -CAfile "$certs/tls-ca.crt" "$certs/tls-client-doorward.crt"
