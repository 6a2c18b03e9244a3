"""What one account, one session and one entry of the audit log take: in tables, in a file, in Redis and in a node."""

import subprocess
import sys
import time

from scripts.bench import targets
from scripts.bench.rounds import Subject, interleaved
from scripts.kit import usage
from scripts.kit.nodes import ROOT, ask

# What the parts of PostgreSQL are made of, each table with its indexes.
TABLES = {
    "an account": ["users", "user_addresses"],
    "a session": ["sessions"],
    "an entry of the audit log": ["audit_log"],
}
# By how their names begin, the keys that a person leaves in the two databases of Redis.
KEYS = [
    (0, "user:", "a stamp"),
    (0, "live:", "a session that was confirmed"),
    (0, "known:", "a network that somebody logged in from"),
    (1, "", "a document and its address"),
]
# Throttles as wide as this refuse nobody, and what they remember of a login stays.
WIDE = {"THROTTLE_LOGIN_NETWORK": "1000000 per 1s", "THROTTLE_LOGIN_GUESSES": "1000000 per 1s", "THROTTLE_LOGIN_ACCOUNT": "1000000 per 1s"}
# Whoever reads first makes a node take up memory that it needs once.
FIRST_READERS = 0.2


def people_in_no_order(directory, count):
    """Accounts to take in as they come in life: in the order of a username, indexes would be as dense as they can be."""
    path = directory / "people.ndjson"
    with path.open("wb") as file:
        subprocess.run([sys.executable, "-m", "scripts.bench.people", str(count), "--random"], stdout=file, check=True, cwd=ROOT)
    return path


def take_in(service, count):
    """So many accounts into the store of a service that does not run."""
    people = people_in_no_order(service.directory, count)
    results = service.directory / "results.ndjson"
    command = ["users", "import", people, "--results", results]
    service.nodes[0].run(targets.doorward(), *command)
    people.unlink()
    results.unlink()


def read(service, sessions):
    """Each asks who they are, once."""
    def one(session):
        status, _ = ask(service.places[0], "GET", "/api/user/me", token=session.access)
        if status != 200:
            raise SystemExit(f"{service.name} answered {status} to somebody who is logged in\n{service.told()}")
    service.door.for_each(one, sessions)


def taken_by_readers(service, sessions):
    """Bytes of a node for each person whose document it has a copy of."""
    first = int(len(sessions) * FIRST_READERS)
    read(service, sessions[:first])
    time.sleep(1)
    before = usage.shared_memory(service.pids())
    read(service, sessions[first:])
    time.sleep(1)
    return (usage.shared_memory(service.pids()) - before) * 1e6 / (len(sessions) - first)


def file_size(service):
    """Of the file of an embedded store, whose service was stopped: all that it wrote ahead is in it."""
    return sum(path.stat().st_size for path in (service.nodes[0].directory / "data").glob("doorward.db*"))


def of_sqlite(service, accounts, logins):
    """Bytes by what takes them, as the file grows."""
    node, grown = service.nodes[0], {}
    node.stop()
    empty = file_size(service)
    take_in(service, accounts)
    filled = file_size(service)
    grown["an account"] = (filled - empty) / accounts
    node.start(targets.doorward())
    people = service.door.people(logins)
    node.stop()
    before = file_size(service)
    node.start(targets.doorward())
    sessions = service.door.sessions(people, logins)
    grown["a reader's copies in the process"] = taken_by_readers(service, sessions)
    node.stop()
    grown["a login: a session and an entry of the audit log"] = (file_size(service) - before) / logins
    return grown


def table_sizes(service):
    """Bytes of each part with indexes, after what is dead was marked as free, and without making tables anew."""
    service.database.sql("VACUUM ANALYZE")
    sizes = {}
    for item, tables in TABLES.items():
        names = ", ".join(f"('{table}')" for table in tables)
        sizes[item] = int(service.database.sql(f"SELECT sum(pg_total_relation_size(name::regclass)) FROM (VALUES {names}) AS named (name)"))
    return sizes


