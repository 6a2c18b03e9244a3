"""Doorward on each kind of store, one workload at a time, beside what nothing can do faster."""

import contextlib
import http.client
import os
import re
import subprocess
import sys

from scripts.bench import flood, limits, targets, workload
from scripts.bench.judged import plain
from scripts.bench.plan import Plan, Request
from scripts.bench.rounds import Subject, interleaved, tell
from scripts.kit.nodes import ROOT

# What a password costs where logins are measured, and everywhere else.
REAL_COST, CHEAP_COST = 12, 4
# Hashing is slow where it costs what it should: few people suffice, and a measurement has to last so many times as long.
PEOPLE_WHO_HASH = 16
LONGER = {REAL_COST: 5, CHEAP_COST: 1}
# A reader who asks fifty times a second has a p99 worth the name after so many seconds.
SHORTEST_FLOOD = 20
# Plans of these may be sent again: they spend no token, and make nobody new.
REUSED = {"me", "lists", "change", "login"}
# Their answers are held against a bare handler that has the same bytes.
FLOORED = {"me": "/api/user/me", "lists": workload.LIST}
# Those whose `me` is held against the bare handler's.
PLAINLY = [targets.SQLITE, targets.REDIS, targets.CACHING]
# What a node asks Redis for with one `me` (crates/redis/src/gather.rs, docs/decisions/0009): whether token or session were
# revoked, which is not set, then epoch, stamp, and the stamp of the session, each a UUID.
REVOKED, SET, LENGTH = 2, 3, 36
# Under load a node asks for many tokens at once.
AT_ONCE = 16


def subject(target, name, people, label=None, **about):
    """One workload at one target; with several nodes each has its part of the connections."""
    plans = []

    def measure(seconds):
        if name not in REUSED or not plans:
            nodes = len(target.places)
            connections, make = workload.CONNECTIONS[name] // nodes, workload.WORKLOADS[name]
            # Nobody is at two nodes at once.
            plans[:] = [make(target.door, people[node::nodes], seconds, connections) for node in range(nodes)]
        return targets.loaded(target, plans, seconds)

    return Subject(label or target.name, measure, about)


def floor_subject(floor, plan):
    return Subject(floor.name, lambda seconds: targets.loaded(floor, [plan], seconds))


def body_of(target, path):
    """What a target answers to the person who may see it."""
    connection = http.client.HTTPConnection(*target.places[0], timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=workload.bearer(target.door.admin().access))
        answer = connection.getresponse()
        body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} was answered {answer.status}")
    return body


def plain_subjects(bare, services):
    """`me` asked by one person without Lua, so that the client is in nobody's way: the bare handler, and each kind of store."""
    def one_plan(door):
        return Plan([Request("GET", FLOORED["me"], workload.bearer(door.admin().access))], "static", workload.CONNECTIONS["me"])

    asked = [(bare, one_plan(services[0].door)), *((service, one_plan(service.door)) for service in services)]
    return [
        Subject(plain(target.name), lambda seconds, target=target, plan=plan: targets.loaded(target, [plan], seconds))
        for target, plan in asked
    ]


def begun(stack, target):
    """The target, started, and ended with the stack also where its start fails."""
    stack.callback(target.stop)
    target.start()
    return target


def floor(stack, directory, target, name, people):
    """The bare handler, and its subject with a plan as of this target."""
    bare = begun(stack, targets.Floor(directory / "floor", body_of(target, FLOORED[name]), os.cpu_count()))
    plan = workload.WORKLOADS[name](target.door, people, 1, workload.CONNECTIONS[name])
    return bare, floor_subject(bare, plan)


def redis_subjects(redis):
    """MGET alone, of as many keys as one `me` needs: a question at a time, and many on their way at once."""
    keys = [f"bench:{number}" for number in range(REVOKED + SET)]
    limits.fill_redis(redis.port, keys[REVOKED:], LENGTH)
    count = 30_000

    def pipelined(seconds):
        # What it tells of time is that of all that were sent together.
        return {"rate": limits.mget(redis.port, keys, workload.READERS, 5 * count * seconds, AT_ONCE)["rate"]}

    return [
        Subject("Redis, MGET alone", lambda seconds: limits.mget(redis.port, keys, workload.READERS, count * seconds)),
        Subject(f"Redis, MGET alone, {AT_ONCE} at once", pipelined),
    ]


