"""What the figures that grow with something come to, in a sentence each. Ratios are taken within rounds; with the median
stand the smallest and the largest."""

import statistics

from scripts.bench.judged import brief, ratio_of, ratios_of
from scripts.bench.rounds import median, shown
from scripts.bench.scale import shown_count


def spread_of(ratios):
    """The median and what lies around it; where that includes 1, the rounds do not tell that there is a difference."""
    least, most = min(ratios), max(ratios)
    told = f"{brief(statistics.median(ratios))} ({brief(least)}–{brief(most)})"
    return f"{told}, so no difference that stands out" if least <= 1 <= most else told


def accounts(rows):
    """For each store: `me` and the pages, with the fewest accounts and with the most."""
    told = []
    for store in dict.fromkeys(row["store"] for row in rows):
        found = sorted((row for row in rows if row["store"] == store), key=lambda row: row["accounts"])
        few, many = found[0], found[-1]
        lines = [f"of `me` {spread_of(ratios_of(many, few, 'rate'))}"]
        met = ratios_of(many, many, "strangers rate", "rate")
        if met:
            lines.append(f"of `me` by strangers, for each by those who ask again and again, {spread_of(met)}")
        lines += [f"the time of the {place} page {spread_of(ratios_of(many, few, f'{place} page'))}" for place in ("first", "middle", "last")]
        told.append(
            f"On {store}, {shown_count(many['accounts'])} accounts for each with {shown_count(few['accounts'])}: {'; '.join(lines)}."
        )
    return " ".join(told)


def nodes(rows):
    told = []
    for name in dict.fromkeys(row["workload"] for row in rows):
        one, two = (next(row for row in rows if row["workload"] == name and row["nodes"] == count) for count in (1, 2))
        told.append(f"{shown(ratio_of(two, one, 'rate'))} times as many of `{name}`")
    return f"Two nodes answer {', '.join(told)} as one, where client, databases and nodes share the cores of one machine."


def number_in(text):
    """Of `10 000 connections`."""
    return int(text.removesuffix(" connections").replace(" ", ""))


def counts_of(row):
    """The columns that tell what the service holds with so many connections, without what it shares with others."""
    return [name for name in row["rounds"][0] if name.endswith(" connections")]


def idle(rows):
    told = []
    for row in rows:
        counts = counts_of(row)
        few, many = (median(row, name) for name in (counts[0], counts[-1]))
        more = number_in(counts[-1]) - number_in(counts[0])
        each = f", {(many - few) / more * 1000:.1f} KB for each" if more else ""
        told.append(f"{row['name']} goes from {shown(few)} MB to {shown(many)} MB{each}")
    return f"Up to {counts[-1]} that wait, {'; '.join(told)}."


SENTENCES = {"accounts": accounts, "nodes": nodes, "idle": idle}
