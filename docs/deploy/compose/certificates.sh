#!/bin/bash
# Makes what is missing of the certificates, and passwords for the first admin and for Redis, in volumes mounted under
# /made: the authority with its key, and one directory for each who needs something, with nothing in it for anybody else.
set -euo pipefail
umask 077

made=${MADE:-/made}
# Who Doorward is in its image.
doorward=10001:10001
# Who Redis is in its image.
redis=999:999
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

# password DIRECTORY: makes a file with a random one for Doorward.
password() {
    local file=$made/$1/password
    [ -e "$file" ] || head -c 18 /dev/urandom | base64 >"$file"
    chown -R "$doorward" "$made/$1"
    chmod 700 "$made/$1"
}

password first-admin
password redis-password
# The same one for Redis itself, in its own words.
printf 'requirepass %s\n' "$(cat "$made/redis-password/password")" >"$made/redis/password.conf"
chown -R "$redis" "$made/redis"
chmod 700 "$made/redis"
