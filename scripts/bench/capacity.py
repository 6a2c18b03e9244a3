"""What a region of so many users needs, computed from docs/performance/*.json; writes the tables of docs/capacity.md.

    python3 -m scripts.bench.page                                     writes both pages
    python3 -m scripts.bench.capacity [--users 5 50] [--peak 4] …     prints the tables for assumptions of your own
"""

import argparse
import dataclasses
import functools
import math
import sys

from scripts.bench import assumed
from scripts.bench.assumed import DAY, GIBI, Assumptions
from scripts.bench.figures import UNKNOWN, page_of, results
from scripts.bench.judged import row_of
from scripts.bench.rounds import median, shown
from scripts.bench.sentences import counts_of, number_in

MILLION = 10**6
USERS = [1, 10, 100, 1_000]
EXAMPLE = 10
STORE = "PostgreSQL and Redis"
KINDS = ["me", "refresh", "login", "wrong password", "change", "logout", "registration"]


class Unmeasured(Exception):
    """A figure that an answer rests on is missing: its part was not measured, or not this of it."""


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


# What is told of measured figures: the part that has it, what it counts in, and how it is shown.
ANSWERS, HASHES, NODE, COPY, REMEMBERED = "cores that answer", "cores that hash", "memory of a node", "one copy", "memory of Redis"
FIGURES = [
    ("CPU time for `me`", "me", ANSWERS, lambda known: as_time(known.processor("me"))),
    ("CPU time for a refresh", "refresh", ANSWERS, lambda known: as_time(known.processor("refresh"))),
    ("CPU time for a change", "change", ANSWERS, lambda known: as_time(known.processor("change"))),
    ("CPU time for a logout", "logout", ANSWERS, lambda known: as_time(known.processor("logout"))),
    ("CPU time for a registration, its hash at the lowest cost", "register", ANSWERS, lambda known: as_time(known.processor("register"))),
    ("CPU time for a login, its hash at cost 12", "login", HASHES, lambda known: as_time(known.processor("login"))),
    ("… so that a core makes, a second", "login", HASHES, lambda known: f"{shown(1 / known.processor('login'))} logins"),
    ("look-ups of Redis alone a second", "me", "shards of Redis", lambda known: shown(known.figure("me", "Redis, MGET alone", "rate"))),
    ("a node that nobody is connected to", "idle", NODE, lambda known: as_bytes(known.idle()[0])),
    ("a connection", "idle", NODE, lambda known: as_bytes(known.idle()[1])),
    *(
        (what, "sizes", where, lambda known, row=row: as_bytes(known.size(row)))
        for what, where, row in [
            ("a reader's copies in a node", NODE, "PostgreSQL, a reader's copies in the process"),
            ("an account in tables and indexes", COPY, "PostgreSQL, an account"),
            ("a session in table and indexes", COPY, "PostgreSQL, a session"),
            ("an entry of the audit log in table and indexes", COPY, "PostgreSQL, an entry of the audit log"),
            ("a stamp", REMEMBERED, "Redis, a stamp"),
            ("a session that was confirmed", REMEMBERED, "Redis, a session that was confirmed"),
            ("a document and its address", REMEMBERED, "Redis, a document and its address"),
            ("a network that somebody logged in from", REMEMBERED, "Redis, a network that somebody logged in from"),
        ]
    ),
]


def as_bytes(count):
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if abs(count) < 1000 or unit == "TiB":
            break
        count /= 1024
    return f"{shown(count)} {unit}"


def as_time(seconds):
    return f"{shown(seconds * 1000)} ms" if seconds >= 0.001 else f"{shown(seconds * MILLION)} µs"


def as_users(millions):
    return f"{millions:,} million".replace(",", " ")


def whole(number):
    return f"{math.ceil(number):,}".replace(",", " ")


