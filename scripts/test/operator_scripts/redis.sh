#!/usr/bin/env bash
# scripts/redis.sh against Redis itself.
. "$(dirname "$0")/support.sh"

stop_servers() { redis stop; as_nobody stop; REDIS_DIR=$work/second redis stop; }

port=$(free_port)
redis() {
    # The password of somebody else's server does not get in the way.
    env REDISCLI_AUTH=elsewhere REDIS_PORT="$port" "$tree/scripts/redis.sh" "$@"
}
as_nobody() {
    runuser -u nobody -- env REDIS_DIR="$work/nobody/redis" REDIS_PORT="$port" "$tree/scripts/redis.sh" "$@"
}
# is_alive PROCESS: one that has ended may still be waiting for whoever started it.
is_alive() { ps -p "$1" -o stat= | grep -q '^[^Z]'; }
# has EXPECTED COMMAND…: the server answers the command so.
has() {
    local expected=$1 said
    shift
    said=$("${way[@]}" cli "$@")
    [ "$said" = "$expected" ] || fail "$*: expected '$expected', not '$said'"
}
# lives DIRECTORY USER COMMAND…: the life of a server in the directory, as that user, by this way to call the script.
lives() {
    local kept_in=$1 user=$2 password pid
    way=("${@:3}")
    refuses 3 "${way[@]}" status
    refuses 1 "${way[@]}" cli PING
    says "$work/said" "scripts/redis.sh start"
    refuses 1 "${way[@]}" flush --yes
    "${way[@]}" stop >"$work/said"
    says "$work/said" "does not run"

    "${way[@]}" start >"$work/said"
    says "$work/said" "on 127.0.0.1:$port" "DOORWARD_REDIS_URL='redis://127.0.0.1:$port'" \
        "DOORWARD_REDIS_PASSWORD_FILE='$kept_in/redis.password' doorward"
    password=$kept_in/redis.password
    [ "$(wc -c <"$password")" -ge 32 ] || fail "the password is short"
    ps -eo args= >"$work/commands"
    says "$work/commands" "redis-server $kept_in/redis.conf"
    if grep -qFf "$password" "$work/said" "$kept_in/redis.log"; then fail "the password was printed"; fi
    if grep -qFf "$password" "$work/commands"; then fail "the password is on a command line"; fi
    for file in "$password" "$kept_in/redis.conf"; do [ "$(mode "$file")" = 600 ] || fail "$file is open"; done
    [ "$(mode "$kept_in")" = 700 ] || fail "others may read the data"
    # With the password, for this machine alone, and nothing that is written is given up for something else.
    redis-cli -p "$port" PING >"$work/said"
    says "$work/said" NOAUTH
    has PONG PING
    "${way[@]}" cli CONFIG GET '*' >"$work/said"
    for setting in 'bind 127.0.0.1' 'protected-mode yes' 'appendonly yes' 'appendfsync everysec' \
        'maxmemory-policy noeviction'; do
        grep -xA 1 "${setting% *}" "$work/said" | grep -qxF "${setting#* }" || fail "it is not so: $setting"
    done
    pid=$(cat "$kept_in/data/redis.pid")
    [ "$(ps -p "$pid" -o user=)" = "$user" ] || fail "the server is not $user"

    # Once more, and with another port in mind: it is the same server.
    cp "$password" "$work/password"
    "${way[@]}" start >"$work/said"
    says "$work/said" "runs already" "(process $pid)"
    port=1 "${way[@]}" status >"$work/said"
    says "$work/said" "(process $pid) on 127.0.0.1:$port"

    # Each database by itself, and only who says so.
    for number in 0 1 2; do has OK -n "$number" SET key there EX 600; done
    refuses 2 "${way[@]}" flush sideways
    refuses 2 "${way[@]}" flush revocations documents
    refuses 1 "${way[@]}" flush </dev/null
    says "$work/said" "Nobody is logged in again" "nothing was changed"
    refuses 1 "${way[@]}" flush revocations <<<n
    for number in 0 1 2; do has 1 -n "$number" EXISTS key; done
    "${way[@]}" flush revocations <<<y >"$work/said"
    says "$work/said" "Empty database 0 on 127.0.0.1:$port?" "Database 0 is empty."
    has 0 -n 0 DBSIZE
    has 1 -n 1 DBSIZE
    has OK SET key there EX 600
    "${way[@]}" flush --yes documents >"$work/said"
    says "$work/said" "Database 1 is empty."
    has 1 -n 0 DBSIZE
    has 0 -n 1 DBSIZE
    has OK -n 1 SET key there EX 600
    "${way[@]}" flush --yes >"$work/said"
    says "$work/said" "Database 0 is empty." "Database 1 is empty."
    has 0 -n 0 DBSIZE
    has 0 -n 1 DBSIZE
    has 1 -n 2 DBSIZE

    # What was written is there after a stop, and after the process was killed.
    has OK SET key "after a stop" EX 600
    "${way[@]}" stop >"$work/said"
    says "$work/said" "is stopped"
    if is_alive "$pid"; then fail "the server was not ended"; fi
    refuses 3 "${way[@]}" status
    "${way[@]}" start >/dev/null
    has "after a stop" GET key
    cmp "$password" "$work/password"
    has OK SET key "after a kill" EX 600
    pid=$(cat "$kept_in/data/redis.pid")
    kill -KILL "$pid"
    while is_alive "$pid"; do sleep 0.05; done
    refuses 3 "${way[@]}" status
    "${way[@]}" start >/dev/null
    has "after a kill" GET key

    # One that hangs is ended all the same.
    kill -STOP "$(cat "$kept_in/data/redis.pid")"
    REDIS_PATIENCE=1 "${way[@]}" stop >"$work/said" 2>&1
    says "$work/said" "did not stop within 1 s" "is stopped"
    refuses 3 "${way[@]}" status
    "${way[@]}" stop >/dev/null
}

