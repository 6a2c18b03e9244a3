#!/usr/bin/env bash
# A pod's process, as far as that goes without Kubernetes: the settings of each overlay, the user, and secrets and volumes
# with the owner, the group and the modes that the kubelet gives them. Only root can make those.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

if [ "$(id -u)" -ne 0 ]; then
    echo "left out: only root can give files to others"
    exit 0
fi

binary=$(realpath "${BINARY:-target/end-to-end/doorward}")
user=10001
work=$(mktemp -d)
chmod 755 "$work"
service=
clean() {
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT

# secret NAME FILE=CONTENT…: a volume with a secret, mode 0400 and fsGroup.
secret() {
    local volume=$work/run/$1 one
    shift
    mkdir -p "$volume/..2026"
    for one; do
        printf '%s\n' "${one#*=}" >"$volume/..2026/${one%%=*}"
        chown "0:$user" "$volume/..2026/${one%%=*}"
        chmod 0440 "$volume/..2026/${one%%=*}"
        ln -s "..data/${one%%=*}" "$volume/${one%%=*}"
    done
    ln -s ..2026 "$volume/..data"
    chgrp -R "$user" "$volume"
    chmod 3777 "$volume"
}
secret first-admin password='correct horse batt'
secret keys signing.pem="$(openssl genpkey -algorithm ed25519)"
secret pepper pepper="$(openssl rand -base64 32)"

# starts OVERLAY [NAME…]: with its settings, but for free ports and without those whose names begin so, it is ready and
# lets the first admin in.
starts() {
    local overlay=$1 base='' name
    shift
    mkdir "$work/$overlay"
    chown "0:$user" "$work/$overlay"
    chmod 2775 "$work/$overlay"
    kubectl kustomize "docs/deploy/kubernetes/overlays/$overlay" >"$work/$overlay.yaml"
    mapfile -d '' -t settings < <(python3 - "$work" "$overlay" <<'PYTHON'
import pathlib, sys, yaml
work, overlay = sys.argv[1:]
for thing in yaml.safe_load_all(pathlib.Path(work, overlay + ".yaml").read_text(encoding="utf-8")):
    if thing["kind"] == "ConfigMap":
        for key, value in thing["data"].items():
            print(f"{key}={value.replace('/run/doorward/', work + '/run/')}", end="\0")
PYTHON
    )
    for name; do settings=("${settings[@]/#$name*=*/LEFT_OUT=}"); done
    [ "${#settings[@]}" -gt 5 ] || fail "$overlay has no settings"
    # Who runs it twice finds what the first time has left.
    for time in first second; do
        : >"$work/banner"
        env -i PATH=/usr/bin:/bin "${settings[@]}" DOORWARD_DATA_DIR="$work/$overlay/data" \
            DOORWARD_BIND=127.0.0.1:0 DOORWARD_METRICS_BIND=127.0.0.1:0 DOORWARD_SHUTDOWN_DELAY=0 \
            setpriv --reuid="$user" --regid="$user" --groups="$user" --no-new-privs --bounding-set=-all \
            "$binary" >"$work/banner" 2>"$work/log" </dev/null &
        service=$!
        for _ in $(seq 300); do
            base=$(sed -n 's|^ *API *\(http://[0-9.:]*\)/api/$|\1|p' "$work/banner")
            if [ -n "$base" ]; then break; fi
            kill -0 "$service" 2>/dev/null || break
            sleep 0.1
        done
        [ -n "$base" ] || { cat "$work/log" >&2; fail "$overlay does not start the $time time"; }
        local tries=0
        until curl -sS --max-time 30 -o "$work/answer" -H 'content-type: application/json' "$base/api/auth/login" \
            -d '{"username":"admin@doorward.example","password":"correct horse batt"}' &&
            grep -q '"access_token"' "$work/answer"; do
            # The service answers while its first admin is being made.
            tries=$((tries + 1))
            [ "$tries" -lt 100 ] || { cat "$work/answer" >&2; fail "nobody can log in to $overlay"; }
            sleep 0.1
        done
        [ "$(curl -sS --max-time 30 -o "$work/answer" -w '%{http_code}' "$base/readyz")" = 200 ] ||
            { cat "$work/answer" >&2; fail "$overlay is not ready"; }
        kill "$service"
        wait "$service" || fail "$overlay does not stop"
        service=
    done
    echo "$overlay: $(find "$work/$overlay" -type f | wc -l) files on its volume"
}
starts single
# Its stores are elsewhere; all else that it is given is the same.
starts cluster DOORWARD_DATABASE_ DOORWARD_REDIS_