@dataclasses.dataclass(frozen=True)
class Region:
    """So many users who behave as assumed. What needs measured figures raises Unmeasured where one is missing."""

    millions: int
    assumed: Assumptions
    measured: Measured

    @property
    def users(self):
        return self.millions * MILLION

    @property
    def active(self):
        """Users on a day."""
        return self.users * self.assumed.daily_active

    def active_within(self, minutes):
        """Users who are active at some time of so many minutes of the peak, each counted once."""
        at_once = (self.assumed.active_minutes + minutes) / (24 * 60)
        return self.active * min(1, at_once * self.assumed.peak)

    @functools.cached_property
    def a_day(self):
        """Requests by their kind."""
        assumed, logins = self.assumed, self.active * self.assumed.logins
        return {
            "me": self.active * assumed.active_minutes * assumed.me_a_minute,
            "refresh": self.active * assumed.active_minutes / assumed.access_minutes,
            "login": logins,
            "wrong password": logins * assumed.wrong_passwords,
            "change": self.active * assumed.changes,
            "logout": logins * assumed.logouts,
            "registration": self.users * assumed.registrations,
        }

    @functools.cached_property
    def a_second(self):
        """The same at the peak."""
        return {kind: count / DAY * self.assumed.peak for kind, count in self.a_day.items()}

    @property
    def hashes(self):
        """A second at the peak: each takes a core for as long as a login."""
        return sum(self.a_second[kind] for kind in ("login", "wrong password", "registration"))

    @property
    def hashing(self):
        """Cores that hash."""
        return self.hashes * self.measured.processor("login")

    @property
    def answering(self):
        """Cores that do everything else."""
        parts = {"me": "me", "refresh": "refresh", "change": "change", "logout": "logout", "registration": "register"}
        return sum(self.a_second[kind] * self.measured.processor(part) for kind, part in parts.items())

    @property
    def cores(self):
        return (self.hashing + self.answering) / self.assumed.busy

    @property
    def nodes(self):
        return max(assumed.LEAST_NODES, math.ceil(self.cores / self.assumed.node_cores))

    @property
    def connections(self):
        """Each request keeps one for so long, if clients connect to the nodes themselves and ask for one thing at a time."""
        return min(self.active_within(0), sum(self.a_second.values()) * self.assumed.keep_alive)

    @property
    def node_memory(self):
        empty, connection = self.measured.idle()
        reader = self.measured.size("PostgreSQL, a reader's copies in the process")
        copies = min(assumed.MOST_COPIES, self.active_within(assumed.DOCUMENT_MINUTES) * reader)
        return empty + copies + self.connections / self.nodes * connection

    @property
    def transactions(self):
        """Of the database a second at the peak: what writes."""
        return sum(count for kind, count in self.a_second.items() if kind != "me")

    @property
    def reads(self):
        """Of the database a second at the peak: whose session Redis has not heard of lately."""
        return self.active_within(0) / (assumed.CONFIRMED_MINUTES * 60)

    @property
    def database_cores(self):
        work = self.transactions / assumed.TRANSACTIONS_A_CPU + self.reads / assumed.READS_A_CPU
        return work / self.assumed.busy

    @property
    def sessions(self):
        """Rows that are there at a time."""
        return self.a_day["login"] * self.assumed.session_days

    @property
    def entries(self):
        """Of the audit log, at a time."""
        written = sum(self.a_day[kind] for kind in ("login", "wrong password", "change", "logout", "registration"))
        return written * self.assumed.audit_days

    @property
    def stored(self):
        """Bytes of one copy."""
        account, session, entry = (
            self.measured.size(f"PostgreSQL, {thing}") for thing in ("an account", "a session", "an entry of the audit log")
        )
        return self.users * account + self.sessions * session + self.entries * entry

    @property
    def ranges(self):
        return math.ceil(self.stored / assumed.RANGE_BYTES)

    @property
    def stores(self):
        """Bytes of disks: all copies, and the head-room."""
        return self.stored * assumed.REPLICAS / self.assumed.busy

    @property
    def database_nodes(self):
        most = min(assumed.MOST_STORE_BYTES, assumed.STORE_BYTES_A_CPU * self.assumed.database_node_cores)
        by_cores = math.ceil(self.database_cores / self.assumed.database_node_cores)
        return max(assumed.LEAST_NODES, by_cores, math.ceil(self.stores / most))

    @property
    def remembered(self):
        """Bytes of Redis."""
        stamp, confirmed, document, network = (
            self.measured.size(f"Redis, {thing}")
            for thing in ("a stamp", "a session that was confirmed", "a document and its address", "a network that somebody logged in from")
        )
        return (
            self.active * assumed.STAMP_DAYS * stamp
            + self.active_within(assumed.CONFIRMED_MINUTES) * confirmed
            + self.active_within(assumed.DOCUMENT_MINUTES) * document
            + self.a_day["login"] * assumed.NETWORK_DAYS * network
        )

    @property
    def look_ups(self):
        """Of Redis a second at the peak: every request with a token."""
        return self.a_second["me"] + self.a_second["refresh"] + self.a_second["change"] + self.a_second["logout"]

    @property
    def shards(self):
        by_memory = self.remembered / self.assumed.busy / (self.assumed.shard_gibibytes * GIBI)
        by_look_ups = self.look_ups / (self.measured.figure("me", "Redis, MGET alone", "rate") * self.assumed.busy)
        return max(1, math.ceil(by_memory), math.ceil(by_look_ups))


