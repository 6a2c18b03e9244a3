"""The figures that were measured, as they stand in docs/performance."""

import json

from scripts.bench.run import RESULTS

UNKNOWN = "not measured yet"


def results():
    """Whatever has been measured, by its part."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))}
