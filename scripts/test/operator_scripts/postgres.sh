#!/usr/bin/env bash
# scripts/postgres.sh against PostgreSQL itself.
. "$(dirname "$0")/support.sh"

stop_servers() { postgres stop; as_nobody stop; }

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
git_ignores doorward-