def redis_client(redis, database, *command, **more):
    """What redis-cli prints of one command, or of many that come as input."""
    begin = ["redis-cli", "-p", str(redis.port), "-n", str(database)]
    return subprocess.run([*begin, *command], capture_output=True, text=True, check=True, **more).stdout


def redis_memory(redis):
    """Bytes in use, without what belongs to connections and to the file that is being written."""
    lines = (line.strip().split(":", 1) for line in redis_client(redis, 0, "INFO", "memory").splitlines() if ":" in line)
    known = dict(lines)
    return sum(int(known.get(name, 0)) * sign for name, sign in (("used_memory", 1), ("mem_clients_normal", -1), ("mem_aof_buffer", -1)))


def keys_of(redis, database):
    """Each key, and the bytes that it takes with its value."""
    keys = redis_client(redis, database, "--scan").split()
    told = redis_client(redis, database, input="".join(f"MEMORY USAGE {key} SAMPLES 0\n" for key in keys)).split()
    return {key: int(size) for key, size in zip(keys, told, strict=True) if size.isdigit()}


def redis_kinds(redis, empty, people):
    """Bytes of each kind of key for a person; what Redis needs beside its keys is shared out evenly among all of them."""
    found = {database: keys_of(redis, database) for database in (0, 1)}
    count = sum(map(len, found.values()))
    beside = (redis_memory(redis) - empty - sum(sum(keys.values()) for keys in found.values())) / count
    kinds = {}
    for database, begin, kind in KEYS:
        sizes = [size + beside for key, size in found[database].items() if key.startswith(begin)]
        if len(sizes) < people:
            raise SystemExit(f"Redis has {len(sizes)} keys {begin}* of {people} people: {kind} cannot be measured")
        kinds[kind] = sum(sizes) / people
    return kinds


def of_postgres_and_redis(service, accounts, logins):
    """Bytes by what takes them, as tables and Redis grow."""
    node, grown = service.nodes[0], {}
    node.stop()
    empty = table_sizes(service)
    take_in(service, accounts)
    grown["an account"] = (table_sizes(service)["an account"] - empty["an account"]) / accounts
    node.start(targets.doorward())
    keys_before = redis_memory(service.redis)
    people = service.door.people(logins)
    before = table_sizes(service)
    sessions = service.door.sessions(people, logins)
    after = table_sizes(service)
    for item in ("a session", "an entry of the audit log"):
        grown[item] = (after[item] - before[item]) / logins
    grown["a reader's copies in the process"] = taken_by_readers(service, sessions)
    kinds = redis_kinds(service.redis, keys_before, logins)
    return grown | {f"Redis, {kind}": size for kind, size in kinds.items()}


# Of each store the name that its tables have here.
MEASURED = [("SQLite", targets.SQLITE, of_sqlite), ("PostgreSQL", targets.REDIS, of_postgres_and_redis)]


def by_item(rows):
    """Of each store's rounds with all items, a row for each item."""
    for row in rows:
        for item in row["rounds"][0]:
            figures = [{"bytes": one[item]} for one in row["rounds"]]
            store = "Redis" if item.startswith("Redis, ") else row["store"]
            thing = item.removeprefix("Redis, ")
            yield {"name": f"{store}, {thing}", "store": store, "item": thing, "rounds": figures}


def sizes(options, directory):
    """Bytes of one account, one session, one entry of the audit log and what is remembered of one reader."""
    accounts = max(options.accounts, 1)

    def measure(store, taken):
        service = targets.Doorward(directory / "service", store, **WIDE)
        with targets.running(service):
            return taken(service, accounts, options.logins)

    subjects = [
        Subject(store.name, lambda seconds, store=store, taken=taken: measure(store, taken), {"store": name})
        for name, store, taken in MEASURED
    ]
    rows = interleaved(subjects, options.rounds, options.seconds, warm=0)
    return list(by_item(rows)), {"accounts": accounts, "logins": options.logins}


PARTS = {"sizes": sizes}
