#!/usr/bin/env bash
# The units of systemd, as far as that goes where systemd does not run.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

place=docs/deploy/systemd
binary=${BINARY:-target/end-to-end/doorward}
work=$(mktemp -d)
service=
clean() {
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT

# What is to be started has to be there, and Doorward is not.
mkdir "$work/units"
for unit in "$place"/*.service "$place"/*.timer; do
    sed 's#/usr/local/bin/doorward#/bin/true#' "$unit" >"$work/units/$(basename "$unit")"
done
verify() { (cd "$work/units" && quietly systemd-analyze verify --man=no ./*.service ./*.timer); }
verify
# With each drop-in as well.
mkdir "$work/units/doorward.service.d"
for drop_in in postgresql redis low-port; do
    cp "$place/$drop_in.conf" "$work/units/doorward.service.d/"
    verify
done

# exposure UNIT TENTHS: at most so much of what systemd thinks a service need not be able to do.
exposure() {
    systemd-analyze security --offline=true --threshold="$2" --no-pager "$place/$1" >"$work/said" 2>&1 ||
        { cat "$work/said" >&2; fail "$1 may do more than it was allowed to"; }
    tail -n 1 "$work/said"
}
exposure doorward.service 12
exposure doorward-backup.service 6

# What a service does from its first start to its end needs no system call that the filter refuses.
mkdir "$work/data"
chmod 700 "$work/data"
DOORWARD_BIND=127.0.0.1:0 DOORWARD_DATA_DIR=$work/data/doorward \
    strace -f -qq -o "$work/trace" "$binary" >"$work/banner" 2>"$work/log" </dev/null &
service=$!
for _ in $(seq 600); do
    base=$(sed -n 's|^ *API *\(http://[0-9.:]*\)/api/$|\1|p' "$work/banner")
    if [ -n "$base" ] && grep -q '^ *password ' "$work/banner"; then break; fi
    kill -0 "$service" 2>/dev/null || { cat "$work/log" >&2; fail "the service did not start"; }
    sleep 0.1
done
password=$(sed -n 's/^ *password *//p' "$work/banner")
curl -sS --max-time 60 -o "$work/answer" -H 'content-type: application/json' "$base/api/auth/login" \
    -d "{\"username\":\"admin@doorward.example\",\"password\":\"$password\"}"
grep -q '"access_token"' "$work/answer" || { cat "$work/answer" >&2; fail "nobody can log in"; }
# strace passes the signal on to nobody: the service is its child.
pkill -TERM --parent "$service"
wait "$service" || fail "the service did not stop as it was asked to"
service=
systemd-analyze syscall-filter --no-pager >"$work/sets" 2>/dev/null
python3 - "$place/doorward.service" "$work/sets" "$work/trace" <<'PYTHON'
import re, sys
unit, sets, trace = (open(name, encoding="utf-8").read() for name in sys.argv[1:])
members = {found[1]: re.findall(r"^    ([@\w]+)$", found[2], re.M) for found in
           re.finditer(r"^(@[\w-]+)\n((?:(?:    .*)?\n)*)", sets.replace("-", "_"), re.M)}

def calls(name):
    return set().union(*map(calls, members[name])) if name.startswith("@") else {name}

allowed = set()
for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
    named = set().union(*map(calls, line.lstrip("~").replace("-", "_").split()))
    allowed = allowed - named if line.startswith("~") else allowed | named
used = set(re.findall(r"^\d+ +(\w+)\(", trace, re.M))
assert len(used) > 40 and "bind" in used and "fsync" in used, f"that was no service: {sorted(used)}"
assert used <= allowed, f"the filter refuses: {sorted(used - allowed)}"
print(f"{len(used)} system calls of {len(allowed)} that are allowed")
PYTHON
