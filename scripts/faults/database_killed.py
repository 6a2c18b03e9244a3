"""Kills and restarts the database of a service under load, and checks what everybody was told.

    python3 -m scripts.faults.database_killed BINARY [ROUNDS]
"""

import collections
import contextlib
import http.client
import json
import os
import pathlib
import pwd
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

PASSWORD = "correct horse batt"
CLIENTS = 8
# A request is two operations of the store at most, of 2.5 s each, and hashing: a login looks for the account and adds a
# session.
LONGEST = 6.5
# Whoever waits longer was not answered.
PATIENCE = 8
# How soon it has to work again once the database does.
RECOVERY = 5
# What is told while the database is away, or of what nobody knows whether it was written.
AWAY = {503}

THROTTLES = ["LOGIN_NETWORK", "LOGIN_GUESSES", "LOGIN_ACCOUNT", "REGISTRATION", "REFRESH", "CHANGES"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Database:
    """A PostgreSQL of its own."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.port = free_port()
        found = shutil.which("initdb") or sorted(map(str, pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")))[-1]
        self.programs = pathlib.Path(os.path.realpath(found)).parent
        # PostgreSQL refuses to be root.
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        if self.user:
            os.chown(directory, self.user.pw_uid, self.user.pw_gid)
        data = self.directory / "data"
        self.run("initdb", f"--pgdata={data}", "--username=postgres", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync")
        with open(data / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\n")
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres?sslmode=disable"
        self.process = None

    def spawn(self, program, *arguments, **options):
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        return subprocess.Popen([self.programs / program, *arguments], cwd=self.directory, **identity, **options)

    def run(self, program, *arguments):
        process = self.spawn(program, *arguments, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        if process.wait():
            raise SystemExit(f"{program} failed")

    def start(self):
        """Starts it, and waits until it answers."""
        log = open(self.directory / "log", "ab")
        self.process = self.spawn("postgres", "-D", self.directory / "data", stdout=log, stderr=log)
        ready = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        for _ in range(300):
            if subprocess.run(ready, check=False).returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit("PostgreSQL did not start")

    def kill(self):
        """Ends the server and everything it started, as a loss of power would."""
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False)
        for pid in [self.process.pid, *map(int, children.stdout.split())]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()


class Service:
    """Doorward, with cheap passwords."""

    def __init__(self, binary, directory, url):
        self.directory = pathlib.Path(directory)
        password = self.directory / "admin-password"
        password.write_text(PASSWORD, encoding="utf-8")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DOORWARD_")},
            "DOORWARD_BIND": "127.0.0.1:0", "DOORWARD_DATA_DIR": str(self.directory / "data"),
            "DOORWARD_BCRYPT_COST": "4", "DOORWARD_DATABASE_URL": url,
            # Everybody asks from this machine.
            **{f"DOORWARD_THROTTLE_{name}": "off" for name in THROTTLES},
            "DOORWARD_ADMIN_EMAIL": "admin@doorward.example", "DOORWARD_ADMIN_PASSWORD_FILE": str(password),
        }
        subprocess.run([binary, "migrate", "apply"], env=self.environment, check=True, stdout=subprocess.DEVNULL)
        self.log = open(self.directory / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen([binary], env=self.environment, stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            found = re.search(r"API +http://([\d.:]+)/api/", line)
            if found:
                self.place = found.group(1)
            if "Ctrl-C" in line:
                return
        raise SystemExit("the service did not start:\n" + pathlib.Path(self.log.name).read_text(encoding="utf-8"))

    def ask(self, method, path, body=None, token=None):
        """The status, the headers and the results of one request on a connection of its own."""
        connection = http.client.HTTPConnection(self.place, timeout=PATIENCE)
        headers = {"content-type": "application/json"} if body else {}
        if token:
            headers["authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            response = connection.getresponse()
            return response.status, response.headers, json.loads(response.read())["results"]
        finally:
            connection.close()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=40)


class Client:
    """Somebody who opens accounts, logs in, refreshes and logs out, and remembers what was acknowledged."""

    def __init__(self, number, service):
        self.number, self.service = number, service
        self.statuses = collections.Counter()
        self.faults, self.accounts, self.live, self.ended = [], [], [], []
        self.longest = 0.0

    def ask(self, *request, **more):
        begun = time.monotonic()
        try:
            status, headers, results = self.service.ask(*request, **more)
        except OSError as error:
            self.faults.append(f"{request[:2]} was not answered: {error!r}")
            return 0, {}
        self.longest = max(self.longest, time.monotonic() - begun)
        self.statuses[status] += 1
        if status in AWAY and "retry-after" not in {name.lower() for name in headers}:
            self.faults.append(f"{request[:2]}: {status} without Retry-After")
        if status >= 500 and status not in AWAY:
            self.faults.append(f"{request[:2]}: {status} {results}")
        return status, results

    def live_on(self, over):
        chance = random.Random(self.number)
        count = 0
        while not over.is_set():
            count += 1
            name = f"client{self.number}-{count}@example.com"
            body = {"username": name, "password": PASSWORD, "password_confirm": PASSWORD}
            status, _ = self.ask("POST", "/api/user", body)
            if status != 201:
                continue
            self.accounts.append(name)
            status, tokens = self.ask("POST", "/api/auth/login", {"username": name, "password": PASSWORD})
            if status != 200:
                continue
            access, refresh = tokens["access_token"], tokens["refresh_token"]
            if chance.random() < 0.5:
                status, tokens = self.ask("POST", "/api/auth/refresh", token=refresh)
                if status != 200:
                    continue
                access, refresh = tokens["access_token"], tokens["refresh_token"]
            if chance.random() < 0.5:
                status, _ = self.ask("POST", "/api/auth/logout", token=access)
                if status == 200:
                    self.ended.append(access)
            else:
                self.live.append((access, refresh))


def check(service, clients):
    """What was acknowledged is there; what ended has ended."""
    faults = [fault for client in clients for fault in client.faults]
    admin = service.ask("POST", "/api/auth/login", {"username": "admin@doorward.example", "password": PASSWORD})
    token = admin[2]["access_token"]
    for client in clients:
        for name in client.accounts:
            if service.ask("GET", f"/api/user/{name}", token=token)[0] != 200:
                faults.append(f"the account {name} was acknowledged and is not there")
        for access in client.ended:
            if service.ask("GET", "/api/user/me", token=access)[0] != 401:
                faults.append("a session that was ended is alive")
        for access, refresh in client.live:
            if service.ask("GET", "/api/user/me", token=access)[0] != 200:
                faults.append("a session that was opened is not there")
            if service.ask("POST", "/api/auth/refresh", token=refresh)[0] != 200:
                faults.append("a refresh token that was given out is not good")
    return faults


def wait_for_answers(service):
    """How long it takes until a login goes through."""
    begun = time.monotonic()
    while time.monotonic() - begun < 30:
        with contextlib.suppress(OSError):
            if service.ask("POST", "/api/auth/login", {"username": "admin@doorward.example", "password": PASSWORD})[0] == 200:
                return time.monotonic() - begun
        time.sleep(0.05)
    raise SystemExit("the service did not recover")


def round_of_load(service, database):
    """Some seconds of work, the death of the database in the middle, and what it led to."""
    clients = [Client(f"{time.time_ns():x}-{number}", service) for number in range(CLIENTS)]
    over = threading.Event()
    threads = [threading.Thread(target=client.live_on, args=[over]) for client in clients]
    for thread in threads:
        thread.start()
    time.sleep(2)
    database.kill()
    if service.ask("GET", "/readyz")[0] != 503 or service.ask("GET", "/healthz")[0] != 200:
        raise SystemExit("without its database the service must be alive and not ready")
    time.sleep(2)
    database.start()
    recovered = wait_for_answers(service)
    time.sleep(1)
    over.set()
    for thread in threads:
        thread.join()
    return clients, recovered


def main():
    binary = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    with tempfile.TemporaryDirectory() as database_directory, tempfile.TemporaryDirectory() as service_directory:
        database = Database(database_directory)
        try:
            database.start()
            service = Service(binary, service_directory, database.url)
            failed = False
            for number in range(1, rounds + 1):
                clients, recovered = round_of_load(service, database)
                faults = check(service, clients)
                statuses = sum((client.statuses for client in clients), collections.Counter())
                acknowledged = sum(len(client.accounts) + len(client.ended) + len(client.live) for client in clients)
                longest = max(client.longest for client in clients)
                print(
                    f"round {number}: statuses {dict(sorted(statuses.items()))}, {acknowledged} acknowledged writes checked, "
                    f"longest answer {longest:.1f} s, logins again {recovered:.1f} s after the database"
                )
                if statuses[503] == 0 or acknowledged < 50:
                    faults.append("there was no load, or nobody noticed that the database was away")
                if recovered > RECOVERY:
                    faults.append(f"it did not recover within {RECOVERY} s")
                if longest > LONGEST:
                    faults.append(f"an answer took longer than {LONGEST} s")
                for fault in faults[-10:]:
                    print("  " + fault)
                failed = failed or bool(faults)
            if service.process.poll() is not None:
                raise SystemExit("the service ended by itself")
            failed = service.stop() != 0 or failed
            service.log.seek(0)
            if "panicked" in service.log.read():
                raise SystemExit("the service panicked")
            return failed
        finally:
            database.stop()


sys.exit(main())
