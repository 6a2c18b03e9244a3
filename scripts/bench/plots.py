"""Draws docs/performance/PART.svg from docs/performance/PART.json; the same figures make the same file.

    python3 -m scripts.bench.plots

Needs what scripts/bench/requirements.txt lists; `scripts/bench.sh page` installs it.
"""

import sys

import matplotlib

from scripts.bench.page import DRAWN, RESULTS, TITLES, digest, results
from scripts.bench.rounds import median, shown, spread
from scripts.bench.sentences import counts_of, number_in

matplotlib.use("svg")
# Names of elements come from what is drawn, and letters are drawn as shapes: neither chance nor fonts of a viewer matter.
matplotlib.rcParams.update({"svg.hashsalt": "doorward", "svg.fonttype": "path", "font.family": "DejaVu Sans", "font.size": 9})

from matplotlib import pyplot  # noqa: E402 - it takes up the settings above when it is imported

OWN, OTHER = "#1f6f8b", "#a8a8a8"
WIDTH = 7.2


def save(figure, name):
    figure.tight_layout()
    metadata = {"Date": None, "Creator": "scripts/bench/plots.py", "Description": f"sha256 of {name}.json: {digest(name)}"}
    figure.savefig(RESULTS / f"{name}.svg", metadata=metadata)
    pyplot.close(figure)


def is_own(row):
    """Doorward itself, and neither a limit nor a peer."""
    return "nodes" in row or ("peer" not in row and row["name"].removeprefix("Doorward, ").startswith(("SQLite", "PostgreSQL")))


def bars_of(axes, rows, figure_name):
    """A bar for each row, with the spread of its rounds."""
    rows = [row for row in rows if median(row, figure_name) is not None][::-1]
    sizes = [median(row, figure_name) for row in rows]
    below = [size - spread(row, figure_name)[0] for size, row in zip(sizes, rows, strict=True)]
    above = [spread(row, figure_name)[1] - size for size, row in zip(sizes, rows, strict=True)]
    colours = [OWN if is_own(row) else OTHER for row in rows]
    drawn = axes.barh([row["name"] for row in rows], sizes, xerr=[below, above], color=colours, ecolor="#444444")
    axes.bar_label(drawn, labels=[shown(size) for size in sizes], padding=4)
    axes.margins(x=0.15)
    axes.set_xlabel(TITLES[figure_name])
    axes.spines[["top", "right"]].set_visible(False)


def bars(result, figure_name):
    """All rows on one axis."""
    figure, axes = pyplot.subplots(figsize=(WIDTH, 0.6 + 0.34 * len(result["rows"])))
    bars_of(axes, result["rows"], figure_name)
    return figure


def nodes(result):
    """An axis for each workload: the slowest would not be seen on that of the quickest."""
    workloads = list(dict.fromkeys(row["workload"] for row in result["rows"]))
    figure, each = pyplot.subplots(len(workloads), 1, figsize=(WIDTH, 1.3 * len(workloads)), squeeze=False)
    for axes, workload in zip(each[:, 0], workloads, strict=True):
        bars_of(axes, [row for row in result["rows"] if row["workload"] == workload], "rate")
    return figure


def lines(axes, rows, x_of, figure_name, label):
    """One line through the medians, with the spread at each."""
    points = sorted((x_of(row), median(row, figure_name), *spread(row, figure_name)) for row in rows)
    xs, middles, least, most = zip(*points, strict=True)
    below = [middle - low for middle, low in zip(middles, least, strict=True)]
    above = [high - middle for middle, high in zip(middles, most, strict=True)]
    axes.errorbar(xs, middles, yerr=[below, above], marker="o", markersize=4, capsize=3, label=label)


def accounts(result):
    """`me` to the left, the pages of a list to the right."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(WIDTH * 1.3, 3.2))
    for store in dict.fromkeys(row["store"] for row in result["rows"]):
        rows = [row for row in result["rows"] if row["store"] == store]
        for who, figure_name in (("", "rate"), (", strangers", "strangers rate")):
            known = [row for row in rows if median(row, figure_name) is not None]
            if known:
                lines(left, known, lambda row: row["accounts"], figure_name, store + who)
        for place in ("first page", "last page"):
            lines(right, rows, lambda row: row["accounts"], place, f"{store}, {place}")
    for axes, title in ((left, "me, a second"), (right, "a page of 50, ms")):
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("accounts")
        axes.set_ylabel(title)
        axes.legend(frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def idle(result):
    """Memory over connections."""
    figure, axes = pyplot.subplots(figsize=(WIDTH, 3.2))
    for row in result["rows"]:
        names = counts_of(row)
        counts = [number_in(name) for name in names]
        axes.plot(counts, [median(row, name) for name in names], marker="o", markersize=4, label=row["name"])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("idle connections")
    axes.set_ylabel("MB (PSS)")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def drawn(name, result):
    special = {"accounts": accounts, "nodes": nodes, "idle": idle}
    if name in special:
        return special[name](result)
    return bars(result, "memory" if name == "peers-idle" else "rate")


def main():
    for name, result in results().items():
        if name in DRAWN:
            save(drawn(name, result), name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