def hash_subjects(cost):
    cores = os.cpu_count()
    return [
        Subject("bcrypt alone (the Rust crate)", lambda seconds: {"rate": limits.bare_bcrypt(cost, seconds, cores)}),
        Subject("bcrypt alone (crypt(3))", lambda seconds: {"rate": limits.library_bcrypt(cost, seconds, cores)}),
    ]


def disk_subjects(directory):
    return [
        Subject("the disk, a sync for each write", lambda seconds: {"rate": limits.syncs(directory, seconds)}),
        Subject("the disk, a sync for all writers", lambda seconds: {"rate": limits.syncs(directory, seconds, workload.WRITERS)}),
    ]


def measured(name, options, directory, cost):
    """One workload on all stores, in turns, with the floor of it."""
    services = [
        targets.Doorward(directory / f"store{number}", store, options.accounts, BCRYPT_COST=cost)
        for number, store in enumerate(targets.STORES)
    ]
    if name == "me":
        services += targets.before(directory, options.accounts, BCRYPT_COST=cost)
    with targets.running(*services), contextlib.ExitStack() as stack:
        count = PEOPLE_WHO_HASH if cost == REAL_COST else options.people
        people = [service.door.people(count) for service in services]
        subjects = [subject(service, name, known) for service, known in zip(services, people, strict=True)]
        if name in FLOORED:
            bare, under = floor(stack, directory, services[0], name, people[0])
            subjects.insert(0, under)
        if name == "me":
            subjects += plain_subjects(bare, [one for one in services if one.store in PLAINLY])
            redis = begun(stack, targets.RedisServer(directory / "redis"))
            subjects[1:1] = redis_subjects(redis)
        if name == "login":
            subjects[:0] = hash_subjects(cost)
        if name == "refresh":
            subjects[:0] = disk_subjects(directory)
        return interleaved(subjects, options.rounds, options.seconds * LONGER[cost], warm=2 * LONGER[cost])


def one_of(name, cost=CHEAP_COST):
    """The part that measures this workload."""
    def part(options, directory):
        return measured(name, options, directory, cost), {
            "accounts": options.accounts, "people": PEOPLE_WHO_HASH if cost == REAL_COST else options.people, "bcrypt cost": cost,
            "connections": workload.CONNECTIONS[name], "workers": os.cpu_count(), "seconds": options.seconds * LONGER[cost],
        }
    part.__doc__ = " ".join(workload.WORKLOADS[name].__doc__.split())
    return part


def flooded(options, directory):
    """The p99 of `me` while others flood the login, and while nobody does; bcrypt at cost 12, SQLite."""
    seen, noticed, seconds = {}, 0, max(options.seconds, SHORTEST_FLOOD)
    for _ in range(options.rounds):
        said, is_good = told_by([sys.executable, "-m", "scripts.bench.flood", targets.doorward(), "--seconds", str(seconds)])
        if not is_good:
            tell(f"  others noticed the flood:\n{said}")
            noticed += 1
        for name, figures in read_flood(said):
            seen.setdefault(name, []).append(figures)
    return [{"name": name, "rounds": found} for name, found in seen.items()], {
        "bcrypt cost": REAL_COST, "connections of the flood": 200, "seconds": seconds,
        "rounds in which somebody else was not served": noticed,
    }


def told_by(command):
    """What the flood prints, and whether others were served. Asked to stop, it ends what it has started; so it is waited for."""
    run = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        said, complaints = run.communicate()
    finally:
        run.terminate()
        run.wait()
    if run.returncode not in (0, flood.NOTICED):
        raise SystemExit(f"the flood failed:\n{said}{complaints}")
    return said, run.returncode == 0


def read_flood(text):
    """What the flood tells of `me`, under the line that says what went on."""
    name = None
    for line in text.splitlines():
        begun = re.match(r"(\S.*), \d+ s$", line)
        if begun:
            name = begun.group(1)
        answered = re.match(r"  GET /api/user/me +(\d+) answers, .*p50 ([\d.]+) ms, p99 ([\d.]+) ms", line)
        if answered:
            rate = re.search(r", (\d+) a second,", line)
            counted = {"rate": float(rate.group(1))} if rate else {"answers": int(answered.group(1))}
            yield name, {**counted, "p50": float(answered.group(2)), "p99": float(answered.group(3))}


PARTS = {
    **{name: one_of(name) for name in ("me", "refresh", "change", "mixed", "register", "logout", "lists")},
    "login": one_of("login", REAL_COST),
    "flooded": flooded,
}
