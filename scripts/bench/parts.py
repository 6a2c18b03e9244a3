"""Doorward on each kind of store, one workload at a time, beside what nothing can do faster."""

import contextlib
import http.client
import os
import re
import subprocess
import sys

from scripts.bench import limits, targets, workload
from scripts.bench.rounds import Subject, interleaved
from scripts.kit.nodes import ROOT

# What a password costs where logins are measured, and everywhere else.
REAL_COST, CHEAP_COST = 12, 4
# Hashing is slow where it costs what it should: few people suffice, and a measurement has to last so many times as long.
PEOPLE_WHO_HASH = 16
LONGER = {REAL_COST: 5, CHEAP_COST: 1}
# Plans of these may be sent again: they spend no token, and make nobody new.
REUSED = {"me", "lists", "change", "login"}
# Their answers are held against a bare handler that has the same bytes.
FLOORED = {"me": "/api/user/me", "lists": workload.LIST}
# A node asks Redis for so many values for each `me`: see `domain::sessions::identify`.
KEYS_OF_ME = 3


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


def floor(directory, target, name, people):
    """The bare handler, and its subject with a plan as of this target."""
    bare = targets.Floor(directory / "floor", body_of(target, FLOORED[name]), os.cpu_count())
    bare.start()
    plan = workload.WORKLOADS[name](target.door, people, 1, workload.CONNECTIONS[name])
    return bare, floor_subject(bare, plan)


def redis_subject(redis, length):
    """MGET alone, of as many keys as `me` needs."""
    keys = [f"bench:{number}" for number in range(KEYS_OF_ME)]
    limits.fill_redis(redis.port, keys, length)
    count = 30_000
    return Subject("Redis, MGET alone", lambda seconds: limits.mget(redis.port, keys, workload.READERS, count * seconds))


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
            bare, under = floor(directory, services[0], name, people[0])
            stack.callback(bare.stop)
            subjects.insert(0, under)
        if name == "me":
            redis = targets.RedisServer(directory / "redis")
            redis.start()
            stack.callback(redis.stop)
            subjects.insert(1, redis_subject(redis, len(body_of(services[0], FLOORED[name]))))
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
    seen = {}
    for _ in range(options.rounds):
        command = [sys.executable, ROOT / "scripts/bench/flood.py", targets.doorward(), "--seconds", str(max(options.seconds, 5))]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise SystemExit(f"the flood failed:\n{run.stdout}{run.stderr}")
        for name, figures in read_flood(run.stdout):
            seen.setdefault(name, []).append(figures)
    return [{"name": name, "rounds": found} for name, found in seen.items()], {"bcrypt cost": REAL_COST, "connections of the flood": 200}


def read_flood(text):
    """What flood.py tells of `me`, under the line that says what went on."""
    name = None
    for line in text.splitlines():
        networks = re.match(r"200 connections log in from (\d+) network", line)
        if networks or line.startswith("nobody else"):
            name = f"a flood from {networks.group(1)} network{'s' * (networks.group(1) != '1')}" if networks else "nobody else"
        answered = re.match(r"  GET /api/user/me +(\d+) answers, .*p50 ([\d.]+) ms, p99 ([\d.]+) ms", line)
        if answered:
            yield name, {"answers": int(answered.group(1)), "p50": float(answered.group(2)), "p99": float(answered.group(3))}


PARTS = {
    **{name: one_of(name) for name in ("me", "refresh", "change", "mixed", "register", "logout", "lists")},
    "login": one_of("login", REAL_COST),
    "flooded": flooded,
}
