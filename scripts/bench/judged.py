"""The figures that are held against a target, each computed within one run: of every round a ratio, of these the median."""

import dataclasses
import statistics
import typing

from scripts.bench.rounds import median, shown

FLOOR = "bare handler"
# A row for what one person asks without Lua, beside that of many people.
PLAIN = "one token"
LARGEST = 1_000_000


def plain(name):
    return f"{name}, {PLAIN}"


def row_of(rows, name):
    return next((row for row in rows if row["name"] == name), None)


def ratio(of, to, figure):
    """What one row has of a figure for each that another has; nothing where either is missing."""
    def value(rows):
        return ratio_of(row_of(rows, of), row_of(rows, to), figure)
    return value


def ratio_of(one, other, figure):
    """The median of the ratios of each round."""
    found = ratios_of(one, other, figure)
    return statistics.median(found) if found else None


def ratios_of(one, other, figure, other_figure=None):
    """What one row has of a figure for each that another has of the same, or of another one, in each round."""
    if one is None or other is None:
        return []
    pairs = [
        (mine.get(figure), theirs.get(other_figure or figure))
        for mine, theirs in zip(one["rounds"], other["rounds"], strict=True)
    ]
    return [mine / theirs for mine, theirs in pairs if mine is not None and theirs]


def beside(of, peer, figure, best=max):
    """The same for a peer, in each round in the way of running it that was best for it then."""
    def value(rows):
        ways = [row["rounds"] for row in rows if row.get("peer") == peer and median(row, figure) is not None]
        chosen = [{figure: best(one[figure] for one in ways_then)} for ways_then in zip(*ways, strict=True)]
        return ratio_of(row_of(rows, of), {"rounds": chosen}, figure) if chosen else None
    return value


def figure_of(name, figure):
    def value(rows):
        row = row_of(rows, name)
        return median(row, figure) if row else None
    return value


def largest_of(name, *figures):
    """The figure of these that is the least good, where less is better."""
    def value(rows):
        row = row_of(rows, name)
        found = [median(row, figure) for figure in figures] if row else []
        return max((one for one in found if one is not None), default=None)
    return value


def worst_flood(rows):
    """The largest p99 of `me` under a flood for each that it has alone, of one reader who waits between questions."""
    quiet = row_of(rows, "nobody else")
    floods = [row for row in rows if row["name"].startswith("a flood") and not row["name"].endswith(", by wrk")]
    found = [ratio_of(row, quiet, "p99") for row in floods]
    return max((one for one in found if one is not None), default=None)


def last_page(store):
    """What the last page of the largest list costs for the cost of its first."""
    def value(rows):
        row = next((row for row in rows if row.get("store") == store and row.get("accounts") == LARGEST), None)
        found = [one["last page"] / one["first page"] for one in row["rounds"]] if row else []
        return statistics.median(found) if found else None
    return value


def brief(value):
    """Three digits that count, without noughts at the end, as a bound is written."""
    return f"{value:.3g}" if abs(value) < 100 else shown(value)


def as_share(value):
    """One digit behind the point, unless it is a nought."""
    return f"{value * 100:.1f}".removesuffix(".0") + " %"


def as_times(value):
    return f"{brief(value)} times"


def as_milliseconds(value):
    return f"{brief(value)} ms"


def as_memory(value):
    return f"{brief(value)} MB"


@dataclasses.dataclass(frozen=True)
class Judgement:
    """What is held against which bound; `least` or `most` is that bound."""

    what: str
    value: typing.Callable
    shown: typing.Callable
    least: float | None = None
    most: float | None = None

    @property
    def target(self):
        return f"at least {self.shown(self.least)}" if self.least is not None else f"at most {self.shown(self.most)}"

    def holds(self, value):
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclasses.dataclass(frozen=True)
class Either:
    """Two judgements of which one suffices."""

    one: Judgement
    other: Judgement

    @property
    def what(self):
        return f"{self.one.what}, or {self.other.what}"

    @property
    def target(self):
        return f"{self.one.target}, or {self.other.target}"

    def value(self, rows):
        found = self.one.value(rows), self.other.value(rows)
        return None if None in found else found

    def shown(self, value):
        return f"{self.one.shown(value[0])}, {self.other.shown(value[1])}"

    def holds(self, value):
        return self.one.holds(value[0]) or self.other.holds(value[1])


