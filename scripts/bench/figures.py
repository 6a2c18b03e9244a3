"""The figures that were measured, as they stand in docs/performance."""

import json

from scripts.bench.run import RESULTS
from scripts.kit.nodes import ROOT

UNKNOWN = "not measured yet"
# Where the tables stand.
PAGES = [ROOT / "docs/performance.md", *(RESULTS / f"{name}.md" for name in ("stores", "growth", "peers"))]


def results():
    """Whatever has been measured, by its part."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))}


def page_of(name):
    """Where a part stands, as seen from docs/."""
    for path in PAGES:
        if f"<!-- table {name} -->" in path.read_text(encoding="utf-8"):
            return path.relative_to(ROOT / "docs")
    raise SystemExit(f"no page has a place for {name}")
