"""Writes the tables of docs/performance.md, between `<!-- table PART -->` and `<!-- end -->`, from docs/performance/PART.json.

    python3 -m scripts.bench.page            writes
    python3 -m scripts.bench.page --check    fails where page, figures and pictures differ
"""

import argparse
import hashlib
import json
import re
import sys

from scripts.bench.judged import JUDGED
from scripts.bench.rounds import median, shown, spread
from scripts.bench.run import PARTS, RESULTS
from scripts.bench.sentences import SENTENCES
from scripts.kit.nodes import ROOT

PAGE = ROOT / "docs/performance.md"
BLOCK = re.compile(r"<!-- table ([a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)
UNKNOWN = "not measured yet"
TITLES = {
    "rate": "a second", "p50": "p50, ms", "p99": "p99, ms", "processor": "CPU time for an answer, µs", "memory": "MB",
    "ready": "ready after, ms", "slowest start": "the slowest, ms", "first page": "first page, ms", "middle page": "middle page, ms",
    "last page": "last page, ms", "bytes": "bytes",
}
# What is drawn as well: which parts plots.py makes a picture of.
DRAWN = [
    "me", "refresh", "mixed", "lists", "login", "accounts", "nodes", "idle",
    "peers-me", "peers-refresh", "peers-list", "peers-login", "peers-idle",
]


def digest(name):
    """By it a picture tells which figures it shows."""
    return hashlib.sha256((RESULTS / f"{name}.json").read_bytes()).hexdigest()


def results():
    """Whatever has been measured, by its part."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))}


def cell(row, figure):
    """The median, and the smallest and the largest of the rounds."""
    middle = median(row, figure)
    if middle is None:
        return ""
    if len(row["rounds"]) == 1:
        return shown(middle)
    least, most = spread(row, figure)
    return f"{shown(middle)} ({shown(least)}–{shown(most)})"


def table(rows):
    figures = list(dict.fromkeys(figure for row in rows for one in row["rounds"] for figure in one))
    yield f"| | {' | '.join(TITLES.get(figure, figure) for figure in figures)} |"
    yield "| --- |" + " --- |" * len(figures)
    for row in rows:
        yield f"| {row['name']} | {' | '.join(cell(row, figure) for figure in figures)} |"


def judgements(name, rows):
    if name not in JUDGED:
        return
    yield from ["", "| held against a target | target | measured | holds |", "| --- | --- | --- | --- |"]
    for judgement in JUDGED[name]:
        value = judgement.value(rows)
        told = (UNKNOWN, "") if value is None else (judgement.shown(value), "yes" if judgement.holds(value) else "**no**")
        yield f"| {judgement.what} | {judgement.target} | {' | '.join(told)} |"


def listed(known):
    """Settings and versions as a reader takes them in; those of a peer stand in brackets behind its name."""
    for name, value in known.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield f"{name} ({text})" if " " in text else f"{name} {text}"


def block(name, result):
    """What stands between the marks of a part."""
    if result is None:
        return "\n".join([f"| | |\n| --- | --- |\n| `{name}` | {UNKNOWN} |", *judgements(name, [])])
    machine = result["machine"]
    lines = [
        f"{result['date']}, {machine['processor']}, {machine['cores']} cores, {machine['memory']}, {machine['kernel']}; "
        f"{', '.join(listed(result['versions']))}. Settings: {', '.join(listed(result['settings']))}.",
        "",
        *table(result["rows"]),
        *judgements(name, result["rows"]),
    ]
    if name in SENTENCES:
        lines += ["", SENTENCES[name](result["rows"])]
    if name in DRAWN:
        lines += ["", f"![The figures of `{name}`](performance/{name}.svg)"]
    return "\n".join(lines)


def written(text, known):
    """The text with everything anew that stands between marks."""
    def anew(match):
        name = match.group(1)
        return f"<!-- table {name} -->\n{block(name, known.get(name))}\n<!-- end -->"
    return BLOCK.sub(anew, text)


def faults(text, known):
    """What page, figures and pictures do not agree in."""
    marks = BLOCK.findall(text)
    yield from (f"docs/performance.md has no place for {name}" for name in PARTS if name not in marks)
    yield from (f"docs/performance.md has a place for {name}, which is no part" for name in marks if name not in PARTS)
    yield from (f"docs/performance/{name}.json is of no part" for name in known if name not in PARTS)
    for match in BLOCK.finditer(text):
        if match.group(0) != written(match.group(0), known):
            name = match.group(1)
            yield f"docs/performance.md tells of {name} what docs/performance/{name}.json does not: scripts/bench.sh page"
    for name in known:
        picture = RESULTS / f"{name}.svg"
        if name in DRAWN and (not picture.exists() or digest(name) not in picture.read_text(encoding="utf-8")):
            yield f"docs/performance/{name}.svg does not show the figures of {name}.json: scripts/bench.sh page"


def main():
    parser = argparse.ArgumentParser(prog="scripts.bench.page", description="Writes the tables of docs/performance.md.")
    parser.add_argument("--check", action="store_true", help="fails where page, figures and pictures differ, and writes nothing")
    options = parser.parse_args()
    text, known = PAGE.read_text(encoding="utf-8"), results()
    if not options.check:
        text = written(text, known)
        PAGE.write_text(text, encoding="utf-8")
    wrong = list(faults(text, known))
    print(*wrong, f"{len(known)} of {len(PARTS)} parts measured, {len(wrong)} differences", sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
