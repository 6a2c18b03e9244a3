"""Doorward beside what somebody would pick instead: the same machine, client, number of accounts and cost of a hash.

A peer is a directory in scripts/bench/peers with a module `peer` and a script that installs it into target/bench.
"""

import concurrent.futures
import importlib
import itertools
import os
import pathlib
import shutil
import subprocess
import time

from scripts.bench import targets, workload
from scripts.bench.clients import AT_ONCE
from scripts.bench.parts import CHEAP_COST, LONGER, PEOPLE_WHO_HASH, REAL_COST, REUSED, subject
from scripts.bench.plan import Plan, Request
from scripts.bench.rounds import Subject, interleaved
from scripts.kit import usage
from scripts.kit.nodes import ROOT, Database

PEERS = ROOT / "scripts/bench/peers"
# A peer may be run in more than one way; the better one of them counts.
VARIANTS = {
    "flask_seed": {", gthread": {"worker_class": "gthread"}, ", sync": {"worker_class": "sync"}},
    "djoser": {", gthread": {"worker_class": "gthread"}, ", sync": {"worker_class": "sync"}},
    "better_auth": {"": {}, ", cookie cache": {"cookie_cache": True}},
}
TITLES = {"flask_seed": "Flask-JWT-Extended", "fastapi_users": "FastAPI-Users", "djoser": "djoser", "better_auth": "better-auth"}
# People who are signed in: a slow peer needs long for each. Whoever logs out again and again has many sessions.
SIGNED_IN, LEAVING = 64, 512
# Sessions for each second in which logouts are measured: a service that is quicker has ended them all before.
LOGOUTS_A_SECOND = 500


def known():
    """The names of all peers that are there."""
    return sorted(path.parent.name for path in PEERS.glob("*/peer.py"))


def installed(name):
    """Where a peer is installed, once it is."""
    directory = ROOT / "target/bench" / name
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run([PEERS / name / "install.sh", directory], check=True)
    return directory


class Beside:
    """A peer that looks like every other target."""

    def __init__(self, directory, peer, title, options, accounts, cost):
        self.directory, self.peer, self.name = pathlib.Path(directory), peer, title
        self.options, self.accounts, self.cost = options, accounts, cost
        self.database = self.redis = self.server = None
        self.versions = {}

    def start(self):
        self.directory.mkdir(parents=True)
        place = installed(self.peer)
        module = importlib.import_module(f"scripts.bench.peers.{self.peer}.peer")
        known = module.Peer.versions(place)
        self.versions |= {TITLES.get(self.peer, self.peer): ", ".join(f"{name} {version}" for name, version in known.items())}
        self.database, self.redis = Database(), targets.RedisServer(self.directory / "redis")
        self.redis.start()
        self.server = module.Peer(place, self.database.url, self.redis.url, os.cpu_count(), self.cost, **self.options)
        self.server.prepare()
        self.server.fill(self.accounts)
        self.server.start()
        return self

    @property
    def places(self):
        return [self.server.place]

    def pids(self):
        return usage.family(self.server.pid)

    def told(self):
        return self.server.told()

    def stop(self):
        if self.server is not None:
            self.server.kill()
        if self.redis is not None:
            self.redis.stop()
        if self.database is not None:
            self.database.drop()
        self.database = self.redis = self.server = None
        shutil.rmtree(self.directory, ignore_errors=True)


def sent(request):
    """A request of a peer as one of a plan."""
    return Request(request.method, request.path, dict(request.headers), request.body or "")


def peer_me(server, connections, seconds):
    return Plan([sent(server.sign_in(number).me) for number in range(1, SIGNED_IN + 1)], connections=connections)


def peer_list(server, connections, seconds):
    request = server.list_request()
    return None if request is None else Plan([sent(request)], connections=connections)


def peer_login(server, connections, seconds):
    return Plan([sent(server.sign_in_request(number)) for number in range(1, PEOPLE_WHO_HASH + 1)], connections=connections)


def peer_register(server, connections, seconds):
    """Each time somebody new: a number that no other request has stands in the address."""
    return Plan([sent(server.sign_up_request(f"-{time.time_ns():x}-{{number}}"))], connections=connections)


def peer_logout(server, connections, seconds):
    """Each with a session that was opened before."""
    numbers = itertools.islice(itertools.cycle(range(1, SIGNED_IN + 1)), LOGOUTS_A_SECOND * seconds)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as threads:
        signed = list(threads.map(server.sign_in, numbers))
    return Plan([sent(one.log_out) for one in signed], "once", connections)


