"""Takes Redis away from two nodes under load, in every way there is, and checks what everybody was told.

    TEST_DATABASE_URL=… python3 -m scripts.faults.redis_lost BINARY
"""

import collections
import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import uuid

PASSWORD = "correct horse batt"
ADMIN = "admin@doorward.example"
# One operation of the database takes 2.5 s at most; this machine may be busy.
LONGEST = 3.5
# Whoever waits longer was not answered.
PATIENCE = 8
# How soon Redis has to be in use, at full speed, once it is well.
RECOVERY = 5
# Accounts whose sessions are ended one after another. Nobody else uses them.
ACCOUNTS = 39
# Each has so many sessions at once, of the 32 that it may have.
SESSIONS = 26
# Sessions that nobody ends.
LIVE = 30
# People who come and go.
MOVERS = 3
# So many are ended before and so many during each fault.
BATCH = 72

THROTTLES = ["LOGIN_NETWORK", "LOGIN_GUESSES", "LOGIN_ACCOUNT", "REGISTRATION", "REFRESH", "CHANGES"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, look, patience=30):
    """Looks again and again until there is something."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise SystemExit(f"waited in vain until {what}")


def in_parallel(work, items, threads=4):
    """Does something to each item, and answers the results in no order."""
    items, results = collections.deque(items), []

    def take():
        while True:
            try:
                item = items.popleft()
            except IndexError:
                return
            results.append(work(item))

    workers = [threading.Thread(target=take) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return results


class Redis:
    """A server of its own, which keeps an append-only file; or a sentinel."""

    def __init__(self, directory, *lines, sentinel=False):
        self.directory, self.sentinel, self.port = pathlib.Path(directory), sentinel, free_port()
        self.directory.mkdir()
        usual = [] if sentinel else ["save \"\"", "appendonly yes", "repl-diskless-sync-delay 0"]
        usual += [f"port {self.port}", "bind 127.0.0.1", f"dir {self.directory}"]
        (self.directory / "redis.conf").write_text("\n".join([*usual, *lines, ""]), encoding="utf-8")
        self.process = None
        self.start()

    def start(self):
        """Starts it with what is on its disk, and waits until it answers."""
        command = ["redis-server", self.directory / "redis.conf", *(["--sentinel"] if self.sentinel else [])]
        log = open(self.directory / "log", "ab")
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until("Redis answers", lambda: self.cli("PING") == "PONG")

    def cli(self, *arguments):
        run = subprocess.run(["redis-cli", "-p", str(self.port), *arguments], capture_output=True, text=True, check=False)
        return run.stdout.strip()

    def told(self, name):
        """A value of INFO."""
        found = re.search(rf"^{name}:(.*?)\r?$", self.cli("INFO"), re.MULTILINE)
        return found.group(1) if found else ""

    def set(self, name, value):
        if self.cli("CONFIG", "SET", name, str(value)) != "OK":
            raise SystemExit(f"Redis does not take {name} {value}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    @property
    def files(self):
        return self.directory / "appendonlydir"


class Node:
    """One Doorward, with cheap passwords."""

    def __init__(self, binary, directory, shared, database, redis_url):
        password = shared / "admin-password"
        password.write_text(PASSWORD, encoding="utf-8")
        directory.mkdir()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DOORWARD_")},
            "DOORWARD_BIND": "127.0.0.1:0", "DOORWARD_DATA_DIR": str(directory / "data"),
            "DOORWARD_KEYS_DIR": str(shared / "keys"), "DOORWARD_PEPPER_FILE": str(shared / "pepper"),
            "DOORWARD_BCRYPT_COST": "4", "DOORWARD_DATABASE_URL": database, "DOORWARD_REDIS_URL": redis_url,
            # Everybody asks from this machine.
            **{f"DOORWARD_THROTTLE_{name}": "off" for name in THROTTLES},
            "DOORWARD_ADMIN_EMAIL": ADMIN, "DOORWARD_ADMIN_PASSWORD_FILE": str(password),
        }
        self.log = open(directory / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen([binary], env=self.environment, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            found = re.search(r"API +http://([\d.:]+)/api/", line)
            if found:
                self.place = found.group(1)
            if "Ctrl-C" in line:
                return
        raise SystemExit("the service did not start:\n" + pathlib.Path(self.log.name).read_text(encoding="utf-8"))

    def stop(self):
        """What was wrong with it."""
        if self.process.poll() is not None:
            return ["a node ended by itself"]
        self.process.terminate()
        faults = ["a node did not stop in peace"] if self.process.wait(timeout=40) else []
        self.log.seek(0)
        return faults + (["a node panicked"] if "panicked" in self.log.read() else [])


class Tally:
    """What everybody was told since the last fault."""

    def __init__(self):
        self.lock, self.faults = threading.Lock(), collections.Counter()
        self.begin()

    def begin(self):
        """Counts anew. What was wrong stays until it is told."""
        with self.lock:
            self.statuses, self.longest, self.ended_asked = collections.Counter(), 0.0, 0

    def take_faults(self):
        with self.lock:
            faults, self.faults = self.faults, collections.Counter()
        return faults

    def add(self, status, seconds):
        with self.lock:
            self.statuses[status] += 1
            self.longest = max(self.longest, seconds)
            if seconds > LONGEST:
                self.faults[f"an answer took longer than {LONGEST} s"] += 1
            if status not in (200, 201, 401, 503):
                self.faults[f"an answer was {status}"] += 1

    def fault(self, what):
        with self.lock:
            self.faults[what] += 1


class Client:
    """Connections to all nodes, for one thread."""

    def __init__(self, nodes, tally):
        self.nodes, self.tally, self.connections = nodes, tally, {}

    def ask(self, number, method, path, body=None, token=None):
        """The status and the results of one request; no status where there was no answer."""
        connection, used = self.connections.pop(number, (None, 0))
        # Nodes close what is idle.
        if connection is None or time.monotonic() - used > 1:
            connection = http.client.HTTPConnection(self.nodes[number].place, timeout=PATIENCE)
        headers = {"content-type": "application/json"} if body else {}
        if token:
            headers["authorization"] = f"Bearer {token}"
        begun = time.monotonic()
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.tally.fault(f"{method} {path} was not answered: {error!r}")
            return None, {}
        self.connections[number] = connection, time.monotonic()
        self.tally.add(response.status, time.monotonic() - begun)
        if response.status == 503 and response.getheader("retry-after") is None and path != "/readyz":
            self.tally.fault("503 without Retry-After")
        return response.status, json.loads(content)["results"]

    def me(self, number, token):
        return self.ask(number, "GET", "/api/user/me", token=token)[0]

    def login(self, number, name):
        """Access and refresh token, if it worked."""
        status, tokens = self.ask(number, "POST", "/api/auth/login", {"username": name, "password": PASSWORD})
        if status not in (200, 503, None):
            self.tally.fault(f"a login was answered {status}")
        return (tokens["access_token"], tokens["refresh_token"]) if status == 200 else None

    def logout(self, number, access):
        """Whether it was acknowledged."""
        status, _ = self.ask(number, "POST", "/api/auth/logout", token=access)
        if status not in (200, 503, None):
            self.tally.fault(f"a logout was answered {status}")
        return status == 200


class Service:
    """Two nodes, everybody who works with them, and what each may expect."""

    def __init__(self, binary, directory, redis_url):
        self.database = new_database()
        shared = directory / "shared"
        shared.mkdir()
        environment = {"DOORWARD_DATABASE_URL": self.database, "DOORWARD_DATA_DIR": str(shared), "PATH": os.environ["PATH"]}
        subprocess.run([binary, "migrate", "apply"], env=environment, check=True, stdout=subprocess.DEVNULL)
        self.nodes = [Node(binary, directory / f"node{number}", shared, self.database, redis_url) for number in range(2)]
        self.tally, self.over = Tally(), threading.Event()
        self.idle, self.ended, self.live = [], [], []
        self.shown, self.not_ready, self.was_degraded = 0, 0.0, False
        self.threads = []

    def client(self):
        return Client(self.nodes, self.tally)

    def open_sessions(self, accounts):
        """Sessions that are there to be ended, and those that nobody ends."""

        def open_some(client, _, account):
            name, count = account
            body = {"username": name, "password": PASSWORD, "password_confirm": PASSWORD}
            if client.ask(0, "POST", "/api/user", body)[0] != 201:
                return [None]
            return [client.login(number % 2, name) for number in range(count)]

        def open_all(wanted):
            return [tokens for opened in self.for_all(wanted, open_some) for tokens in opened]

        self.idle = open_all((f"account{number}@example.com", SESSIONS) for number in range(accounts))
        self.live = open_all((f"live{number}@example.com", 1) for number in range(LIVE))
        self.idle += open_all((f"mover{number}@example.com", 0) for number in range(MOVERS))
        if None in self.idle or None in self.live:
            raise SystemExit("no sessions can be opened")

    def work(self):
        """Begins the load."""
        load = [self.show_live, self.show_live, self.show_ended, self.show_ended, self.watch]
        movers = [lambda number=number: self.move(f"mover{number}@example.com") for number in range(MOVERS)]
        self.threads = [threading.Thread(target=work) for work in load + movers]
        for thread in self.threads:
            thread.start()

    def show_live(self):
        client, chance = self.client(), random.Random(1)
        while not self.over.is_set():
            status = client.me(chance.randrange(2), chance.choice(self.live)[0])
            if status == 401:
                self.tally.fault("somebody was logged out")
            self.shown += status == 200

    def show_ended(self):
        """Those that were ended last are the likeliest to come back."""
        client, chance = self.client(), random.Random(2)
        while not self.over.is_set():
            ended = self.ended if chance.random() < 0.5 else self.ended[-2 * BATCH:]
            if not ended:
                time.sleep(0.05)
                continue
            self.expect_refusal(client, chance.randrange(2), chance.choice(ended)[0])

    def expect_refusal(self, client, number, access):
        if client.me(number, access) == 200:
            self.tally.fault("a session that was ended is alive")
        with self.tally.lock:
            self.tally.ended_asked += 1

    def move(self, name):
        """Somebody who logs in, refreshes, and logs out at the other node."""
        client, number = self.client(), 0
        while not self.over.is_set():
            # Not so often that nothing else is done.
            time.sleep(0.02)
            number += 1
            tokens = client.login(number % 2, name)
            if not tokens:
                continue
            status, next_tokens = client.ask((number + 1) % 2, "POST", "/api/auth/refresh", token=tokens[1])
            if status == 401:
                self.tally.fault("a refresh token that was given out is not good")
            if status == 200:
                tokens = next_tokens["access_token"], next_tokens["refresh_token"]
            for node in range(2):
                if client.me(node, tokens[0]) == 401:
                    self.tally.fault("a session that was opened is not there")
            if client.logout(number % 2, tokens[0]):
                self.ended.append(tokens)
                self.expect_refusal(client, (number + 1) % 2, tokens[0])

    def watch(self):
        """Notes when Redis was not in use."""
        client = self.client()
        while not self.over.is_set():
            for number in range(2):
                status, results = client.ask(number, "GET", "/readyz")
                if status != 200:
                    self.tally.fault(f"a node is not ready: {status}")
                elif {"name": "redis", "state": "degraded"} in results["stores"]:
                    self.not_ready, self.was_degraded = time.monotonic(), True
            time.sleep(0.05)

    def is_ready(self):
        return time.monotonic() - self.not_ready > 0.5

    def for_all(self, sessions, work):
        """Does something for each session, of some at once, with a client, its number and its tokens; the results."""
        local = threading.local()

        def work_on_one(numbered):
            local.client = getattr(local, "client", None) or self.client()
            return work(local.client, *numbered)

        return in_parallel(work_on_one, enumerate(sessions))

    def warm(self, batch):
        """Shows sessions to both nodes, so that both know them by heart."""

        def show(client, _, tokens):
            if {client.me(node, tokens[0]) for node in range(2)} != {200}:
                self.tally.fault("a session is not there before the fault")

        self.for_all(batch, show)

    def end(self, batch):
        """Ends sessions on both nodes. What was not acknowledged counts for nothing."""

        def end_one(client, number, tokens):
            if not client.logout(number % 2, tokens[0]):
                return None
            self.ended.append(tokens)
            self.expect_refusal(client, (number + 1) % 2, tokens[0])
            return tokens

        return [tokens for tokens in self.for_all(batch, end_one) if tokens]

    def expect_end(self, client, tokens):
        for node in range(2):
            self.expect_refusal(client, node, tokens[0])

    def rate(self):
        """How many live sessions are shown in a second."""
        before, begun = self.shown, time.monotonic()
        time.sleep(1)
        return (self.shown - before) / (time.monotonic() - begun)

    def suffer(self, name, fault, hold=1.5, noticed=True):
        """A fault in the middle of everything; whether all promises were kept.

        Its first step comes before the sessions are ended, the second begins it, and the third ends it. A fault that is
        noticed makes a node say that it does without Redis.
        """
        until("Redis is in use", self.is_ready)
        self.tally.begin()
        batch, self.idle = self.idle[:2 * BATCH], self.idle[2 * BATCH:]
        self.warm(batch)
        before = self.rate()
        self.was_degraded = False
        next(fault)
        acknowledged = self.end(batch[:BATCH])
        begun = time.monotonic()
        next(fault)
        acknowledged += self.end(batch[BATCH:])
        time.sleep(max(0, hold - (time.monotonic() - begun)))
        # The last step may take its time until Redis is well.
        next(fault, None)
        faults, well = [], time.monotonic()
        while (after := self.rate()) < before / 2 and time.monotonic() - well < RECOVERY + 1:
            pass
        if after < before / 2:
            faults.append(f"{RECOVERY} s after the fault it is still slow")
        until("Redis is in use again", self.is_ready)
        self.for_all(acknowledged, lambda client, _, tokens: self.expect_end(client, tokens))
        ready = max(0, self.not_ready - well)
        if ready > RECOVERY:
            faults.append(f"Redis was not in use {RECOVERY} s after the fault")
        if noticed and not self.was_degraded:
            faults.append("no node noticed anything")
        if len(acknowledged) < 1.5 * BATCH:
            faults.append(f"only {len(acknowledged)} of {len(batch)} logouts were acknowledged")
        tally, wrong = self.tally, self.tally.take_faults()
        faults += [f"{what} ({count} times)" for what, count in wrong.items()]
        with tally.lock:
            print(
                f"{name}: {wrong['a session that was ended is alive']} of {tally.ended_asked} requests of "
                f"{len(self.ended)} ended sessions let in; statuses {dict(sorted(tally.statuses.items()))}; "
                f"longest answer {tally.longest:.2f} s; {'without Redis for a while, ' if self.was_degraded else ''}"
                f"in use {ready:.1f} s after; me {before:.0f}/s before, {after:.0f}/s after",
                flush=True,
            )
        for what in faults:
            print("  " + what)
        return not faults

    def finish(self):
        """Ends the load, and asks for every session once more at both nodes."""
        self.over.set()
        for thread in self.threads:
            thread.join()

        def ask_for_ended(client, number, tokens):
            self.expect_end(client, tokens)
            if client.ask(number % 2, "POST", "/api/auth/refresh", token=tokens[1])[0] != 401:
                self.tally.fault("a refresh token of a session that was ended is good")

        def ask_for_live(client, _, tokens):
            if {client.me(node, tokens[0]) for node in range(2)} != {200}:
                self.tally.fault("a session that nobody ended is not there")

        self.for_all(self.ended, ask_for_ended)
        self.for_all(self.live, ask_for_live)
        faults = [f"{what} ({count} times)" for what, count in self.tally.take_faults().items()]
        faults += [fault for node in self.nodes for fault in node.stop()]
        print(f"at the end: {len(self.ended)} ended sessions and {LIVE} live ones asked for at both nodes", flush=True)
        for what in faults:
            print("  " + what)
        return not faults

    def stop(self):
        self.over.set()
        for node in self.nodes:
            node.process.kill()
            node.process.wait()
        on_server(f"DROP DATABASE {self.database.rsplit('/', 1)[1].split('?')[0]} WITH (FORCE)")


def on_server(statement):
    command = ["psql", "--no-psqlrc", "--quiet", "--dbname", os.environ["TEST_DATABASE_URL"], "--command", statement]
    subprocess.run(command, check=True)


def new_database():
    """The URL of an empty database."""
    name = f"doorward_test_{uuid.uuid4().hex}"
    on_server(f"CREATE DATABASE {name}")
    url = urllib.parse.urlsplit(os.environ["TEST_DATABASE_URL"])
    return url._replace(path=f"/{name}").geturl()


def emptied(redis):
    yield
    redis.cli("FLUSHALL")
    yield
    # Once more, because it takes no time.
    redis.cli("FLUSHALL")


def killed_without_files(redis):
    yield
    redis.kill()
    yield
    shutil.rmtree(redis.files)
    redis.start()


def killed_with_an_old_file(redis):
    kept = redis.directory / "kept"
    shutil.copytree(redis.files, kept)
    yield
    redis.kill()
    yield
    shutil.rmtree(redis.files)
    shutil.move(kept, redis.files)
    redis.start()


def stopped(redis):
    yield
    redis.process.send_signal(signal.SIGSTOP)
    yield
    redis.process.send_signal(signal.SIGCONT)
    redis.cli("PING")


def evicting(redis):
    yield
    redis.set("maxmemory-policy", "allkeys-lru")
    redis.set("maxmemory", int(redis.told("used_memory")) - 200_000)
    yield
    evicted = int(redis.told("evicted_keys"))
    redis.set("maxmemory", 0)
    redis.set("maxmemory-policy", "noeviction")
    if evicted < 100:
        raise SystemExit(f"only {evicted} keys were thrown away")


def full(redis):
    yield
    redis.set("maxmemory", 1)
    yield
    redis.set("maxmemory", 0)


def replica_of_nothing(redis, empty):
    yield
    redis.cli("REPLICAOF", "127.0.0.1", str(empty.port))
    until("the replica has nothing", lambda: redis.told("master_link_status") == "up")
    yield
    redis.cli("REPLICAOF", "NO", "ONE")


def failed_over(primary, replica):
    yield
    primary.kill()
    yield
    until("the replica is the primary", lambda: replica.told("role") == "master")


def one_redis(binary, directory, stack):
    """All that can happen to a server that is alone."""
    redis = stopping(stack, Redis(directory / "redis"))
    empty = stopping(stack, Redis(directory / "empty"))
    service = Service(binary, directory, f"redis://127.0.0.1:{redis.port}")
    stack.callback(service.stop)
    service.open_sessions(ACCOUNTS)
    service.work()
    kept = [
        service.suffer("FLUSHALL", emptied(redis), noticed=False),
        service.suffer("restart without persistence", killed_without_files(redis)),
        service.suffer("restart with an old file", killed_with_an_old_file(redis)),
        service.suffer("SIGSTOP", stopped(redis), hold=3),
        service.suffer("allkeys-lru", evicting(redis), noticed=False),
        service.suffer("out of memory", full(redis)),
        service.suffer("replica of an empty server", replica_of_nothing(redis, empty)),
        service.finish(),
    ]
    if len(service.ended) < 1000:
        raise SystemExit(f"only {len(service.ended)} sessions were ended")
    return all(kept)


def sentinels(binary, directory, stack):
    """A primary, a replica, and three who watch them."""
    primary = stopping(stack, Redis(directory / "primary"))
    replica = stopping(stack, Redis(directory / "replica", f"replicaof 127.0.0.1 {primary.port}"))
    until("there is a replica", lambda: replica.told("master_link_status") == "up")
    lines = [
        f"sentinel monitor copies 127.0.0.1 {primary.port} 2", "sentinel down-after-milliseconds copies 500",
        "sentinel failover-timeout copies 3000",
    ]
    watchers = [stopping(stack, Redis(directory / f"sentinel{number}", *lines, sentinel=True)) for number in range(3)]
    for watcher in watchers:
        until("the sentinels know all", lambda: "slaves=1,sentinels=3" in watcher.cli("INFO", "sentinel"))
    places = ",".join(f"127.0.0.1:{watcher.port}" for watcher in watchers)
    service = Service(binary, directory, f"redis-sentinel://{places}/copies")
    stack.callback(service.stop)
    service.open_sessions(-(-2 * BATCH // SESSIONS))
    service.work()
    kept = [service.suffer("failover by Sentinel", failed_over(primary, replica)), service.finish()]
    return all(kept)


def stopping(stack, redis):
    stack.callback(redis.kill)
    return redis


def main():
    binary = os.path.abspath(sys.argv[1])
    kept = True
    for scene in (one_redis, sentinels):
        with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
            kept = scene(binary, pathlib.Path(directory), stack) and kept
    return not kept


sys.exit(main())
