#!/usr/bin/env python3
"""Holds the alert rules and the dashboard to the metrics that there are, to the pages, and to each other.

    monitoring.py QUERIES [--write]

The queries of the dashboard are written into the file QUERIES as rules, for promtool to parse.
"""

import json
import pathlib
import re
import sys

import yaml

PLACE = pathlib.Path("docs/monitoring")
RUNBOOK = pathlib.Path("docs/operate.md")
COPY = pathlib.Path("docs/deploy/kubernetes/monitoring/prometheus-rule.yaml")
# Not ours: those of Prometheus itself, of the kubelet and of the node exporter, and our own recorded ones.
OTHERS = re.compile(r"process_\w+|up|kubelet_volume_stats_\w+|node_filesystem_\w+|doorward:\w+:\w+")
COPY_HEAD = """\
# The rules of docs/monitoring/alerts.yaml, for the Prometheus operator. Written by scripts/test/packaging/monitoring.sh
# --write; change them there.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: doorward
spec:
"""


def told():
    """The metrics on the page, which a test of the service writes; histograms are three each."""
    page = pathlib.Path("docs/metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", page, re.M)
    for name, kind in rows:
        yield from (name + suffix for suffix in ("_bucket", "_count", "_sum")) if kind == "histogram" else [name]


def names(expression):
    """What looks like a metric: a word before a selector, a window or nothing, but no function and no label."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(by|on|without|ignoring)\s*\([^)]*\)", " ", bare)
    words = re.findall(r"[a-zA-Z_:][\w:]*(?!\w*\s*\()", bare)
    return {word for word in words if "_" in word or ":" in word or word == "up"}


def headings(page):
    lines = re.findall(r"^#+ (.*)", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", line).strip().lower().replace(" ", "-") for line in lines}


def faults(groups, dashboard):
    known = set(told())
    expressions = [rule["expr"] for group in groups for rule in group["rules"]]
    expressions += [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    for expression in expressions:
        for name in sorted(names(expression)):
            if name not in known and not OTHERS.fullmatch(name) and not name.startswith("$__"):
                yield f"no metric {name}: {expression}"

    handled = headings(RUNBOOK)
    tests = "".join(path.read_text(encoding="utf-8") for path in PLACE.glob("alerts*_test.yaml"))
    for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
        name = rule["alert"]
        if rule["labels"].get("severity") not in ("page", "ticket"):
            yield f"{name} has no severity"
        if not {"summary", "description", "runbook_url"} <= set(rule["annotations"]):
            yield f"{name} does not say what it is"
        if rule["annotations"]["runbook_url"] != f"{RUNBOOK}#{name.lower()}":
            yield f"{name} leads to another page"
        if name.lower() not in handled:
            yield f"{RUNBOOK} has no heading {name}"
        if f'alertname="{name}"' not in tests:
            yield f"{name} is not tested"

    panels = dashboard["panels"]
    if len({panel["id"] for panel in panels}) != len(panels):
        yield "two panels have one id"
    cells = [(x, y) for panel in panels for at in [panel["gridPos"]]
             for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
    if len(set(cells)) != len(cells) or max(x for x, _ in cells) > 23:
        yield "two panels are in one place"


def as_rules(dashboard):
    """The queries of the dashboard, with what Grafana would put in for its variables."""
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    queries += [one["expr"] for one in dashboard["annotations"]["list"]]
    filled = [query.replace("$__rate_interval", "5m").replace("$instance", ".*") for query in queries]
    return {"groups": [{"name": "dashboard", "rules": [
        {"record": f"dashboard:query:number{number}", "expr": query} for number, query in enumerate(filled)]}]}


def main():
    queries, *rest = sys.argv[1:]
    text = (PLACE / "alerts.yaml").read_text(encoding="utf-8")
    groups = yaml.safe_load(text)["groups"]
    dashboard = json.loads((PLACE / "grafana-dashboard.json").read_text(encoding="utf-8"))
    pathlib.Path(queries).write_text(yaml.safe_dump(as_rules(dashboard)), encoding="utf-8")

    indented = "".join("  " + line if line.strip() else line for line in text[text.index("groups:"):].splitlines(True))
    if "--write" in rest:
        COPY.write_text(COPY_HEAD + indented, encoding="utf-8")
    wrong = list(faults(groups, dashboard))
    if not COPY.exists() or COPY.read_text(encoding="utf-8") != COPY_HEAD + indented:
        wrong.append(f"{COPY} is old: scripts/test/packaging/monitoring.sh --write")
    print(*wrong, sep="\n", file=sys.stderr, end="\n" if wrong else "")
    return bool(wrong)


sys.exit(main())
