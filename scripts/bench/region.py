"""What so many users need, if they behave as assumed: each figure of docs/capacity.md as a formula of measured ones."""

import dataclasses
import functools
import math
import typing

from scripts.bench import assumed
from scripts.bench.assumed import DAY, GIBI, Assumptions

MILLION = 10**6
# The row that tells what Redis can do alone.
REDIS_ALONE = "Redis, MGET alone"


class Unmeasured(Exception):
    """A figure that an answer rests on is missing: its part was not measured, or not this of it."""


@dataclasses.dataclass(frozen=True)
class Region:
    """So many users who behave as assumed. What needs measured figures raises Unmeasured where one is missing."""

    millions: int
    assumed: Assumptions
    # A `Measured` of capacity.py.
    measured: typing.Any

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

    def kept(self, most):
        """The share of `me` for which a node still has what it keeps of so many people, when all who are active ask in turn."""
        return min(1, most / self.active_within(0))

    @property
    def met(self):
        """The share of `me` for which it has both token and document: there is less room for tokens."""
        return self.kept(assumed.MOST_TOKENS)

    @property
    def reading(self):
        """Seconds of a processor for an answer to `me`, whoever asks."""
        return self.met * self.measured.processor("me") + (1 - self.met) * self.measured.processor_for_strangers()

    @property
    def answering(self):
        """Cores that do everything else."""
        parts = {"refresh": "refresh", "change": "change", "logout": "logout", "registration": "register"}
        others = sum(self.a_second[kind] * self.measured.processor(part) for kind, part in parts.items())
        return self.a_second["me"] * self.reading + others

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
        """Of Redis a second at the peak: every request with a token, and another one where a node has no copy of the document."""
        documents = self.a_second["me"] * (1 - self.kept(assumed.MOST_DOCUMENTS))
        return documents + self.a_second["me"] + self.a_second["refresh"] + self.a_second["change"] + self.a_second["logout"]

    @property
    def shards(self):
        by_memory = self.remembered / self.assumed.busy / (self.assumed.shard_gibibytes * GIBI)
        by_look_ups = self.look_ups / (self.measured.figure("me", REDIS_ALONE, "rate") * self.assumed.busy)
        return max(1, math.ceil(by_memory), math.ceil(by_look_ups))