def peer_refresh(server, connections, seconds):
    """Each connection with the token that the answer before brought, where the framework has tokens that change."""
    refreshes = [server.sign_in(number).refresh for number in range(1, connections + 1)]
    if refreshes[0] is None:
        return None
    if refreshes[0].next_token is None:
        return Plan([sent(one.filled()) for one in refreshes], connections=connections)
    values = [{"token": one.token} for one in refreshes]
    return Plan([sent(refreshes[0].request)], "steps", connections, connections, values, {"token": refreshes[0].next_token})


PLANS = {
    "me": peer_me, "lists": peer_list, "login": peer_login, "refresh": peer_refresh, "register": peer_register, "logout": peer_logout,
}


def peer_subject(target, name):
    """One workload at a peer; nothing where its framework does not have it."""
    make, connections = PLANS[name], workload.CONNECTIONS[name]
    plan = make(target.server, connections, 1)
    if plan is None:
        return None
    plans = [plan]

    def measure(seconds):
        if name not in REUSED:
            plans[:] = [make(target.server, connections, seconds)]
        return targets.loaded(target, plans, seconds)

    return Subject(target.name, measure, {"peer": target.peer, "versions": target.versions})


def both(options, directory, cost, stores=(targets.SQLITE, targets.REDIS)):
    """Doorward on these kinds of store, and every way of every peer; none of them started."""
    services = [
        targets.Doorward(directory / f"doorward{number}", store, options.accounts, name=f"Doorward, {store.name}", BCRYPT_COST=cost)
        for number, store in enumerate(stores)
    ]
    peers = [
        Beside(directory / f"{name}{number}", name, TITLES.get(name, name) + title, given, max(options.accounts, SIGNED_IN), cost)
        for name in options.peers for number, (title, given) in enumerate(VARIANTS.get(name, {"": {}}).items())
    ]
    if not peers:
        raise SystemExit("there is no peer to measure beside: scripts/bench/peers has none, or --peers names none")
    return services, peers


def people_for(name, cost):
    """How many sign up at Doorward; each may have so many sessions."""
    return PEOPLE_WHO_HASH if cost == REAL_COST else LEAVING if name == "logout" else SIGNED_IN


def compared(name, cost=CHEAP_COST):
    def part(options, directory):
        stores = [targets.SQLITE, targets.REDIS, *([targets.CACHING] if name == "me" else [])]
        services, peers = both(options, directory, cost, stores)
        with targets.running(*services, *peers):
            people = [service.door.people(people_for(name, cost)) for service in services]
            subjects = [subject(service, name, known) for service, known in zip(services, people, strict=True)]
            subjects += [peer_subject(peer, name) for peer in peers]
            there = [one for one in subjects if one is not None]
            seconds = options.seconds * LONGER[cost]
            rows = interleaved(there, options.rounds, seconds, warm=2 * LONGER[cost])
        return rows, {
            "accounts": options.accounts, "bcrypt cost": cost, "connections": workload.CONNECTIONS[name], "workers": os.cpu_count(),
            "seconds": seconds,
        }
    part.__doc__ = f"Doorward beside its peers: {' '.join(workload.WORKLOADS[name].__doc__.split())}"
    return part


def memory_alone(target, use):
    """Memory while no other service of the same program runs, which would share what the two have in common."""
    def measure(seconds):
        with targets.running(target):
            use(target)
            time.sleep(2)
            pids = target.pids()
            return {"memory": usage.shared_memory(pids), "resident": sum(map(usage.memory, pids))}
    return measure


def peers_idle(options, directory):
    """Memory of Doorward and of its peers, all processes of each, after a login and with nothing to do."""
    services, peers = both(options, directory, CHEAP_COST)
    subjects = [Subject(one.name, memory_alone(one, lambda target: target.door.admin())) for one in services]
    subjects += [
        Subject(one.name, memory_alone(one, lambda target: target.server.sign_in(1)), {"peer": one.peer, "versions": one.versions})
        for one in peers
    ]
    rows = interleaved(subjects, options.rounds, options.seconds, warm=0)
    return rows, {"accounts": options.accounts, "workers": os.cpu_count()}


PARTS = {
    "peers-me": compared("me"),
    "peers-refresh": compared("refresh"),
    "peers-register": compared("register"),
    "peers-logout": compared("logout"),
    "peers-login": compared("login", REAL_COST),
    "peers-idle": peers_idle,
}