refuses 2 redis
refuses 2 redis sideways
says "$work/said" "scripts/redis.sh start"
refuses 2 redis start now
refuses 1 env REDIS_BIN="$work/nowhere" "$tree/scripts/redis.sh" start
says "$work/said" "package redis-server"
redis help >"$work/said"
says "$work/said" "scripts/redis.sh flush"
# An older one is refused before anything is made.
mkdir "$work/old"
printf '#!/bin/sh\necho "Redis server v=6.2.14 sha=00000000:0 malloc=libc bits=64 build=0"\n' >"$work/old/redis-server"
cp "$work/old/redis-server" "$work/old/redis-cli"
chmod +x "$work/old"/*
refuses 1 env REDIS_BIN="$work/old" "$tree/scripts/redis.sh" start
says "$work/said" "Redis 7.0 or newer is needed"
[ ! -e "$tree/doorward-redis" ] || fail "something was made for a server that is not started"

# A port that is taken, by whomever.
python3 -c '
import pathlib, signal, socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
pathlib.Path(sys.argv[2]).touch()
signal.pause()' "$port" "$work/listens" &
bystander=$!
while [ ! -e "$work/listens" ]; do kill -0 "$bystander"; sleep 0.05; done
refuses 1 redis start
says "$work/said" "listens on 127.0.0.1:$port already" "REDIS_PORT="
refuses 3 redis status
kill "$bystander"
port=99999 refuses 1 redis start
says "$work/said" "99999" "does not start"

if [ "$(id -u)" -eq 0 ]; then
    REDIS_RUN_AS=no_such_user refuses 1 redis start
    says "$work/said" "no user no_such_user"
    rm -r "$tree/doorward-redis"
fi
user=$(id -un)
[ "$(id -u)" -ne 0 ] || user=redis
lives "$tree/doorward-redis" "$user" redis
if [ "$(id -u)" -eq 0 ]; then
    # Nobody in particular does without the user `redis`, and needs no help of root.
    mkdir "$work/nobody"
    chown nobody "$work/nobody"
    port=$(free_port)
    # The files are nobody's, but root can read them.
    lives "$work/nobody/redis" nobody as_nobody
fi

# Of two servers each script ends its own, and what has the number of a server that is gone is nobody's.
port=$(free_port)
redis start >/dev/null
second=$(free_port)
REDIS_DIR=$work/second port=$second redis start >/dev/null
redis stop >/dev/null
REDIS_DIR=$work/second redis status >"$work/said"
says "$work/said" "on 127.0.0.1:$second"
cp "$work/second/data/redis.pid" "$tree/doorward-redis/data/redis.pid"
redis stop >"$work/said"
says "$work/said" "does not run"
REDIS_DIR=$work/second redis status >/dev/null
REDIS_DIR=$work/second redis stop >/dev/null
git_ignores doorward-
