#!/usr/bin/env bash
# What docs/deploy/redis.md and docs/deploy/compose/redis.conf say, against Redis itself.
. "$(dirname "$0")/support.sh"

page=docs/deploy/redis.md
server=
stop_servers() {
    [ -n "$server" ] || return 0
    kill "$server"
    wait "$server" || true
}

port=$(free_port)
# serve CONFIGURATION: a server with it, in $work/data, until the next one.
serve() {
    stop_servers
    rm -rf "$work/data"
    mkdir "$work/data"
    (cd "$work/data" && exec redis-server "$1" --port "$port" --bind 127.0.0.1 --save '') >"$work/log" 2>&1 &
    server=$!
    until redis-cli -p "$port" PING >/dev/null 2>&1; do
        kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; fail "the server does not start"; }
        sleep 0.05
    done
}
# as PASSWORD ARGUMENT…: redis-cli with it. The answer is in $work/said.
as() {
    local password=$1
    shift
    REDISCLI_AUTH=$password redis-cli -e -3 -p "$port" "$@" >"$work/said" 2>&1
}
# may ARGUMENT…, may_not ARGUMENT…: what the user that the page makes can do.
may() { as rights --user doorward "$@" || { cat "$work/said" >&2; fail "it is not allowed: $*"; }; }
may_not() {
    if as rights --user doorward "$@"; then fail "it is allowed: $*"; fi
    says "$work/said" NOPERM
}

echo "the user on the page"
rights=$(sed -n 's/^    user doorward on #<SHA-256> //p' "$page")
[ -n "$rights" ] || fail "$page makes no user"
digest=$(printf %s rights | sha256sum | cut -d' ' -f1)
# given RIGHTS: a server with this user.
given() {
    printf 'requirepass secret\nuser doorward on #%s %s\n' "$digest" "$1" >"$work/redis.conf"
    serve "$work/redis.conf"
}
given "$rights"
id=$(cat /proc/sys/kernel/random/uuid)
epoch=$(cat /proc/sys/kernel/random/uuid)
until=$(($(date +%s) + 900))
throttle="throttle:{login_guess:0123456789abcdef0123456789abcdef}"
may PING
may -n 1 INFO server
may CLIENT TRACKING ON
may MGET "$id" "$epoch" revocations:complete "user:$id:$epoch" "live:$id:$epoch"
may SET "$id" true NX EXAT "$until"
may EXPIREAT "$id" "$until" GT
may SET "user:$id:$epoch" "$id" EX 60 NX
may SET "live:$id:$epoch" "$id" EX 60
may SET revocations:refill 1 NX EX 5
may EXPIRE revocations:refill 5
may DEL revocations:refill
may SET revocations:probe 1 EX 60
may SET "${throttle/throttle/known}" 1 EX 60
may EXISTS "${throttle/throttle/known}"
may -n 1 SET "address:$id" ada@example.com EX 60
may -n 1 GET "address:$id"
may -n 1 DEL "address:$id"
may_not SET other 1
may_not GET other
for command in "KEYS *" FLUSHDB FLUSHALL "CONFIG GET *" "ACL LIST" SHUTDOWN "CLIENT LIST" MONITOR "EVAL return(1) 0" \
    "SCRIPT FLUSH" "REPLICAOF NO ONE"; do
    read -ra words <<<"$command"
    may_not "${words[@]}"
done
# Scripts, which may do no more than whoever runs them.
# may_run SCRIPT ARGUMENT…: loads it and runs it.
may_run() {
    may SCRIPT LOAD "$1"
    may EVALSHA "$(tr -d '"' <"$work/said")" "${@:2}"
}
may_run "redis.call('TIME'); return redis.call('SET', KEYS[1], 1, 'PX', 1000)" 1 "$throttle:0"
may_run "return redis.call('GET', KEYS[1]) and redis.call('DEL', KEYS[1])" 1 "$throttle:0"
may_run "return redis.call('SET', KEYS[1], ARGV[1], 'EX', 60)" 1 ada@example.com '{}'
may SCRIPT LOAD "return redis.call('SET', 'other', 1)"
if as rights --user doorward EVALSHA "$(tr -d '"' <"$work/said")" 0; then fail "a script may do more"; fi
says "$work/said" "can't access at least one of the keys"
# Every command in the code is among the rights, so that a new one is not forgotten.
{
    find crates/redis/src -name '*.rs' -not -path '*/tests/*' -not -name tests.rs \
        -exec sed -n '/^#\[cfg(test)\]/q; s/.*cmd("\([A-Z]*\)").*/\1/p' {} \;
    find crates/redis/src -name '*.lua' -exec sed -n "s/.*redis\.p\{0,1\}call('\([A-Z]*\)'.*/\1/p" {} \;
} | sort -u | tr '[:upper:]' '[:lower:]' >"$work/commands"
says "$work/commands" mget expireat time
while read -r command; do
    case $command in
        # On sentinels and in a cluster only.
        sentinel | cluster) continue ;;
    esac
    [[ " $rights " =~ \ \+$command(\||\ ) ]] || fail "$page gives no right to $command, which the code uses"
done <"$work/commands"

cluster=
for word in $rights; do [[ $word == '~'* ]] || cluster+=" $word"; done
for word in '~d0:* ~d1:*' '+cluster|slots'; do
    grep -qF "\`$word\`" "$page" || fail "$page does not say that a cluster needs $word"
    cluster+=" $word"
done
given "$cluster"
may SET "d0:$id" true NX EXAT "$until"
may GET "d1:ada@example.com"
may_not SET "$id" true
as secret ACL DRYRUN doorward CLUSTER SLOTS
says "$work/said" OK
as secret ACL DRYRUN doorward CLUSTER RESET
says "$work/said" "no permissions"

echo "compose/redis.conf"
printf 'requirepass composed\n' >"$work/password.conf"
mkdir "$work/kept"
sed "s#/run/redis/#$work/#; s#^dir /data#dir $work/kept#" docs/deploy/compose/redis.conf >"$work/redis.conf"
serve "$work/redis.conf"
redis-cli -p "$port" DBSIZE >"$work/said"
says "$work/said" NOAUTH
for setting in 'appendonly yes' 'appendfsync everysec' 'maxmemory 268435456' 'maxmemory-policy noeviction'; do
    as composed CONFIG GET "${setting% *}"
    says "$work/said" "${setting#* }"
done
[ -d "$work/kept/appendonlydir" ] || fail "nothing is kept where the volume is"
