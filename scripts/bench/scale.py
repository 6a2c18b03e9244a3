"""How figures change with what grows: accounts, nodes, idle connections; and how soon a node is there."""

import contextlib
import http.client
import os
import resource
import socket
import time

from scripts.bench import targets, workload
from scripts.bench.pages import LISTS, Walk
from scripts.bench.parts import subject
from scripts.bench.rounds import Subject, interleaved
from scripts.bench.strangers import Strangers
from scripts.kit import usage
from scripts.kit.nodes import until

# So many connections share an address of this machine, as ports are finite.
AN_ADDRESS = 5_000
# Memory is at rest when for so many seconds it has changed by no more than that share; and that is soon.
RESTED, STILL, LONGEST_REST = 3, 0.01, 60
# How often a start is timed in a round.
STARTS = 5
# A start that takes longer is none.
PATIENCE = 30


def grown(store, size):
    return f"{store.name}, {shown_count(size)} accounts"


def shown_count(number):
    return f"{number:,}".replace(",", " ")


def accounts(options, directory):
    """`me` by few people and by strangers, lists, and their first, middle and last pages, with more and more accounts."""
    stores = [targets.SQLITE, targets.REDIS]
    services = [
        targets.Doorward(directory / f"service{number}-{size}", store, size, name=grown(store, size))
        for number, store in enumerate(stores) for size in options.sizes
    ]
    with targets.running(*services):
        subjects = []
        for service in services:
            people = service.door.people(options.people)
            reads, lists = subject(service, "me", people), subject(service, "lists", people)
            strangers = Strangers(service, options.strangers)
            walk = Walk(service.places[0], service.door.admin().access, "sort=created_at")
            about = {"store": service.store.name, "accounts": service.accounts}
            subjects.append(Subject(service.name, one_after_the_other(reads, lists, strangers, walk), about))
        rows = interleaved(subjects, options.rounds, options.seconds)
    return rows, {"sizes": options.sizes, "people": options.people, "strangers": options.strangers}


def one_after_the_other(reads, lists, strangers, walk):
    """What one service has to answer in a round; last to strangers, for whom its node is started anew."""
    def measure(seconds):
        listed = {f"lists {name}": value for name, value in lists.measure(seconds).items() if name in ("rate", "p99")}
        return {**reads.measure(seconds), **listed, **walk.measure(), **strangers.measure(reads.measure)}
    return measure


def pages(options, directory):
    """Every sort and some filters, with as many accounts as the largest of the sizes."""
    size = max(options.sizes)
    stores = [targets.SQLITE, targets.POSTGRES]
    services = [targets.Doorward(directory / f"store{number}", store, size) for number, store in enumerate(stores)]
    with targets.running(*services):
        subjects = []
        for service in services:
            token = service.door.admin().access
            for query in LISTS:
                walk = Walk(service.places[0], token, query)
                subjects.append(Subject(f"{service.name}, `{query}`", lambda seconds, walk=walk: walk.measure()))
        return interleaved(subjects, options.rounds, options.seconds, warm=0), {"accounts": size}


def nodes(options, directory):
    """One node and two on one PostgreSQL and one Redis, each node with one worker."""
    counts = {1: "one node", 2: "two nodes"}
    services = [
        targets.Doorward(directory / f"nodes{count}", targets.REDIS, options.accounts, count, name, WORKERS=1)
        for count, name in counts.items()
    ]
    with targets.running(*services):
        people = [service.door.people(options.people) for service in services]
        subjects = [
            subject(service, name, known, f"{name}, {service.name}", workload=name, nodes=service.count)
            for name in ("me", "refresh", "mixed") for service, known in zip(services, people, strict=True)
        ]
        return interleaved(subjects, options.rounds, options.seconds), {"accounts": options.accounts, "workers of a node": 1}