SQLITE, REDIS, CACHING = "SQLite", "PostgreSQL and Redis", "PostgreSQL and Redis, client-side caching"
RATE, PROCESSOR = "of the bare handler's rate", "CPU time for an answer, of the bare handler's"
BARE, DISK = "bcrypt alone (the Rust crate)", "the disk, a sync for all writers"
CALLED = {"flask_seed": "Flask-JWT-Extended", "fastapi_users": "FastAPI-Users", "djoser": "djoser"}


def against(figure, show, *bounds, best=max, called=None, stores=(SQLITE, REDIS)):
    """Doorward on each of its stores beside peers: on the one that comes with it, and on what the peers use."""
    return [
        Judgement(f"Doorward on {store}, of {CALLED[peer]}'s {called or figure}", beside(f"Doorward, {store}", peer, figure, best), show, **bound)
        for peer, bound in bounds for store in stores
    ]


JUDGED = {
    "me": [
        Judgement(f"{plain(store)}, {what}", ratio(plain(store), plain(FLOOR), figure), show, **bound)
        for store, what, figure, show, bound in [
            (SQLITE, RATE, "rate", as_share, {"least": 0.75}),
            (SQLITE, PROCESSOR, "processor", as_times, {"most": 2.5}),
            (REDIS, RATE, "rate", as_share, {"least": 0.6}),
            (REDIS, PROCESSOR, "processor", as_times, {"most": 4}),
            (CACHING, RATE, "rate", as_share, {"least": 0.8}),
        ]
    ] + [
        Judgement(f"{store}, many people, {RATE}", ratio(store, FLOOR, "rate"), as_share, least=least)
        for store, least in [(SQLITE, 0.75), (REDIS, 0.6), (CACHING, 0.8)]
    ],
    "refresh": [
        Either(
            Judgement("SQLite with `synchronous = FULL`, a second", figure_of(SQLITE, "rate"), shown, least=3000),
            Judgement("of what the disk can do for as many writers", ratio(SQLITE, DISK, "rate"), as_share, least=0.7),
        ),
    ],
    "login": [Judgement(f"{SQLITE}, of the rate of the bcrypt crate alone", ratio(SQLITE, BARE, "rate"), as_share, least=0.95)],
    "flooded": [Judgement("p99 of `me` during the worst flood, of its own without one", worst_flood, as_times, most=3)],
    "accounts": [
        Judgement(f"{store}, the last page of 50 of 1 000 000 users, of the first", last_page(store), as_times, most=1.2)
        for store in (SQLITE, REDIS)
    ],
    "idle": [
        Judgement(f"SQLite, {who}, the larger of PSS and RSS", largest_of(SQLITE, count, f"{count}, RSS"), as_memory, most=most)
        for who, count, most in [("nobody connected", "0 connections", 25), ("10 000 idle connections", "10 000 connections", 120)]
    ],
    "start": [Judgement("SQLite, from the start to ready", figure_of(SQLITE, "ready"), as_milliseconds, most=100)],
    "peers-me": against(
        "rate", as_times, ("flask_seed", {"least": 50}), ("fastapi_users", {"least": 80}), stores=(SQLITE, REDIS, CACHING)
    ),
    "peers-refresh": against("rate", as_times, ("flask_seed", {"least": 3}), ("djoser", {"least": 15})),
    "peers-list": against("rate", as_times, ("flask_seed", {"least": 20})),
    "peers-idle": [
        judgement for figure, called in (("memory", "memory (PSS)"), ("resident", "memory (RSS)"))
        for judgement in against(figure, as_share, ("flask_seed", {"most": 1 / 6}), best=min, called=called)
    ],
}
