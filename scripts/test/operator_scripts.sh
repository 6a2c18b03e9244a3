#!/usr/bin/env bash
# scripts/cockroach.sh against a stub that knows the commands and flags of `cockroach` from its documentation,
# scripts/postgres.sh against PostgreSQL itself, and the files in docs/deploy as far as that goes without containers.
set -euo pipefail
cd "$(dirname "$0")/../.."

bash -n scripts/cockroach.sh
shellcheck scripts/cockroach.sh scripts/postgres.sh scripts/test/operator_scripts.sh docs/deploy/compose/*.sh

work=$(mktemp -d)
# The server's user and `nobody` have to come through.
chmod 755 "$work"
stub=$work/bin/cockroach
bystander=
clean() {
    # By the scripts themselves: each ends only what it started.
    [ ! -d "$work/tree" ] || { cockroach stop; postgres stop; as_nobody stop; } >/dev/null 2>&1 || true
    [ -z "$bystander" ] || kill "$bystander" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT

fail() { printf 'operator_scripts.sh: %s\n' "$*" >&2; exit 1; }
# says FILE TEXT…: the file has a line with each of them.
says() {
    local file=$1 text
    shift
    for text in "$@"; do
        grep -qF -- "$text" "$file" || { cat "$file" >&2; fail "expected: $text"; }
    done
}
# refuses STATUS COMMAND…: it ends with that status; what it said is in $work/said.
refuses() {
    local expected=$1 status=0
    shift
    "$@" >"$work/said" 2>&1 || status=$?
    [ "$status" -eq "$expected" ] || { cat "$work/said" >&2; fail "expected status $expected, not $status: $*"; }
}
mode() { stat -c %a "$1"; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# A copy, so that nothing is left in the work tree and the defaults can be tested.
tree=$work/tree
mkdir -p "$tree/scripts" "$tree/docs/deploy" "$work/bin"
cp scripts/cockroach.sh scripts/postgres.sh "$tree/scripts/"
cp docs/deploy/*.sql "$tree/docs/deploy/"

cat >"$stub" <<'STUB'
#!/usr/bin/env bash
# Does what the documentation says that cockroach does, as far as scripts/cockroach.sh uses it.
set -euo pipefail
printf '%s\n' "$*" >>"$STUB_STATE/calls"
refuse() { echo "ERROR: $*" >&2; exit 1; }
command=$1; shift
case $command in cert) command="cert $1"; shift ;; esac
case $command in
    "cert create-"*) known="certs-dir ca-key" ;;
    start-single-node) known="insecure store listen-addr http-addr cache max-sql-memory" ;;
    start) known="certs-dir store listen-addr http-addr join cache max-sql-memory" ;;
    init) known="certs-dir insecure host" ;;
    sql) known="certs-dir insecure host database" ;;
    *) refuse "unknown command $command" ;;
esac
declare -A flag; words=(); statement=
while [ $# -gt 0 ]; do
    case $1 in
        -e) statement=$2; shift ;;
        --*=*) flag[$(cut -d= -f1 <<<"${1#--}")]=${1#*=} ;;
        --*) flag[${1#--}]=yes ;;
        *) words+=("$1") ;;
    esac
    shift
done
for name in "${!flag[@]}"; do [[ " $known " == *" $name "* ]] || refuse "unknown flag --$name for $command"; done
certs=${flag[certs-dir]:-}
make() { [ ! -e "$1" ] || refuse "$1 exists"; echo "$2" >"$1"; }
case $command in
    cert*)
        [ "$command" = "cert create-ca" ] || [ -e "${flag[ca-key]}" ] || refuse "no key of the authority" ;;&
    "cert create-ca") make "${flag[ca-key]}" key; make "$certs/ca.crt" certificate ;;
    "cert create-node") make "$certs/node.crt" "${words[*]}"; make "$certs/node.key" key ;;
    "cert create-client") make "$certs/client.${words[0]}.crt" c; make "$certs/client.${words[0]}.key" key ;;
    start*)
        [ -n "${flag[insecure]:-}" ] || [ -e "$certs/node.key" ] || refuse "no certificates"
        [ ! -e "$STUB_STATE/broken" ] || refuse "cannot listen"
        mkdir -p "${flag[store]}"
        port=${flag[listen-addr]##*:}
        touch "$STUB_STATE/up.$port"
        [ -z "${flag[insecure]:-}" ] || touch "$STUB_STATE/initialized"
        trap 'rm -f "$STUB_STATE/up.$port"; exit 0' TERM
        while :; do sleep 0.05; done ;;
    init | sql)
        [ "${flag[insecure]:-}" = yes ] || [ -e "$certs/client.root.key" ] || refuse "no certificate of root"
        [ -e "$STUB_STATE/up.${flag[host]##*:}" ] || refuse "connection refused" ;;&
    init)
        [ ! -e "$STUB_STATE/initialized" ] || refuse "cluster has already been initialized"
        touch "$STUB_STATE/initialized" ;;
    sql)
        [ -e "$STUB_STATE/initialized" ] || refuse "the cluster is not initialized"
        [ -n "$statement" ] || cat >"$STUB_STATE/statements" ;;
esac
STUB
chmod +x "$stub"

echo "cockroach.sh"
export STUB_STATE=$work/stub
mkdir "$STUB_STATE"
base=$(free_port) console=$(free_port)
cockroach() {
    # A setting of cockroach that would lead to somebody else's cluster must not reach it.
    env PATH="$work/bin:$PATH" COCKROACH_URL=postgresql://elsewhere CLUSTER_SQL_PORT="$base" \
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
cp .gitignore "$tree/"
git -C "$tree" init -q
kept=$(git -C "$tree" status --porcelain --untracked-files=all | grep -e certs -e doorward- || true)
[ -z "$kept" ] || fail "git would take: $kept"

before=$(grep -c '^cert' "$STUB_STATE/calls")
cockroach secure >"$work/said"
says "$work/said" "runs already, secure"
[ "$(grep -c '^cert' "$STUB_STATE/calls")" -eq "$before" ] || fail "certificates were made twice"
[ "$(grep -c '^start ' "$STUB_STATE/calls")" -eq 3 ] || fail "nodes were started twice"
cockroach sql -e 'SHOW TABLES'
says "$STUB_STATE/calls" "sql --certs-dir=$certs --host=localhost:$base --database=doorward -e SHOW TABLES"

# The other commands know the ports by themselves, and one node that died comes back alone.
env PATH="$work/bin:$PATH" "$tree/scripts/cockroach.sh" status >"$work/said"
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

echo "postgres.sh"
port=$(free_port)
postgres() { POSTGRES_PORT=$port "$tree/scripts/postgres.sh" "$@"; }
as_nobody() {
    runuser -u nobody -- env POSTGRES_DIR="$work/nobody/postgres" POSTGRES_PORT="$port" "$tree/scripts/postgres.sh" "$@"
}
# as_role ROLE STATEMENT…: each as this role, with the password from its file.
as_role() {
    local role=$1 arguments=() statement
    shift
    for statement in "$@"; do arguments+=(-c "$statement"); done
    PGPASSWORD=$(cat "$kept_in/$role.password") psql -XAtq -v ON_ERROR_STOP=1 \
        "postgresql://$role@127.0.0.1:$port/doorward?sslmode=disable" "${arguments[@]}"
}
# lives DIRECTORY COMMAND…: the life of a server in the directory, by this way to call the script.
lives() {
    kept_in=$1
    shift
    refuses 3 "$@" status
    refuses 1 "$@" sql
    "$@" stop >/dev/null
    "$@" start >"$work/said"
    says "$work/said" "on 127.0.0.1:$port" "doorward migrate apply" \
        "'postgresql://doorward@127.0.0.1:$port/doorward?sslmode=disable'" \
        "DOORWARD_DATABASE_PASSWORD_FILE='$kept_in/doorward.password'"
    for file in "$kept_in"/*.password; do
        [ "$(mode "$file")" = 600 ] || fail "$file is open"
        if grep -qFf "$file" "$work/said"; then fail "a password was printed"; fi
    done
    [ "$(mode "$kept_in")" = 700 ] || fail "others may read the data"
    "$@" sql -At -c "SELECT datcollate, datctype, pg_encoding_to_char(encoding), current_setting('listen_addresses'),
        current_setting('unix_socket_directories') FROM pg_database WHERE datname = 'doorward'" >"$work/said"
    says "$work/said" "C|C|UTF8|127.0.0.1|"
    # One makes tables, the other fills them, nobody else comes in, and nobody without a password.
    as_role doorward_migrator 'CREATE TABLE IF NOT EXISTS doors (id INT4)'
    as_role doorward 'INSERT INTO doors VALUES (1)' 'DELETE FROM doors' 'SHOW default_transaction_isolation' \
        >"$work/said"
    says "$work/said" serializable
    refuses 1 as_role doorward 'CREATE TABLE windows (id INT4)'
    refuses 1 as_role doorward 'DROP TABLE doors'
    refuses 2 psql -XAt -w "postgresql://doorward@127.0.0.1:$port/doorward?sslmode=disable" -c 'SELECT 1'
    "$@" start >"$work/said"
    says "$work/said" "runs already"
    "$@" status >/dev/null
    "$@" stop >"$work/said"
    says "$work/said" "is stopped"
    "$@" stop >"$work/said"
    says "$work/said" "does not run"
    refuses 3 "$@" status
    # Again, with what was kept.
    "$@" start >/dev/null
    as_role doorward 'SELECT count(*) FROM doors' >"$work/said"
    says "$work/said" 0
    "$@" stop >/dev/null
    "$@" stop >/dev/null
}
refuses 2 postgres
refuses 2 postgres sideways
refuses 1 env POSTGRES_BIN="$work/nowhere" "$tree/scripts/postgres.sh" start
says "$work/said" "package postgresql"
lives "$tree/doorward-postgres" postgres
if [ "$(id -u)" -eq 0 ]; then
    # Nobody in particular does without `postgres`, and needs no help of root.
    mkdir "$work/nobody"
    chown nobody "$work/nobody"
    port=$(free_port)
    # The files are nobody's, but root can read them.
    lives "$work/nobody/postgres" as_nobody
fi
kept=$(git -C "$tree" status --porcelain --untracked-files=all | grep -e doorward- || true)
[ -z "$kept" ] || fail "git would take: $kept"

echo "docs/deploy"
if [ "$(id -u)" -eq 0 ]; then
    # The certificates of compose.yaml: each volume has what its reader needs, for that reader alone.
    made=$work/made
    mkdir -p "$made"/{authority,node,root,doorward_migrator,doorward,first-admin}
    make_certificates() { env PATH="$work/bin:$PATH" MADE="$made" docs/deploy/compose/certificates.sh; }
    make_certificates
    make_certificates
    (cd "$made" && find . -type f -printf '%u %m %p\n' | sort -k 3) >"$work/said"
    diff - "$work/said" <<'LIST'
root 600 ./authority/ca.crt
root 600 ./authority/ca.key
10001 600 ./doorward/ca.crt
10001 600 ./doorward/client.doorward.crt
10001 600 ./doorward/client.doorward.key
10001 600 ./doorward_migrator/ca.crt
10001 600 ./doorward_migrator/client.doorward_migrator.crt
10001 600 ./doorward_migrator/client.doorward_migrator.key
10001 600 ./first-admin/password
root 600 ./node/ca.crt
root 600 ./node/node.crt
root 600 ./node/node.key
root 600 ./root/ca.crt
root 600 ./root/client.root.crt
root 600 ./root/client.root.key
LIST
    # With the authority put away everything goes on, but nothing new can be signed, and no second authority appears.
    rm "$made"/authority/*
    make_certificates
    rm "$made"/root/client.root.*
    refuses 1 make_certificates
    says "$work/said" "bring its volume back"
fi
haproxy -c -q -f docs/deploy/compose/haproxy.cfg
python3 - <<'PYTHON'
import pathlib, re, yaml
place = pathlib.Path("docs/deploy")
compose = yaml.safe_load((place / "compose.yaml").read_text(encoding="utf-8"))
settings = set(re.findall(r"`(DOORWARD_[A-Z_]+)`", pathlib.Path("docs/configuration.md").read_text(encoding="utf-8")))
services, volumes = compose["services"], compose["volumes"]
for name, service in services.items():
    for needed in service.get("depends_on", {}):
        assert needed in services, f"{name} waits for {needed}, which is not there"
    for network in service.get("networks", []):
        assert network in compose["networks"], f"{name}: no network {network}"
    for mount in service.get("volumes", []):
        source = mount.split(":")[0]
        there = (place / source).exists() if source.startswith(".") else source in volumes
        assert there, f"{name} mounts {source}, which is not there"
    for variable in service.get("environment", {}):
        known = not variable.startswith("DOORWARD_") or variable in settings
        assert known, f"{name}: {variable} is no setting"
    build = service.get("build")
    if build:
        root = (place / build["context"]).resolve()
        assert root == pathlib.Path.cwd() and (root / build["dockerfile"]).exists(), f"{name}: nothing to build"
used = {m.split(":")[0] for s in services.values() for m in s.get("volumes", [])}
assert not set(volumes) - used, f"volumes without use: {set(volumes) - used}"
print(f"{len(services)} services and {len(volumes)} volumes fit together")
PYTHON