def allow_files(count):
    """So many connections are open files, here and at the service, which inherits what is allowed."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < count:
        raise SystemExit(f"{count} open files are needed, and {most} are allowed (ulimit -Hn)")
    if now not in (resource.RLIM_INFINITY, most):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, count), most))


class Crowd:
    """Connections that have had one answer and send nothing more."""

    def __init__(self, place, path, headers):
        lines = [f"GET {path} HTTP/1.1", "Host: bench", *(f"{name}: {value}" for name, value in headers.items())]
        self.request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.place, self.kept = place, []

    def grow(self, count):
        while len(self.kept) < count:
            batch = [self.one(number) for number in range(len(self.kept), min(len(self.kept) + 100, count))]
            for connection in batch:
                self.answered(connection)
            self.kept += batch

    def one(self, number):
        source = (f"127.0.0.{2 + number // AN_ADDRESS}", 0)
        connection = socket.create_connection(self.place, timeout=60, source_address=source)
        connection.sendall(self.request)
        return connection

    @staticmethod
    def answered(connection):
        """Reads the answer to its end, so that nothing of it waits in a buffer of the service."""
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"an idle connection was answered {answer.status}")

    def leave(self):
        for connection in self.kept:
            connection.close()


def at_rest(pids):
    """MB, PSS and RSS, once they stand still: what the last answers have left is given back within seconds."""
    def now():
        members = pids()
        return usage.shared_memory(members), sum(map(usage.memory, members))

    before, still = now(), 0
    for _ in range(LONGEST_REST):
        time.sleep(1)
        found = now()
        still = still + 1 if abs(found[0] - before[0]) <= before[0] * STILL else 0
        if still == RESTED:
            return found
        before = found
    raise SystemExit(f"memory does not come to rest within {LONGEST_REST} s")


def crowd_memory(pids, place, path, headers, counts):
    """MB of the processes with so many idle connections each: PSS, and RSS, which counts all that is shared."""
    crowd, figures = Crowd(place, path, headers), {}
    try:
        for count in counts:
            crowd.grow(count)
            name = f"{shown_count(count)} connections"
            figures |= dict(zip((name, f"{name}, RSS"), at_rest(pids), strict=True))
    finally:
        crowd.leave()
    return figures


def idle(options, directory):
    """Memory with more and more connections that wait, each of which has asked for `me` once."""
    allow_files(max(options.idle) + 2_000)
    stores = [targets.SQLITE, targets.POSTGRES, targets.REDIS]

    def measure(store):
        service = targets.Doorward(directory / "service", store, MAX_CONNECTIONS=max(options.idle) + 1_000, KEEP_ALIVE="10m")
        with targets.running(service):
            headers = workload.bearer(service.door.admin().access)
            return crowd_memory(service.pids, service.places[0], "/api/user/me", headers, options.idle)

    subjects = [Subject(store.name, lambda seconds, store=store: measure(store)) for store in stores]
    return interleaved(subjects, options.rounds, options.seconds, warm=0), {"connections": options.idle}


def is_ready(place):
    with contextlib.suppress(OSError), socket.create_connection(place, timeout=1) as connection:
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        return connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    return False


def once_ready(node):
    """Milliseconds from the start of the program until it says that it is ready."""
    begun = time.monotonic()
    node.start(targets.doorward(), wait=False)
    while not is_ready(node.place):
        if node.process.poll() is not None or time.monotonic() > begun + PATIENCE:
            raise SystemExit(f"{node.name} did not start:\n{node.told()}")
        time.sleep(0.0005)
    return (time.monotonic() - begun) * 1000


def start(options, directory):
    """From the start of the program to the first good answer of /readyz, with tables that are there; and memory then."""
    stores = [targets.SQLITE, targets.POSTGRES, targets.REDIS]
    services = [targets.Doorward(directory / f"store{number}", store) for number, store in enumerate(stores)]
    with targets.running(*services):
        for service in services:
            service.nodes[0].stop()

        def measure(service):
            node, took = service.nodes[0], []
            for _ in range(STARTS):
                took.append(once_ready(node))
                node.stop()
            node.start(targets.doorward())
            until("it has settled", lambda: usage.threads(node.process.pid) > 1)
            time.sleep(1)
            size, resident = usage.shared_memory(service.pids()), usage.memory(node.process.pid)
            node.stop()
            took.sort()
            return {"ready": took[STARTS // 2], "slowest start": took[-1], "memory": size, "resident": resident}

        subjects = [Subject(service.name, lambda seconds, service=service: measure(service)) for service in services]
        return interleaved(subjects, options.rounds, options.seconds, warm=0), {"starts in a round": STARTS, "workers": os.cpu_count()}


PARTS = {"accounts": accounts, "pages": pages, "nodes": nodes, "idle": idle, "start": start}
