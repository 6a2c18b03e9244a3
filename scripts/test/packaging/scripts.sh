#!/usr/bin/env bash
# Every shell script, and every line of shell in a workflow.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

mapfile -t scripts < <(files '*' | while read -r file; do
    case $file in
        *.sh) echo "$file" ;;
        *) ! head -c 64 "$file" | head -n 1 | grep -aqE '^#!.*[/ ](ba|da)?sh( |$)' || echo "$file" ;;
    esac
done)
[ "${#scripts[@]}" -gt 30 ] || fail "only ${#scripts[@]} scripts were found"
shellcheck -x -P . -P scripts/test -P scripts/test/packaging -P scripts/test/operator_scripts "${scripts[@]}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$work" <<'PYTHON'
import pathlib, re, sys, yaml
for path in pathlib.Path(".github/workflows").glob("*.yml"):
    for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
        for number, step in enumerate(job["steps"]):
            if "run" in step:
                assert "${{" not in step["run"], f"{path}: {name}: an expression within shell is carried out as shell"
                script = "#!/bin/bash -e\n" + step["run"]
                pathlib.Path(sys.argv[1], f"{path.stem}-{name}-{number}.sh").write_text(script, encoding="utf-8")
PYTHON
# Which variables a workflow sets is not seen here, and where its pieces lie neither.
shellcheck -e SC1091,SC2154 "$work"/*.sh
echo "${#scripts[@]} scripts, $(find "$work" -name '*.sh' | wc -l) steps of workflows"
