"""How the figures of a region stand on docs/capacity.md: its tables, and the arithmetic of one of them."""

import dataclasses
import math

from scripts.bench import assumed
from scripts.bench.assumed import DAY
from scripts.bench.figures import UNKNOWN, page_of
from scripts.bench.region import MILLION, REDIS_ALONE, Unmeasured
from scripts.bench.rounds import shown

# What is told of measured figures: the part that has it, what it counts in, and how it is shown.
ANSWERS, HASHES, NODE, COPY, REMEMBERED = "cores that answer", "cores that hash", "memory of a node", "one copy", "memory of Redis"
FIGURES = [
    ("CPU time for `me` of those whom the node knows", "me", ANSWERS, lambda known: as_time(known.processor("me"))),
    ("CPU time for `me` of a stranger", "accounts", ANSWERS, lambda known: as_time(known.processor_for_strangers())),
    ("CPU time for a refresh", "refresh", ANSWERS, lambda known: as_time(known.processor("refresh"))),
    ("CPU time for a change", "change", ANSWERS, lambda known: as_time(known.processor("change"))),
    ("CPU time for a logout", "logout", ANSWERS, lambda known: as_time(known.processor("logout"))),
    ("CPU time for a registration, its hash at the lowest cost", "register", ANSWERS, lambda known: as_time(known.processor("register"))),
    ("CPU time for a login, its hash at cost 12", "login", HASHES, lambda known: as_time(known.processor("login"))),
    ("… so that a core makes, a second", "login", HASHES, lambda known: f"{shown(1 / known.processor('login'))} logins"),
    ("look-ups of Redis alone a second", "me", "shards of Redis", lambda known: shown(known.figure("me", REDIS_ALONE, "rate"))),
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


def as_share(value):
    return f"{value * 100:.0f} %" if value >= 0.1 or not value else f"{value * 100:.2g} %"


def whole(number):
    return f"{math.ceil(number):,}".replace(",", " ")


def requests(region):
    return {kind: shown(count) for kind, count in region.a_second.items()}


def doorward(region):
    return {
        "`me` of those it knows": as_share(region.met),
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


COLUMNS = {"requests": requests, "doorward": doorward, "database": database, "redis": redis}


def active_people(region):
    given = region.assumed
    return f"Active on a day: {whole(region.users)} × {given.daily_active} = {whole(region.active)} people."


def readers(region):
    given = region.assumed
    return (
        f"`me` at the peak: {whole(region.active)} × {given.active_minutes} × {given.me_a_minute} ÷ {whole(DAY)} × {given.peak} = "
        f"{shown(region.a_second['me'])} a second."
    )


def hashes(region):
    asked = region.a_second
    return (
        f"Hashes: ({shown(asked['login'])} logins + {shown(asked['wrong password'])} wrong passwords + {shown(asked['registration'])} "
        f"registrations) × {as_time(region.measured.processor('login'))} = {shown(region.hashing)} cores."
    )


def known_readers(region):
    """What a node knows of those who ask."""
    known, active = region.measured, whole(region.active_within(0))
    return (
        f"`me` of those it knows: {whole(assumed.MOST_TOKENS)} ÷ {active} people at once = {as_share(region.met)}; so one answer takes "
        f"{as_share(region.met)} × {as_time(known.processor('me'))} + {as_share(1 - region.met)} × "
        f"{as_time(known.processor_for_strangers())} = {as_time(region.reading)}."
    )


def answers(region):
    known, asked = region.measured, region.a_second
    return (
        f"Answers: `me` {shown(asked['me'])} × {as_time(region.reading)}, refreshes {shown(asked['refresh'])} × "
        f"{as_time(known.processor('refresh'))}, and so on = {shown(region.answering)} cores."
    )


def nodes(region):
    given = region.assumed
    return (
        f"Nodes: ({shown(region.hashing)} + {shown(region.answering)}) ÷ {given.busy} = {shown(region.cores)} cores; "
        f"÷ {given.node_cores} = {shown(region.cores / given.node_cores)}, and no fewer than {assumed.LEAST_NODES}: {whole(region.nodes)}."
    )


def memory(region):
    empty, connection = region.measured.idle()
    return (
        f"Memory of a node: {as_bytes(empty)} + copies + {whole(region.connections)} connections ÷ {whole(region.nodes)} × "
        f"{as_bytes(connection)} = {as_bytes(region.node_memory)}."
    )


def stored(region):
    rows = [(region.users, "accounts", "an account"), (region.sessions, "sessions", "a session")]
    rows.append((region.entries, "entries", "an entry of the audit log"))
    told = " + ".join(f"{whole(count)} {name} × {as_bytes(region.measured.size(f'PostgreSQL, {item}'))}" for count, name, item in rows)
    return (
        f"Data: {told} = {as_bytes(region.stored)}; ÷ 512 MiB = {whole(region.ranges)} ranges; × {assumed.REPLICAS} ÷ "
        f"{region.assumed.busy} = {as_bytes(region.stores)} of disks."
    )


def database_cores(region):
    return (
        f"vCPUs: ({shown(region.transactions)} ÷ {shown(assumed.TRANSACTIONS_A_CPU)} + {shown(region.reads)} ÷ "
        f"{shown(assumed.READS_A_CPU)}) ÷ {region.assumed.busy} = {shown(region.database_cores)}."
    )


def remembered(region):
    given = region.assumed
    counted = [
        (region.active * assumed.STAMP_DAYS, "a stamp"),
        (region.active_within(assumed.CONFIRMED_MINUTES), "a session that was confirmed"),
        (region.active_within(assumed.DOCUMENT_MINUTES), "a document and its address"),
        (region.a_day["login"] * assumed.NETWORK_DAYS, "a network that somebody logged in from"),
    ]
    told = " + ".join(f"{whole(count)} × {as_bytes(region.measured.size(f'Redis, {item}'))}" for count, item in counted)
    return f"Redis: {told} = {as_bytes(region.remembered)}; ÷ {given.busy} ÷ {given.shard_gibibytes} GiB: {whole(region.shards)}."


STEPS = [active_people, readers, hashes, known_readers, answers, nodes, memory, stored, database_cores, remembered]


def example(region):
    """The arithmetic of one region, a line for each column."""
    return [f"- {step(region)}" for step in STEPS]


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
        return example(region)
    except Unmeasured as error:
        return [f"`{error}`: {UNKNOWN}."]
