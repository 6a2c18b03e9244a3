"""What a region of so many users needs, computed from docs/performance/*.json; writes the tables of docs/capacity.md.

    python3 -m scripts.bench.page                                     writes both pages
    python3 -m scripts.bench.capacity [--users 5 50] [--peak 4] …     prints the tables for assumptions of your own
"""

import argparse
import dataclasses
import math
import sys

from scripts.bench.assumed import Assumptions
from scripts.bench.columns import COLUMNS, assumptions_of, example_of, figures_of, table_of
from scripts.bench.figures import results
from scripts.bench.judged import row_of
from scripts.bench.region import MILLION, Region, Unmeasured
from scripts.bench.rounds import median
from scripts.bench.sentences import counts_of, number_in

USERS = [1, 10, 100, 1_000]
EXAMPLE = 10
STORE = "PostgreSQL and Redis"


class Measured:
    """Figures by the part that they come from."""

    def __init__(self, results):
        self.results = results

    def rows(self, part):
        if part not in self.results:
            raise Unmeasured(part)
        return self.results[part]["rows"]

    def figure(self, part, row, figure):
        found = row_of(self.rows(part), row)
        value = median(found, figure) if found else None
        if value is None:
            raise Unmeasured(part)
        return value

    def processor(self, part):
        """Seconds of a processor that Doorward uses for an answer."""
        return self.figure(part, STORE, "processor") / MILLION

    def processor_for_strangers(self):
        """The same for `me` of somebody whom the node has nothing of, with as many accounts as were measured."""
        found = [row for row in self.rows("accounts") if row["store"] == STORE and median(row, "strangers processor") is not None]
        if not found:
            raise Unmeasured("accounts")
        return median(max(found, key=lambda row: row["accounts"]), "strangers processor") / MILLION

    def size(self, name):
        return self.figure("sizes", name, "bytes")

    def idle(self):
        """Bytes of a node that nobody is connected to, and of each connection."""
        row = row_of(self.rows("idle"), STORE)
        counts = counts_of(row) if row else []
        if len(counts) < 2:
            raise Unmeasured("idle")
        few, many = (median(row, name) * 1e6 for name in (counts[0], counts[-1]))
        return few, (many - few) / (number_in(counts[-1]) - number_in(counts[0]))


def blocks(figures, given=None, users=None):
    """What stands between the marks of docs/capacity.md, by their names."""
    given, known = given or Assumptions(), Measured(figures)
    regions = [Region(millions, given, known) for millions in users or USERS]
    found = {name: table_of(column, regions) for name, column in COLUMNS.items()}
    found |= {"assumptions": assumptions_of(given), "figures": figures_of(known)}
    found["example"] = example_of(Region(EXAMPLE if users is None else regions[0].millions, given, known))
    return {name: "\n".join(lines) for name, lines in found.items()}


def more_than_nothing(text):
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not more than nothing")
    return int(number) if number == int(number) else number


def share(text):
    number = more_than_nothing(text)
    if number > 1:
        raise argparse.ArgumentTypeError(f"{text} is no share: 1 is all of it")
    return number


def options():
    parser = argparse.ArgumentParser(prog="scripts.bench.capacity", description="Prints what a region of so many users needs.")
    parser.add_argument("--users", type=more_than_nothing, nargs="+", metavar="MILLIONS", help="how many users there are, in millions")
    for field in dataclasses.fields(Assumptions):
        kind = share if field.metadata["says"].startswith("share") else more_than_nothing
        says = field.metadata["says"].replace("%", "%%")
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default, metavar="NUMBER", help=says)
    return parser.parse_args()


def main():
    chosen = vars(options())
    users = chosen.pop("users")
    for name, text in blocks(results(), Assumptions(**chosen), users).items():
        print(f"## {name}\n\n{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
