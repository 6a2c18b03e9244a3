#!/usr/bin/env bash
# CockroachDB on this machine, to develop with and to try things out.
#
#   scripts/cockroach.sh insecure   one node without passwords or TLS, for this machine alone
#   scripts/cockroach.sh secure     three nodes with certificates, which are made in certs/
#   scripts/cockroach.sh status     what runs
#   scripts/cockroach.sh sql        an SQL shell as root; what follows goes to `cockroach sql`, such as -e 'SHOW TABLES'
#   scripts/cockroach.sh stop       ends what this script started; the data stay
#
# Variables, with their defaults:
#   COCKROACH           the program (cockroach in PATH)
#   CLUSTER_DIR         the data (./doorward-cockroach); remove it for an empty cluster
#   CLUSTER_CERTS       the certificates (./certs)
#   CLUSTER_SQL_PORT    port of the first node (26257); the others have the next two
#   CLUSTER_HTTP_PORT   port of the first node's console (8081); the others have the next two
#   CLUSTER_PATIENCE    seconds to wait for a start or a stop (60)
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' scripts/cockroach.sh
}

complain() {
    printf 'cockroach.sh: %s\n' "$*" >&2
    exit 1
}

# absolute PATH: the same path from the root on, whether it exists or not.
absolute() {
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s/%s\n' "$PWD" "$1" ;;
    esac
}

# cockroach reads its own settings from COCKROACH_…; those of another cluster must not lead a command there.
for name in $(compgen -e COCKROACH_ || true); do unset "$name"; done

program=${COCKROACH:-cockroach}
directory=$(absolute "${CLUSTER_DIR:-doorward-cockroach}")
certificates=$(absolute "${CLUSTER_CERTS:-certs}")
sql_port=${CLUSTER_SQL_PORT:-26257}
http_port=${CLUSTER_HTTP_PORT:-8081}
patience=${CLUSTER_PATIENCE:-60}

# What runs here, or ran last, so that the other commands need not be told.
kind=
if [ -e "$directory/cluster" ]; then
    read -r kind running_sql_port running_http_port running_certificates <"$directory/cluster"
fi
nodes=()

# as KIND: sets what depends on it.
as() {
    kind=$1
    case $kind in
        insecure) host=127.0.0.1 nodes=(single) security=(--insecure) ;;
        secure) host=localhost nodes=(node1 node2 node3) security=(--certs-dir="$certificates") ;;
        *) complain "$directory/cluster is damaged; remove it" ;;
    esac
}

# The same for what runs, or ran last, with the ports and certificates that it was started with.
as_started() {
    sql_port=$running_sql_port http_port=$running_http_port certificates=$running_certificates
    as "$kind"
}

need_program() {
    command -v "$program" >/dev/null && return
    cat >&2 <<'TEXT'
cockroach.sh: there is no `cockroach` in PATH, and COCKROACH names none.
It comes from CockroachDB's download page, https://www.cockroachlabs.com/docs/releases/
Without it, PostgreSQL 15 or newer serves Doorward as well: scripts/postgres.sh start
TEXT
    exit 1
}

# sql_port_of NUMBER, http_port_of NUMBER: the ports of a node, the first of which is number 0.
sql_port_of() { echo $((sql_port + $1)); }
http_port_of() { echo $((http_port + $1)); }

# process NODE: the process of a node that we started, if it still runs. A number alone would not do: the system may
# have given it to somebody else.
process() {
    local pid
    pid=$(cat "$directory/$1.pid" 2>/dev/null) || return 1
    [ -n "$pid" ] || return 1
    ps -p "$pid" -o args= 2>/dev/null | grep -qF -- "--store=$directory/$1" || return 1
    echo "$pid"
}

# Whether any node of this kind runs.
runs() {
    local node
    for node in "${nodes[@]}"; do
        if process "$node" >/dev/null; then return 0; fi
    done
    return 1
}

# launch NUMBER ARGUMENT…: starts a node, which outlives this script and its terminal.
launch() {
    local number=$1 node=${nodes[$1]}
    shift
    process "$node" >/dev/null && return
    # Three nodes share a laptop: each may have a tenth of the memory for either purpose.
    nohup "$program" "$@" "${security[@]}" --store="$directory/$node" --cache=.1 --max-sql-memory=.1 \
        --listen-addr="$host:$(sql_port_of "$number")" --http-addr="$host:$(http_port_of "$number")" \
        >"$directory/$node.out" 2>&1 </dev/null &
    echo $! >"$directory/$node.pid"
}

# Fails, with what it said, if a node has ended again.
expect_alive() {
    local node
    for node in "${nodes[@]}"; do
        process "$node" >/dev/null && continue
        echo "$node ended; the end of $directory/$node.out:" >&2
        tail -n 15 "$directory/$node.out" >&2
        stop_nodes
        exit 1
    done
}

# client COMMAND ARGUMENT…: a command of cockroach to the first node.
client() {
    local command=$1
    shift
    "$program" "$command" "${security[@]}" --host="$host:$(sql_port_of 0)" "$@"
}

# Brings three nodes together the first time; later they are a cluster already.
join_nodes() {
    local said
    said=$(client init 2>&1) && return
    [[ $said == *"already been initialized"* ]]
}

# wait_for COMMAND…: until it succeeds.
wait_for() {
    local deadline=$((SECONDS + patience))
    until "$@" >/dev/null 2>&1; do
        expect_alive
        [ $SECONDS -lt $deadline ] || { stop_nodes; complain "not ready after $patience s; see $directory/*.out"; }
        sleep 0.5
    done
}