def requests(region):
    return {kind: shown(count) for kind, count in region.a_second.items()}


def doorward(region):
    return {
        "cores that hash": shown(region.hashing),
        "cores that answer": shown(region.answering),
        "cores with head-room": whole(region.cores),
        "nodes": whole(region.nodes),
        "connections": whole(region.connections),
        "memory of a node": as_bytes(region.node_memory),
    }


def database(region):
    return {
        "transactions a second": shown(region.transactions),
        "reads a second": shown(region.reads),
        "vCPUs with head-room": whole(region.database_cores),
        "one copy": as_bytes(region.stored),
        "ranges": whole(region.ranges),
        "replicas of ranges": whole(region.ranges * assumed.REPLICAS),
        "disks": as_bytes(region.stores),
        "nodes": whole(region.database_nodes),
    }


def redis(region):
    return {
        "memory in use": as_bytes(region.remembered),
        "look-ups a second": shown(region.look_ups),
        "shards": whole(region.shards),
    }


def example(region):
    """The arithmetic of one region, a line for each column."""
    known, given, logins = region.measured, region.assumed, region.a_day["login"]
    confirmed, copied = (region.active_within(minutes) for minutes in (assumed.CONFIRMED_MINUTES, assumed.DOCUMENT_MINUTES))
    empty, connection = known.idle()
    yield f"- Active on a day: {whole(region.users)} × {given.daily_active} = {whole(region.active)} people."
    yield (
        f"- `me` at the peak: {whole(region.active)} × {given.active_minutes} × {given.me_a_minute} ÷ {whole(DAY)} × {given.peak} = "
        f"{shown(region.a_second['me'])} a second."
    )
    yield (
        f"- Hashes: ({shown(region.a_second['login'])} logins + {shown(region.a_second['wrong password'])} wrong passwords + "
        f"{shown(region.a_second['registration'])} registrations) × {as_time(known.processor('login'))} = {shown(region.hashing)} cores."
    )
    yield (
        f"- Answers: `me` {shown(region.a_second['me'])} × {as_time(known.processor('me'))}, refreshes "
        f"{shown(region.a_second['refresh'])} × {as_time(known.processor('refresh'))}, and so on = {shown(region.answering)} cores."
    )
    yield (
        f"- Nodes: ({shown(region.hashing)} + {shown(region.answering)}) ÷ {given.busy} = {shown(region.cores)} cores; "
        f"÷ {given.node_cores} = {shown(region.cores / given.node_cores)}, and no fewer than {assumed.LEAST_NODES}: {whole(region.nodes)}."
    )
    yield (
        f"- Memory of a node: {as_bytes(empty)} + copies + {whole(region.connections)} connections ÷ {whole(region.nodes)} × "
        f"{as_bytes(connection)} = {as_bytes(region.node_memory)}."
    )
    yield (
        f"- Data: {whole(region.users)} accounts × {as_bytes(known.size('PostgreSQL, an account'))} + "
        f"{whole(region.sessions)} sessions × {as_bytes(known.size('PostgreSQL, a session'))} + {whole(region.entries)} entries × "
        f"{as_bytes(known.size('PostgreSQL, an entry of the audit log'))} = {as_bytes(region.stored)}; ÷ 512 MiB = {whole(region.ranges)} "
        f"ranges; × {assumed.REPLICAS} ÷ {given.busy} = {as_bytes(region.stores)} of disks."
    )
    yield (
        f"- vCPUs: ({shown(region.transactions)} ÷ {shown(assumed.TRANSACTIONS_A_CPU)} + {shown(region.reads)} ÷ "
        f"{shown(assumed.READS_A_CPU)}) ÷ {given.busy} = {shown(region.database_cores)}."
    )
    yield (
        f"- Redis: {whole(region.active)} × {as_bytes(known.size('Redis, a stamp'))} + {whole(confirmed)} × "
        f"{as_bytes(known.size('Redis, a session that was confirmed'))} + {whole(copied)} × "
        f"{as_bytes(known.size('Redis, a document and its address'))} + {whole(logins * assumed.NETWORK_DAYS)} × "
        f"{as_bytes(known.size('Redis, a network that somebody logged in from'))} = {as_bytes(region.remembered)}; ÷ {given.busy} ÷ "
        f"{given.shard_gibibytes} GiB: {whole(region.shards)}."
    )


