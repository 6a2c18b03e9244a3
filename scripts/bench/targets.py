"""What is measured: Doorward on each kind of store, and the floor under it. Each has a directory and ports of its own."""

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import typing

from scripts.bench import rounds, wrk
from scripts.bench.clients import Door
from scripts.kit import usage
from scripts.kit.nodes import ROOT, Database, Node, free_port, until

# Seconds for which what a service does is looked at, and after which it is not waited for any longer.
GLANCE, LONGEST_REST = 0.2, 10


@dataclasses.dataclass(frozen=True)
class Store:
    """Where Doorward keeps what it knows."""

    name: str
    has_database: bool = False
    has_redis: bool = False
    settings: dict[str, str] = dataclasses.field(default_factory=dict)


SQLITE = Store("SQLite")
POSTGRES = Store("PostgreSQL", has_database=True)
REDIS = Store("PostgreSQL and Redis", has_database=True, has_redis=True)
CACHING = Store(
    "PostgreSQL and Redis, client-side caching", has_database=True, has_redis=True, settings={"REDIS_CLIENT_CACHING": "true"}
)
STORES = [SQLITE, POSTGRES, REDIS, CACHING]


def binary(variable, *places):
    """The program that a variable names, else the first of these that is there."""
    named = os.environ.get(variable)
    for place in [named] if named else places:
        if os.access(ROOT / place, os.X_OK):
            return str(ROOT / place)
    raise SystemExit(f"there is no {named or places[0]}: scripts/bench.sh builds it, and {variable} names another")


def doorward():
    return binary("BENCH_BINARY", "target/end-to-end/doorward")


def built(name):
    """A program of the crate doorward-bench."""
    return binary(f"BENCH_{name.upper()}", f"{os.environ.get('CARGO_TARGET_DIR', 'target')}/release/{name}")


