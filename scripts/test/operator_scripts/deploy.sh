#!/usr/bin/env bash
# The files in docs/deploy, as far as that goes without containers.
. "$(dirname "$0")/support.sh"

stub=$PWD/scripts/test/operator_scripts/stub
export STUB_STATE=$work/stub
mkdir "$STUB_STATE"

if [ "$(id -u)" -eq 0 ]; then
    # The certificates of compose.yaml: each volume has what its reader needs, for that reader alone.
    made=$work/made
    mkdir -p "$made"/{authority,node,root,doorward_migrator,doorward,first-admin,redis,redis-password}
    make_certificates() { env PATH="$stub:$PATH" MADE="$made" docs/deploy/compose/certificates.sh; }
    make_certificates
    make_certificates
    (cd "$made" && find . -type f -printf '%U %m %p\n' | LC_ALL=C sort -k 3) >"$work/said"
    diff - "$work/said" <<'LIST'
0 600 ./authority/ca.crt
0 600 ./authority/ca.key
10001 600 ./doorward/ca.crt
10001 600 ./doorward/client.doorward.crt
10001 600 ./doorward/client.doorward.key
10001 600 ./doorward_migrator/ca.crt
10001 600 ./doorward_migrator/client.doorward_migrator.crt
10001 600 ./doorward_migrator/client.doorward_migrator.key
10001 600 ./first-admin/password
0 600 ./node/ca.crt
0 600 ./node/node.crt
0 600 ./node/node.key
10001 600 ./redis-password/password
999 600 ./redis/password.conf
0 600 ./root/ca.crt
0 600 ./root/client.root.crt
0 600 ./root/client.root.key
LIST
    grep -qxF "requirepass $(cat "$made/redis-password/password")" "$made/redis/password.conf" ||
        fail "Redis and Doorward have different passwords"
    # With the authority put away everything goes on, but nothing new can be signed, and no second authority appears.
    rm "$made"/authority/*
    make_certificates
    rm "$made"/root/client.root.*
    refuses 1 make_certificates
    says "$work/said" "bring its volume back"
fi
haproxy -c -q -f docs/deploy/compose/haproxy.cfg
printf 'pid %s; events {}\nhttp { include %s; }\n' "$work/nginx.pid" "$PWD/docs/deploy/nginx.conf" >"$work/nginx.conf"
nginx -q -t -e "$work/nginx.log" -p "$work" -c "$work/nginx.conf"
python3 - <<'PYTHON'
import pathlib, re, yaml
place = pathlib.Path("docs/deploy")
settings = set(re.findall(r"`(DOORWARD_[A-Z_]+)`", pathlib.Path("docs/configuration.md").read_text(encoding="utf-8")))
for file in sorted(place.glob("compose*.yaml")):
    compose = yaml.safe_load(file.read_text(encoding="utf-8"))
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
    print(f"{file.name}: {len(services)} services and {len(volumes)} volumes fit together")
PYTHON
