"""Writes the tables of docs/performance/*.md, between `<!-- table PART -->` and `<!-- end -->`, from docs/performance/PART.json,
the one of docs/performance.md, which holds them against their targets, and those of docs/capacity.md, which are computed
from the same figures.

    python3 -m scripts.bench.page            writes
    python3 -m scripts.bench.page --check    fails where page, figures and pictures differ
"""

import argparse
import hashlib
import re
import sys

from scripts.bench import capacity
from scripts.bench.figures import PAGES, UNKNOWN, page_of, results
from scripts.bench.judged import JUDGED
from scripts.bench.rounds import median, shown, spread
from scripts.bench.run import PARTS, RESULTS
from scripts.bench.sentences import SENTENCES
from scripts.kit.nodes import ROOT

# Of all parts together, on the first page.
TARGETS = "targets"
CAPACITY = ROOT / "docs/capacity.md"
BLOCK = re.compile(r"<!-- table ([a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)
TITLES = {
    "rate": "a second", "p50": "p50, ms", "p99": "p99, ms", "processor": "CPU time for an answer, µs", "client": "the client's, µs",
    "memory": "MB (PSS)", "resident": "MB (RSS)",
    "ready": "ready after, ms", "slowest start": "the slowest, ms", "first page": "first page, ms", "middle page": "middle page, ms",
    "last page": "last page, ms", "p95 of pages": "p95 of the slowest of them, ms",
    "lists rate": "lists of 50 a second", "lists p99": "their p99, ms", "strangers rate": "strangers a second",
    "strangers p50": "their p50, ms", "strangers p99": "their p99, ms",
    "strangers processor": "CPU time for a stranger, µs", "strangers client": "the client's, µs",
    "bytes": "bytes", "allocated": "bytes",
}
# What is drawn as well: which parts plots.py makes a picture of.
DRAWN = [
    "me", "refresh", "mixed", "lists", "login", "accounts", "nodes", "idle",
    "peers-me", "peers-refresh", "peers-list", "peers-login", "peers-register", "peers-logout",
    "peers-idle",
]


def digest(name):
    """By it a picture tells which figures it shows."""
    return hashlib.sha256((RESULTS / f"{name}.json").read_bytes()).hexdigest()


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
    """Each target of a part, what was measured, and whether it holds."""
    for judgement in JUDGED.get(name, []):
        value = judgement.value(rows)
        told = (UNKNOWN, "") if value is None else (judgement.shown(value), "yes" if judgement.holds(value) else "**no**")
        yield f"{judgement.what} | {judgement.target} | {' | '.join(told)} |"


def held(name, rows):
    found = list(judgements(name, rows))
    if found:
        yield from ["", "| held against a target | target | measured | holds |", "| --- | --- | --- | --- |"]
        yield from (f"| {line}" for line in found)


def targets(known):
    """All that is held against a target."""
    lines = ["| part | | target | measured | holds |", "| --- | --- | --- | --- | --- |"]
    for name in JUDGED:
        rows = known[name]["rows"] if name in known else []
        lines += [f"| [`{name}`]({page_of(name)}#{name}) | {line}" for line in judgements(name, rows)]
    return "\n".join(lines)


def listed(known):
    """Settings and versions as a reader takes them in; those of a peer stand in brackets behind its name."""
    for name, value in known.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield f"{name} ({text})" if " " in text else f"{name} {text}"


def configured(given):
    """The settings of Doorward that were not left as they are; where services of one part differ, with each value."""
    # That throttles are off is said once for all.
    told = [f"`{name.lower()}` {value}" for name, value in given.items() if (name.split("_")[0], value) != ("THROTTLE", "off")]
    return f" Of Doorward: {', '.join(told)}." if told else ""


def block(name, result):
    """What stands between the marks of a part."""
    if result is None:
        return "\n".join([f"| | |\n| --- | --- |\n| `{name}` | {UNKNOWN} |", *held(name, [])])
    machine = result["machine"]
    lines = [
        f"{result['date']}, {machine['processor']}, {machine['cores']} cores, {machine['memory']}, {machine['kernel']}, {machine['disk']}; "
        f"{', '.join(listed(result['versions']))}. Settings: {', '.join(listed(result['settings']))}."
        + configured(result.get("given", {})),
        "",
        *table(result["rows"]),
        *held(name, result["rows"]),
    ]
    if name in SENTENCES:
        lines += ["", SENTENCES[name](result["rows"])]
    if name in DRAWN:
        lines += ["", f"![The figures of `{name}`]({name}.svg)"]
    return "\n".join(lines)


def filled(text, tables):
    """The text with the tables of these names anew between their marks; others stay as they are."""
    def anew(match):
        name = match.group(1)
        return f"<!-- table {name} -->\n{tables[name]}\n<!-- end -->" if name in tables else match.group(0)
    return BLOCK.sub(anew, text)


def written(text, known):
    """A page of figures, with everything anew that stands between marks."""
    def table_of(name):
        return targets(known) if name == TARGETS else block(name, known.get(name))
    return filled(text, {name: table_of(name) for name in BLOCK.findall(text)})


def capacity_faults(text, tables):
    """What the page that is computed from the figures does not agree with them in."""
    marks = BLOCK.findall(text)
    yield from (f"docs/capacity.md has no place for {name}" for name in tables if name not in marks)
    yield from (f"docs/capacity.md has a place for {name}, which nobody computes" for name in marks if name not in tables)
    for match in BLOCK.finditer(text):
        if match.group(0) != filled(match.group(0), tables):
            yield f"docs/capacity.md tells of {match.group(1)} what the figures do not come to: scripts/bench.sh page"


def faults(texts, known):
    """What pages, figures and pictures do not agree in."""
    marks = [name for text in texts for name in BLOCK.findall(text)]
    yield from (f"no page has a place for {name}" for name in [TARGETS, *PARTS] if name not in marks)
    yield from (f"two places are for {name}" for name in sorted(set(marks)) if marks.count(name) > 1)
    yield from (f"a page has a place for {name}, which is no part" for name in marks if name not in [TARGETS, *PARTS])
    yield from (f"docs/performance/{name}.json is of no part" for name in known if name not in PARTS)
    for match in (match for text in texts for match in BLOCK.finditer(text)):
        if match.group(0) != written(match.group(0), known):
            yield f"a page tells of {match.group(1)} what the figures do not: scripts/bench.sh page"
    for name in known:
        picture = RESULTS / f"{name}.svg"
        if name in DRAWN and (not picture.exists() or digest(name) not in picture.read_text(encoding="utf-8")):
            yield f"docs/performance/{name}.svg does not show the figures of {name}.json: scripts/bench.sh page"


def main():
    parser = argparse.ArgumentParser(prog="scripts.bench.page", description="Writes docs/performance.md, its pages and docs/capacity.md.")
    parser.add_argument("--check", action="store_true", help="fails where pages, figures and pictures differ, and writes nothing")
    options = parser.parse_args()
    known = results()
    texts = {path: path.read_text(encoding="utf-8") for path in PAGES}
    capacities, tables = CAPACITY.read_text(encoding="utf-8"), capacity.blocks(known)
    if not options.check:
        texts = {path: written(text, known) for path, text in texts.items()}
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        capacities = filled(capacities, tables)
        CAPACITY.write_text(capacities, encoding="utf-8")
    wrong = [*faults(texts.values(), known), *capacity_faults(capacities, tables)]
    print(*wrong, f"{len(known)} of {len(PARTS)} parts measured, {len(wrong)} differences", sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
