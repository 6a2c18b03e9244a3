#!/usr/bin/env bash
# scripts/cockroach.sh against a stub that knows the commands and flags of `cockroach` from its documentation.
. "$(dirname "$0")/support.sh"

stub=$PWD/scripts/test/operator_scripts/stub
stop_servers() { cockroach stop; }

export STUB_STATE=$work/stub
mkdir "$STUB_STATE"
base=$(free_port) console=$(free_port)
cockroach() {
    # A setting of cockroach that would lead to somebody else's cluster must not reach it.
    env PATH="$stub:$PATH" COCKROACH_URL=postgresql://elsewhere CLUSTER_SQL_PORT="$base" \
        CLUSTER_HTTP_PORT="$console" CLUSTER_PATIENCE=20 "$tree/scripts/cockroach.sh" "$@"
}

refuses 2 cockroach
refuses 2 cockroach sideways
says "$work/said" "scripts/cockroach.sh insecure"
refuses 1 env COCKROACH="$work/nowhere" "$tree/scripts/cockroach.sh" secure
says "$work/said" https://www.cockroachlabs.com/docs/releases/ "scripts/postgres.sh start"
refuses 3 cockroach status
refuses 1 cockroach sql
cockroach stop >/dev/null

cockroach insecure >"$work/said"
data=$tree/doorward-cockroach
says "$work/said" "SQL on 127.0.0.1:$base" \
    "'postgresql://doorward_migrator@127.0.0.1:$base/doorward?sslmode=disable' doorward migrate apply" \
    "'postgresql://doorward@127.0.0.1:$base/doorward?sslmode=disable' doorward"
says "$STUB_STATE/calls" "start-single-node --insecure --store=$data/single" \
    "--listen-addr=127.0.0.1:$base --http-addr=127.0.0.1:$console" "sql --insecure --host=127.0.0.1:$base"
cmp "$STUB_STATE/statements" docs/deploy/cockroach-users.sql
[ "$(mode "$data")" = 700 ] || fail "others may read the data"
[ ! -e "$tree/certs" ] || fail "an insecure node needs no certificates"
cockroach insecure >"$work/said"
says "$work/said" "runs already, insecure"
refuses 1 cockroach secure
says "$work/said" "scripts/cockroach.sh stop"
cockroach status >/dev/null
cockroach stop >"$work/said"
says "$work/said" "is stopped"
[ ! -e "$STUB_STATE/up.$base" ] || fail "the node was not asked to stop"
refuses 3 cockroach status

rm -r "$data" "$STUB_STATE"; mkdir "$STUB_STATE"
cockroach secure >"$work/said"
certs=$tree/certs
hosts=localhost:$base,localhost:$((base + 1)),localhost:$((base + 2))
files="sslmode=verify-full&sslrootcert=$certs/ca.crt&sslcert=$certs/client"
says "$work/said" "https://localhost:$((console + 2))/" \
    "'postgresql://doorward_migrator@$hosts/doorward?$files.doorward_migrator.crt" \
    "&sslkey=$certs/client.doorward_migrator.key' doorward migrate apply" \
    "'postgresql://doorward@$hosts/doorward?$files.doorward.crt&sslkey=$certs/client.doorward.key' doorward"
made="--certs-dir=$certs --ca-key=$certs/authority/ca.key"
says "$STUB_STATE/calls" "cert create-ca $made" "cert create-node localhost 127.0.0.1 ::1 $(uname -n) $made" \
    "cert create-client root $made" "cert create-client doorward_migrator $made" "cert create-client doorward $made" \
    "init --certs-dir=$certs --host=localhost:$base"
for number in 0 1 2; do
    says "$STUB_STATE/calls" "start --join=$hosts --certs-dir=$certs --store=$data/node$((number + 1)) --cache=.1 \
--max-sql-memory=.1 --listen-addr=localhost:$((base + number)) --http-addr=localhost:$((console + number))"
done
[ "$(mode "$certs/authority")" = 700 ] || fail "others may come to the key of the authority"
for key in "$certs"/*.key "$certs"/authority/*.key; do [ "$(mode "$key")" = 600 ] || fail "$key is open"; done
git_ignores ' certs/\|doorward-'

before=$(grep -c '^cert' "$STUB_STATE/calls")
cockroach secure >"$work/said"
says "$work/said" "runs already, secure"
[ "$(grep -c '^cert' "$STUB_STATE/calls")" -eq "$before" ] || fail "certificates were made twice"
[ "$(grep -c '^start ' "$STUB_STATE/calls")" -eq 3 ] || fail "nodes were started twice"
cockroach sql -e 'SHOW TABLES'
says "$STUB_STATE/calls" "sql --certs-dir=$certs --host=localhost:$base --database=doorward -e SHOW TABLES"

# The other commands know the ports by themselves, and one node that died comes back alone.
env PATH="$stub:$PATH" "$tree/scripts/cockroach.sh" status >"$work/said"
says "$work/said" "SQL on localhost:$((base + 1))"
kill "$(cat "$data/node2.pid")"
while [ -e "$STUB_STATE/up.$((base + 1))" ]; do sleep 0.05; done
refuses 3 cockroach status
cockroach secure >/dev/null
[ "$(grep -c '^start ' "$STUB_STATE/calls")" -eq 4 ] || fail "one node was to be started"
cockroach stop >/dev/null

# What has the number of a node that is gone is not ours.
sleep 600 &
bystander=$!
echo "$bystander" >"$data/node1.pid"
cockroach stop >"$work/said"
says "$work/said" "does not run"
kill -0 "$bystander" || fail "a process of somebody else was ended"

# A cluster that was there before is not set up again, and one that does not come up says why.
cockroach secure >/dev/null
cockroach stop >/dev/null
touch "$STUB_STATE/broken"
refuses 1 cockroach secure
says "$work/said" "cannot listen"
rm "$STUB_STATE/broken"
says <(CLUSTER_CERTS="$work/with space/ü" cockroach secure) "sslrootcert=$work/with%20space/%C3%BC/ca.crt"
cockroach stop >/dev/null
