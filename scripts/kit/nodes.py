"""Two nodes of Doorward on one database, and the proxy before them: what the runs of scripts/faults and scripts/bench share.

Everything listens on free ports of 127.0.0.1, keeps its files in one directory, and is stopped by its own process id.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
PASSWORD = "correct horse batt"
ADMIN = "admin@doorward.example"
THROTTLES = ["LOGIN_NETWORK", "LOGIN_GUESSES", "LOGIN_ACCOUNT", "REGISTRATION", "REFRESH", "CHANGES"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(what, look, patience=60, fault=lambda: ""):
    """Looks again and again until there is something."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise SystemExit(f"waited in vain until {what}\n{fault()}")


def ask(place, method, path, body=None, token=None, timeout=10):
    """Status and results of one request on a connection of its own."""
    connection = http.client.HTTPConnection(*place, timeout=timeout)
    headers = {"content-type": "application/json"} if body else {}
    if token:
        headers["authorization"] = f"Bearer {token}"
    try:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"{}").get("results", {})
    finally:
        connection.close()


class Database:
    """A new one on the server of TEST_DATABASE_URL."""

    def __init__(self):
        self.server, self.name = os.environ["TEST_DATABASE_URL"], f"doorward_{uuid.uuid4().hex}"
        self.sql(f"CREATE DATABASE {self.name}", self.server)
        self.url = urllib.parse.urlsplit(self.server)._replace(path=f"/{self.name}").geturl()

    def sql(self, statement, url=None):
        psql = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", url or self.url]
        run = subprocess.run([*psql, "--command", statement], check=False, capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(f"psql failed with {run.returncode}: {statement}\n{run.stderr}")
        return run.stdout.strip()

    def drop(self):
        self.sql(f"DROP DATABASE {self.name} WITH (FORCE)", self.server)


class Node:
    """One Doorward on a port that it keeps, with cheap passwords; its binary may change from start to start."""

    def __init__(self, name, directory, settings, wrapper=(), port=None):
        self.name, self.port, self.wrapper = name, port or free_port(), wrapper
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        password = self.directory / "admin-password"
        password.write_text(PASSWORD, encoding="utf-8")
        self.settings = {
            "BIND": f"127.0.0.1:{self.port}",
            "DATA_DIR": self.directory / "data",
            "ADMIN_EMAIL": ADMIN,
            "ADMIN_PASSWORD_FILE": password,
            "BCRYPT_COST": 4,
            # Everybody asks from this machine.
            **{f"THROTTLE_{throttle}": "off" for throttle in THROTTLES},
            **settings,
        }
        self.process, self.log, self.is_new = None, self.directory / "log", True

    @property
    def place(self):
        return "127.0.0.1", self.port

    def environment(self, binary):
        """What the binary knows of the settings: an older one refuses what it does not know."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOORWARD_")}
        known = knows(binary)
        named = {f"DOORWARD_{name}": str(value) for name, value in self.settings.items()}
        return {**kept, **{name: value for name, value in named.items() if name in known}}

    def run(self, binary, *command, **environment):
        """Runs a command of the binary to its end."""
        environment = {**self.environment(binary), **environment}
        run = subprocess.run([binary, *command], env=environment, capture_output=True, text=True, check=False)
        if run.returncode:
            raise SystemExit(f"{command} failed:\n{run.stdout}{run.stderr}")
        return run.stdout

    def start(self, binary, wait=True, **environment):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, binary, "serve"],
                env={**self.environment(binary), **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if wait:
            until(f"{self.name} is ready", self.is_ready, fault=self.told)

    def is_ready(self):
        if self.process.poll() is not None:
            raise SystemExit(f"{self.name} ended:\n{self.told()}")
        with contextlib.suppress(OSError):
            if ask(self.place, "GET", "/readyz")[0] != 200:
                return False
            # The first start makes an admin; nobody registers before.
            self.is_new = self.is_new and ask(self.place, "POST", "/api/auth/login", {"username": ADMIN, "password": PASSWORD})[0] != 200
            return not self.is_new
        return False

    def told(self):
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def stop(self):
        """Asks it to stop, and waits until it has."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(90)
        self.process = None
        if code:
            raise SystemExit(f"{self.name} ended with {code}:\n{self.told()}")

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def ended(*nodes):
    """Whatever happens, no node is left."""
    try:
        yield
    finally:
        for node in nodes:
            node.kill()


def cheapest(*binaries):
    """The cost of hashes that all of them take: one that is released refuses those that are too cheap."""
    def takes(binary, cost):
        with tempfile.TemporaryDirectory() as empty:
            kept = {name: value for name, value in os.environ.items() if not name.startswith("DOORWARD_")}
            environment = {**kept, "DOORWARD_DATA_DIR": f"{empty}/data", "DOORWARD_BCRYPT_COST": str(cost)}
            return subprocess.run([binary, "migrate", "plan"], env=environment, capture_output=True, check=False).returncode != 2
    return 4 if all(takes(binary, 4) for binary in binaries) else 10


KNOWN = {}


def knows(binary):
    """The variables of all settings that a binary has."""
    if binary not in KNOWN:
        told = subprocess.run([binary, "--help"], capture_output=True, text=True, check=True).stdout
        KNOWN[binary] = set(re.findall(r"DOORWARD_[A-Z_]+", told))
    return KNOWN[binary]


class HaProxy:
    """HAProxy with the configuration that docs/deploy has for it, but for addresses."""

    def __init__(self, directory, nodes):
        self.directory, self.port, self.nodes = pathlib.Path(directory), free_port(), nodes
        self.socket = self.directory / "haproxy.socket"
        text = (ROOT / "docs/deploy/compose/haproxy.cfg").read_text(encoding="utf-8")
        text = text[: text.index("\nresolvers docker")] + "\n"
        text = text.replace("bind :8080", f"bind 127.0.0.1:{self.port}").replace(" resolvers docker init-addr last,libc,none", "")
        for node in nodes:
            text = text.replace(f"server {node.name} {node.name}:8080", f"server {node.name} 127.0.0.1:{node.port}")
        text = text.replace("\nglobal\n", f"\nglobal\n    stats socket {self.socket} level admin\n")
        (self.directory / "haproxy.cfg").write_text(text, encoding="utf-8")
        self.log = self.directory / "haproxy.log"
        with self.log.open("wb") as log:
            program = shutil.which("haproxy") or "/usr/sbin/haproxy"
            self.process = subprocess.Popen([program, "-db", "-f", self.directory / "haproxy.cfg"], stdout=log, stderr=log)
        for node in nodes:
            self.wait_for(node)

    def command(self, text):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.socket))
            client.sendall(text.encode() + b"\n")
            return b"".join(iter(lambda: client.recv(65536), b"")).decode()

    def of(self, node):
        """What HAProxy knows of a node, by the names of its columns."""
        head, *lines = self.command("show stat").lstrip("# ").splitlines()
        rows = [dict(zip(head.split(","), line.split(","), strict=False)) for line in lines if line]
        return next(row for row in rows if row["svname"] == node.name)

    def wait_for(self, node):
        """Until it sends requests there."""
        def is_up():
            with contextlib.suppress(OSError):
                return self.of(node)["status"] == "UP"
        until(f"HAProxy trusts {node.name}", is_up, fault=lambda: self.log.read_text(encoding="utf-8")[-2000:])

    def put_aside(self, node):
        """Sends nothing more there, and waits until all is answered: for a node that has no `shutdown_delay`."""
        self.command(f"set server nodes/{node.name} state drain")
        until("nobody waits for an answer", lambda: self.of(node)["scur"] == "0")

    def take_back(self, node):
        self.command(f"set server nodes/{node.name} state ready")
        self.wait_for(node)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Nginx:
    """nginx with the configuration that docs/deploy has for it, but for addresses."""

    def __init__(self, directory, nodes):
        self.directory, self.port = pathlib.Path(directory), free_port()
        text = (ROOT / "docs/deploy/nginx.conf").read_text(encoding="utf-8").replace("listen 8080", f"listen 127.0.0.1:{self.port}")
        for number, node in enumerate(nodes, 1):
            text = text.replace(f"127.0.0.1:808{number}", f"127.0.0.1:{node.port}")
        (self.directory / "doorward.conf").write_text(text, encoding="utf-8")
        paths = " ".join(f"{kind}_temp_path {self.directory}/{kind};" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        self.log = self.directory / "nginx.log"
        whole = f"""
daemon off; worker_processes 1; pid {self.directory}/nginx.pid; error_log {self.log} warn;
{"user root;" if os.getuid() == 0 else ""}
events {{ worker_connections 4096; }}
http {{ access_log off; {paths} include {self.directory}/doorward.conf; }}
"""
        (self.directory / "nginx.conf").write_text(whole, encoding="utf-8")
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen([program, "-p", self.directory, "-c", self.directory / "nginx.conf"])
        until("nginx answers", self.answers)

    def answers(self):
        with contextlib.suppress(OSError, json.JSONDecodeError):
            return ask(("127.0.0.1", self.port), "GET", "/api/user/me")[0] == 401

    def wait_for(self, node):
        """It sends requests everywhere; a node that took no connection is tried again after `fail_timeout`."""
        time.sleep(2.5)

    def put_aside(self, node):
        raise SystemExit("nginx can be told to send nothing to a node only by another configuration: use HAProxy")

    take_back = wait_for

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