def shown_or_missing(show, known):
    try:
        return show(known)
    except Unmeasured:
        return UNKNOWN


def table_of(column, regions):
    """A line for each region, or one that tells which part is missing."""
    try:
        found = [(region.millions, column(region)) for region in regions]
    except Unmeasured as error:
        return ["| | |", "| --- | --- |", f"| `{error}` | {UNKNOWN} |"]
    heads = list(found[0][1])
    lines = [f"| users | {' | '.join(heads)} |", "| --- |" + " --- |" * len(heads)]
    return lines + [f"| {as_users(millions)} | {' | '.join(cells.values())} |" for millions, cells in found]


def assumptions_of(given):
    yield from ["| assumption | value | is |", "| --- | --- | --- |"]
    for field in dataclasses.fields(given):
        yield f"| `{field.name.replace('_', '-')}` | {getattr(given, field.name)} | {field.metadata['says']} |"


def figures_of(known):
    yield from ["| figure | measured | part | counts in |", "| --- | --- | --- | --- |"]
    for what, part, where, show in FIGURES:
        yield f"| {what} | {shown_or_missing(show, known)} | [`{part}`]({page_of(part)}#{part}) | {where} |"


def example_of(region):
    try:
        return list(example(region))
    except Unmeasured as error:
        return [f"`{error}`: {UNKNOWN}."]


def blocks(figures, given=None, users=None):
    """What stands between the marks of docs/capacity.md, by their names."""
    given, known = given or Assumptions(), Measured(figures)
    regions = [Region(millions, given, known) for millions in users or USERS]
    found = {name: table_of(column, regions) for name, column in COLUMNS.items()}
    found |= {"assumptions": assumptions_of(given), "figures": figures_of(known)}
    found["example"] = example_of(Region(EXAMPLE if users is None else regions[0].millions, given, known))
    return {name: "\n".join(lines) for name, lines in found.items()}


COLUMNS = {"requests": requests, "doorward": doorward, "database": database, "redis": redis}


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
