#!/usr/bin/env bash
# Certificates to try TLS with. They are signed by an authority that nobody knows: for real use take others.
#
#   scripts/certs.sh [--force] [DIRECTORY] [NAME…]
#       a certificate for a server: tls.crt and tls.key in DIRECTORY (the certs/ beside scripts/), for localhost, 127.0.0.1,
#       ::1 and every NAME, which is a host name or an address
#   scripts/certs.sh [--force] --client NAME [DIRECTORY]
#       one to show to a store: tls-client-NAME.crt and tls-client-NAME.key
#
# The authority, tls-ca.crt and tls-ca.key, is made the first time and used again. --force replaces a certificate and its
# key, as a renewal does. Certificates are good for a year, the authority for three.
set -euo pipefail
# Keys are for their owner alone.
umask 077

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
}

complain() {
    printf 'certs.sh: %s\n' "$*" >&2
    exit 1
}

force=
client=
places=()
while [ $# -gt 0 ]; do
    case $1 in
        --force) force=1 ;;
        --client)
            [ $# -gt 1 ] || complain "--client needs a name"
            client=$2
            shift
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        -*) complain "there is no option $1; --help tells which there are" ;;
        '') complain "an empty name is none" ;;
        *) places+=("$1") ;;
    esac
    shift
done
[ "${#places[@]}" -gt 0 ] || places=("$(dirname "$0")/../certs")
directory=${places[0]}
names=("${places[@]:1}")
# Anything else would have a meaning to openssl.
[[ -z $client || $client =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || complain "nobody is called $client"
for name in "${names[@]+"${names[@]}"}"; do
    [[ $name =~ ^(\*\.)?[A-Za-z0-9_:][A-Za-z0-9_.:-]*$ ]] || complain "no server is called $name"
done
[ -z "$client" ] || [ "${#names[@]}" -eq 0 ] || complain "--client makes one certificate, and none for ${names[*]}"
command -v openssl >/dev/null || complain "openssl is not installed"

mkdir -p "$directory"
authority=$directory/tls-ca
pair=$directory/tls${client:+-client-$client}
if [ -z "$force" ]; then
    for file in "$pair.crt" "$pair.key"; do
        [ ! -e "$file" ] || complain "$file is there already; --force replaces it"
    done
fi

# What is being made is nowhere else, and takes its place at once when it is whole.
drafts=$(mktemp -d "$directory/.certs.XXXXXX")
trap 'rm -rf "$drafts"' EXIT

# openssl that says nothing unless it fails.
quietly() {
    local said
    said=$("$@" 2>&1) || complain "openssl failed: $said"
}

new_key() { quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

# put DRAFT PAIR: the key goes first. Whoever looks in between sees two that do not belong together, and waits.
put() {
    chmod 644 "$drafts/$1.crt"
    mv -f "$drafts/$1.key" "$2.key"
    mv -f "$drafts/$1.crt" "$2.crt"
}

if [ -e "$authority.crt" ] || [ -e "$authority.key" ]; then
    if ! [ -e "$authority.crt" ] || ! [ -e "$authority.key" ]; then
        complain "of $authority.crt and $authority.key one is missing; remove the other for a new authority"
    fi
else
    new_key "$drafts/ca.key"
    quietly openssl req -x509 -new -key "$drafts/ca.key" -sha256 -days 1096 -out "$drafts/ca.crt" \
        -subj "/CN=Doorward throw-away authority" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign"
    put ca "$authority"
fi

# alternatives NAME…: names as openssl wants them.
alternatives() {
    local name list=
    for name in "$@"; do
        if [[ $name =~ ^[0-9.]+$ || $name == *:* ]]; then list+=,IP:$name; else list+=,DNS:$name; fi
    done
    printf '%s\n' "${list#,}"
}

subject=${client:-localhost}
if [ -n "$client" ]; then
    usage=clientAuth
    alternatives=$(alternatives "$client")
else
    usage=serverAuth
    alternatives=$(alternatives localhost 127.0.0.1 ::1 "${names[@]+"${names[@]}"}")
fi
cat >"$drafts/extensions" <<EXTENSIONS
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = $usage
subjectAltName = $alternatives
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
EXTENSIONS
new_key "$drafts/new.key"
quietly openssl req -new -key "$drafts/new.key" -subj "/CN=$subject" -out "$drafts/request"
quietly openssl x509 -req -in "$drafts/request" -CA "$authority.crt" -CAkey "$authority.key" -sha256 -days 365 \
    -set_serial "0x$(openssl rand -hex 16)" -extfile "$drafts/extensions" -out "$drafts/new.crt"
put new "$pair"

if [ -n "$client" ]; then
    printf '%s\n' "For the store: $authority.crt, whose certificates to trust." \
        "For Doorward: $pair.crt and $pair.key."
    exit 0
fi
here=$(cd "$directory" && pwd)
cat <<TOLD
A certificate for ${alternatives//,/, }.

  DOORWARD_TLS_CERTIFICATE_FILE=$here/tls.crt
  DOORWARD_TLS_KEY_FILE=$here/tls.key

  curl --cacert $here/tls-ca.crt https://localhost:8080/readyz
TOLD
