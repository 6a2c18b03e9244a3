#!/usr/bin/env bash
# The manifests: each overlay, also with all components, as Kustomize makes it, against the schemas of Kubernetes and
# against what we want of it.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

place=docs/deploy/kubernetes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -r "$place" "$work/with"
# Every component that an overlay offers, as somebody would switch it on.
sed -i 's/^  # - \(\.\.\/\.\.\/\)/  - \1/' "$work"/with/overlays/*/kustomization.yaml
built=()
# build NAME DIRECTORY
build() {
    kubectl kustomize "$2" >"$work/$1.yaml"
    built+=("$work/$1.yaml")
}
for overlay in single cluster cluster/migrate; do
    build "${overlay//\//-}" "$place/overlays/$overlay"
    build "${overlay//\//-}-with-all" "$work/with/overlays/$overlay"
done
cp "$place/namespace.yaml" "$work/namespace.yaml"
built+=("$work/namespace.yaml")

# What others have defined (monitoring.coreos.com) is not among the schemas.
for file in "${built[@]}"; do
    python3 - "$file" <<'PYTHON'
import sys, yaml
with open(sys.argv[1], encoding="utf-8") as file:
    kept = [one for one in yaml.safe_load_all(file) if "monitoring.coreos.com" not in one["apiVersion"]]
with open(sys.argv[1] + ".known", "w", encoding="utf-8") as file:
    yaml.safe_dump_all(kept, file)
PYTHON
    # The oldest that the page names, and the newest that is known.
    for version in 1.29 1.37; do
        quietly kubernetes-validate --strict --quiet --kubernetes-version "$version" "$file.known"
    done
done
scripts/test/packaging/manifests.py "${built[@]}"