# Makes the certificates that are missing. Whoever has the key of the authority can make more, so it lies apart.
make_certificates() {
    umask 077
    local authority=$certificates/authority
    mkdir -p "$certificates" "$authority"
    chmod 700 "$authority"
    local user made=(--certs-dir="$certificates" --ca-key="$authority/ca.key")
    [ -e "$certificates/ca.crt" ] || "$program" cert create-ca "${made[@]}"
    [ -e "$certificates/node.crt" ] ||
        "$program" cert create-node localhost 127.0.0.1 ::1 "$(uname -n)" "${made[@]}"
    for user in root doorward_migrator doorward; do
        [ -e "$certificates/client.$user.crt" ] || "$program" cert create-client "$user" "${made[@]}"
    done
}

# encoded PATH: as it may stand in a URL.
encoded() {
    local LC_ALL=C text=$1 at character
    for ((at = 0; at < ${#text}; at++)); do
        character=${text:at:1}
        case $character in
            [a-zA-Z0-9/._-]) printf '%s' "$character" ;;
            *) printf '%%%02X' "$(($(printf '%d' "'$character") & 255))" ;;
        esac
    done
}

# url USER
url() {
    local files number hosts=''
    for number in "${!nodes[@]}"; do hosts+=,$host:$(sql_port_of "$number"); done
    printf 'postgresql://%s@%s/doorward?' "$1" "${hosts#,}"
    if [ "$kind" = insecure ]; then
        printf 'sslmode=disable'
    else
        files=$(encoded "$certificates")
        printf 'sslmode=verify-full&sslrootcert=%s/ca.crt&sslcert=%s/client.%s.crt&sslkey=%s/client.%s.key' \
            "$files" "$files" "$1" "$files" "$1"
    fi
}

tell() {
    cat <<TEXT

The schema, once and before each upgrade:

    DOORWARD_DATABASE_URL='$(url doorward_migrator)' doorward migrate apply

The service:

    DOORWARD_DATABASE_URL='$(url doorward)' doorward

TEXT
    if [ "$kind" = insecure ]; then
        echo "Whoever can log in to this machine can read and change everything: for development only."
    else
        echo "Keep $certificates/authority/ca.key in a safe place: whoever has it can be any user."
    fi
}

start() {
    need_program
    local wanted=$1
    if [ -n "$kind" ]; then
        # In a shell of its own, because what is started now may have other ports.
        if (as_started && runs); then
            [ "$kind" = "$wanted" ] ||
                complain "a cluster of the kind '$kind' runs already; scripts/cockroach.sh stop ends it"
            as_started
        fi
    fi
    as "$wanted"
    (umask 077 && mkdir -p "$directory")
    if [ "$kind" = secure ]; then (make_certificates); fi

    local node number all_run=yes
    for node in "${nodes[@]}"; do process "$node" >/dev/null || all_run=no; done
    if [ $all_run = yes ]; then
        echo "CockroachDB runs already, $kind."
    else
        echo "$kind $sql_port $http_port $certificates" >"$directory/cluster"
        running_sql_port=$sql_port running_http_port=$http_port running_certificates=$certificates
        if [ "$kind" = insecure ]; then
            launch 0 start-single-node
        else
            local members=''
            for number in "${!nodes[@]}"; do members+=,$host:$(sql_port_of "$number"); done
            # All at once: a cluster that was stopped is ready only when most of its nodes are back.
            for number in "${!nodes[@]}"; do launch "$number" start --join="${members#,}"; done
            wait_for join_nodes
        fi
    fi
    wait_for client sql -e 'SELECT 1'
    client sql <docs/deploy/cockroach-users.sql >/dev/null
    status
    tell
}

status() {
    [ -n "$kind" ] || { echo "CockroachDB was not started from here."; return 3; }
    as_started
    local number node pid ended=0 scheme=http
    [ "$kind" = insecure ] || scheme=https
    for number in "${!nodes[@]}"; do
        node=${nodes[$number]}
        if pid=$(process "$node"); then
            printf '%s runs (process %s): SQL on %s:%s, console on %s://%s:%s/\n' "$node" "$pid" \
                "$host" "$(sql_port_of "$number")" "$scheme" "$host" "$(http_port_of "$number")"
        else
            echo "$node does not run"
            ended=3
        fi
    done
    return $ended
}

# Asks every node to stop, and waits: as one of three cannot hand its data on to others that stop too, those that
# linger are ended. Nothing that was committed is lost by that.
stop_nodes() {
    local node pid deadline=$((SECONDS + patience))
    for node in "${nodes[@]}"; do
        if pid=$(process "$node"); then kill -TERM "$pid" 2>/dev/null || true; fi
    done
    while runs && [ $SECONDS -lt $deadline ]; do sleep 0.2; done
    for node in "${nodes[@]}"; do
        if pid=$(process "$node"); then
            echo "$node did not stop within $patience s and is ended" >&2
            kill -KILL "$pid" 2>/dev/null || true
        fi
        rm -f "$directory/$node.pid"
    done
}

stop() {
    if [ -z "$kind" ]; then echo "CockroachDB was not started from here."; return; fi
    as_started
    if ! runs; then echo "CockroachDB does not run."; return; fi
    stop_nodes
    echo "CockroachDB is stopped. Its data are in $directory"
}

shell() {
    need_program
    [ -n "$kind" ] || complain "CockroachDB was not started from here"
    as_started
    runs || complain "CockroachDB does not run"
    client sql --database=doorward "$@"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
    sql) shell "$@" ;;
    -h | --help | help) usage ;;
    insecure | secure | stop | status)
        [ $# -eq 0 ] || { usage >&2; exit 2; }
        case $command in
            stop) stop ;;
            status) status ;;
            *) start "$command" ;;
        esac
        ;;
    *) usage >&2; exit 2 ;;
esac