class RedisServer:
    """One of its own that writes down what it is told, as it should where sessions end."""

    def __init__(self, directory):
        self.directory, self.port, self.process = pathlib.Path(directory), free_port(), None

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def start(self):
        program = shutil.which("redis-server")
        if program is None:
            raise SystemExit("redis-server is missing: Debian has it in the package redis-server")
        self.directory.mkdir(parents=True, exist_ok=True)
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.directory)]
        command += ["--save", "", "--appendonly", "yes"]
        with (self.directory / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until("Redis answers", self.answers, fault=lambda: (self.directory / "log").read_text(encoding="utf-8"))

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        return False

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


def people_file(directory, count):
    """Accounts to take in, the same each time; made once for a run."""
    path = pathlib.Path(directory) / f"people-{count}.ndjson"
    if not path.exists():
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            subprocess.run([sys.executable, "-m", "scripts.bench.people", str(count)], stdout=file, check=True, cwd=ROOT)
        partial.rename(path)
    return path


# Where a node is to be found tells nobody what was measured.
PLACES = {"BIND", "DATA_DIR", "KEYS_DIR", "PEPPER_FILE", "ADMIN_EMAIL", "ADMIN_PASSWORD_FILE", "DATABASE_URL", "REDIS_URL"}


class Doorward:
    """One service: a node or several on one store, that holds so many accounts before anybody registers."""

    def __init__(self, directory, store, accounts=0, count=1, name=None, program=None, **settings):
        self.store, self.accounts, self.name = store, accounts, name or store.name
        self.directory = pathlib.Path(directory)
        self.count, self.given, self.program = count, settings, program or doorward()
        self.database = self.redis = None
        self.nodes = []

    def start(self):
        self.directory.mkdir(parents=True)
        kept = self.directory / "kept"
        kept.mkdir(mode=0o700)
        settings = {
            "KEYS_DIR": kept / "keys", "PEPPER_FILE": kept / "pepper", "HASH_QUEUE": 1000, "MAX_SESSIONS": 200, "ACCESS_TTL": "1days",
            **self.store.settings,
        }
        if self.store.has_database:
            if "TEST_DATABASE_URL" not in os.environ:
                raise SystemExit("TEST_DATABASE_URL names no server: POSTGRES_DURABLE=1 scripts/test/postgres.sh starts one")
            self.database = Database()
            settings["DATABASE_URL"] = self.database.url
        if self.store.has_redis:
            self.redis = RedisServer(self.directory / "redis")
            self.redis.start()
            settings["REDIS_URL"] = self.redis.url
        settings |= self.given
        self.nodes = [Node(f"node{number}", self.directory / f"node{number}", settings) for number in range(1, self.count + 1)]
        self.write_down(self.nodes[0].settings)
        # Made by a command, so that the data of the first are not of its first start.
        self.nodes[0].run(self.program, "migrate", "apply")
        if self.accounts:
            self.fill()
        for node in self.nodes:
            node.start(self.program)
        return self

    # By their names, all values of settings that services of a part were started with; run.py writes them down.
    given_to_nodes: typing.ClassVar[dict[str, list[str]]] = {}

    @classmethod
    def write_down(cls, settings):
        for name, value in settings.items():
            values = cls.given_to_nodes.setdefault(name, [])
            if name not in PLACES and str(value) not in values:
                values.append(str(value))

    @classmethod
    def written_down(cls):
        """Each setting that was given since the last time, with all its values."""
        found = {name: ", ".join(values) for name, values in sorted(cls.given_to_nodes.items()) if values}
        cls.given_to_nodes.clear()
        return found

    def fill(self):
        rounds.tell(f"  {self.name}: {self.accounts} accounts are taken in")
        # The first start makes an admin unless there is one, and the file has admins.
        self.nodes[0].start(self.program)
        self.nodes[0].stop()
        people = people_file(self.directory.parent, self.accounts)
        results = self.directory / "results.ndjson"
        self.nodes[0].run(self.program, "users", "import", people, "--results", results)
        results.unlink()
        if self.database:
            self.database.sql("VACUUM ANALYZE")

    @property
    def places(self):
        return [node.place for node in self.nodes]

    @property
    def door(self):
        return Door(self.places[0])

    def pids(self):
        return [member for node in self.nodes for member in usage.family(node.process.pid)]

    def told(self):
        """What its nodes complained about."""
        lines = [line for node in self.nodes for line in node.log.read_text(encoding="utf-8", errors="replace").splitlines()]
        return "\n".join([line for line in lines if re.search("ERROR|WARN|panicked", line)][-20:])

    def stop(self):
        """Whatever was begun is ended, also where the start failed."""
        for node in self.nodes:
            node.kill()
        if self.redis:
            self.redis.stop()
        if self.database:
            self.database.drop()
        self.nodes, self.redis, self.database = [], None, None
        shutil.rmtree(self.directory, ignore_errors=True)


def before(directory, accounts, **settings):
    """Another build on the embedded store, to be compared with, where BENCH_BEFORE names one."""
    if not os.environ.get("BENCH_BEFORE"):
        return []
    return [Doorward(directory / "before", SQLITE, accounts, name=f"{SQLITE.name}, before", program=binary("BENCH_BEFORE"), **settings)]


class Floor:
    """A bare actix-web handler that answers the same bytes to everything."""

    name = "bare handler"

    def __init__(self, directory, body, workers):
        self.directory, self.body, self.workers = pathlib.Path(directory), body, workers
        self.process, self.port = None, None

    def start(self):
        self.directory.mkdir(parents=True)
        path = self.directory / "body.json"
        path.write_bytes(self.body)
        command = [built("floor"), path, str(self.workers)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        told = self.process.stdout.readline().split()
        if not told:
            raise SystemExit("the bare handler did not start")
        self.port = int(told[0])
        return self

    @property
    def places(self):
        return [("127.0.0.1", self.port)]

    def pids(self):
        return usage.family(self.process.pid)

    def told(self):
        """It keeps no log."""
        return ""

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process.stdout.close()
            self.process = None


@contextlib.contextmanager
def running(*targets):
    """All of them, started one after the other; whatever happens, none is left."""
    with contextlib.ExitStack() as stack:
        for target in targets:
            stack.callback(target.stop)
            target.start()
        yield list(targets)


def rest(pids):
    """Waits until nothing is done any more for clients that have gone: it would be done in the time of another."""
    over = time.monotonic() + LONGEST_REST
    while time.monotonic() < over:
        before = usage.processor_time(pids)
        time.sleep(GLANCE)
        if usage.processor_time(pids) - before < GLANCE / 10:
            return


def loaded(target, plans, seconds):
    """What wrk says of a target, and what its processes and wrk used of the processors for each answer, in microseconds."""
    pids = target.pids()
    before = usage.processor_time(pids)
    try:
        said = wrk.run(list(zip(target.places, plans, strict=True)), seconds)
    except wrk.WrongAnswers as error:
        raise SystemExit(f"{target.name}: {error}\n{target.told()}") from error
    used = usage.processor_time(pids) - before
    rest(pids)
    each = {"processor": used / said.count * 1e6, "client": said.client / said.count * 1e6}
    return {"rate": said.rate, "p50": said.p50, "p99": said.p99, **each}
