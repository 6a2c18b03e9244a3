#!/bin/bash
# Makes what is missing of the certificates, and a password for the first admin, in volumes mounted under /made: the
# authority with its key, and one directory for each who needs a certificate, with nothing in it for anybody else.
set -euo pipefail
umask 077

made=${MADE:-/made}
# Who Doorward is in its image.
doorward=10001:10001
authority=$made/authority
key=$authority/ca.key

# A second authority would be a stranger to what the first one signed, whose key may have been put away.
need_authority() {
    [ -e "$authority/ca.crt" ] && return
    if compgen -G "$made/*/ca.crt" >/dev/null; then
        echo "a certificate is missing, and so is the authority that made the others: bring its volume back" >&2
        exit 1
    fi
    cockroach cert create-ca --certs-dir="$authority" --ca-key="$key"
}

# certificate DIRECTORY FILE OWNER COMMAND ARGUMENT…
certificate() {
    local directory=$made/$1 file=$2 owner=$3
    shift 3
    if ! [ -e "$directory/$file" ]; then
        need_authority
        cp "$authority/ca.crt" "$directory/ca.crt"
        cockroach cert "$@" --certs-dir="$directory" --ca-key="$key"
    fi
    chown -R "$owner" "$directory"
    chmod 700 "$directory"
}

# Every name that a client or another node may use.
certificate node node.crt 0:0 create-node roach1 roach2 roach3 localhost 127.0.0.1
certificate root client.root.crt 0:0 create-client root
certificate doorward_migrator client.doorward_migrator.crt "$doorward" create-client doorward_migrator
certificate doorward client.doorward.crt "$doorward" create-client doorward

password=$made/first-admin/password
[ -e "$password" ] || head -c 18 /dev/urandom | base64 >"$password"
chown -R "$doorward" "$made/first-admin"
chmod 700 "$made/first-admin"
