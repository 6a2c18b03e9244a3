#!/usr/bin/env bash
# Workflows: as GitHub defines them, and without what zizmor knows as a weakness.
set -euo pipefail
. "$(dirname "$0")/tools.sh"

check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
zizmor --offline --no-progress --quiet .github

# Whoever changes what a tag means changes nothing here; a job without a limit may run for six hours; and what checks the
# rest does not see whether the jobs fit together.
python3 - <<'PYTHON'
import pathlib, re, yaml
for path in sorted(pathlib.Path(".github/workflows").glob("*.yml")):
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert "permissions" in workflow, f"{path}: permissions are not said"
    for name, job in workflow["jobs"].items():
        assert "timeout-minutes" in job, f"{path}: {name} has no limit of time"
        needed = job.get("needs", [])
        needed = {needed} if isinstance(needed, str) else set(needed)
        assert needed <= workflow["jobs"].keys(), f"{path}: {name} needs a job that is not there"
        used = set(re.findall(r"needs\.([\w-]+)", str(job)))
        assert used <= needed, f"{path}: {name} uses what it does not need: {used - needed}"
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, f"{path}: {name} leaves a token behind"
    for action, version in re.findall(r"uses: (\S+)(.*)", text):
        pinned = re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) and re.fullmatch(r" # v\d+\.\d+\.\d+", version)
        assert pinned, f"{path}: {action} is not named by its commit and its version"
PYTHON
