"""Floods the login of a service and tells what others notice of it.

    python3 -m scripts.bench.flood BINARY [--seconds 30] [--networks 1 10]

Everything stays on this machine: a service of its own with bcrypt at cost 12 and without throttles, so that nothing but
the queue stands between the flood and the hashing; `wrk` with 200 connections that log in, as if from so many networks;
meanwhile a client at 127.0.0.2 that logs in once after the other, and one at 127.0.0.3 that is signed in and reads. Before,
the reader alone, and beside the honest client. Then the same with `wrk` as reader, on 16 connections and as fast as it
can. Then 500 clients ask for a login and hang up at once.

Ends with 3 when fewer than 95 of 100 logins of the honest client succeed within 5 s, or when a reader is not answered.
"""

import argparse
import contextlib
import http.client
import json
import multiprocessing
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from scripts.bench import wrk

PASSWORD = "correct horse batt"
ADMIN = "admin@doorward.example"
THROTTLES = ["LOGIN_NETWORK", "LOGIN_GUESSES", "LOGIN_ACCOUNT", "REGISTRATION", "REFRESH", "CHANGES"]
# Whoever waits longer has not logged in.
PATIENCE = 5
HANG_UPS = 500
# So many connections of wrk read.
PRESSING = 16
# How it ends when others were not served.
NOTICED = 3
TICK = 1 / os.sysconf("SC_CLK_TCK")


class Service:
    """One of its own, on a free port."""

    def __init__(self, binary, directory):
        password = directory / "admin-password"
        password.write_text(PASSWORD, encoding="utf-8")
        settings = {
            "BIND": "127.0.0.1:0",
            "DATA_DIR": directory / "data",
            "ADMIN_EMAIL": ADMIN,
            "ADMIN_PASSWORD_FILE": password,
            "BCRYPT_COST": 12,
            "TRUSTED_PROXIES": "127.0.0.1/32",
            **{f"THROTTLE_{throttle}": "off" for throttle in THROTTLES},
        }
        environment = {f"DOORWARD_{name}": str(value) for name, value in settings.items()}
        self.banner, self.log = directory / "banner", directory / "log"
        with self.banner.open("wb") as banner, self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [binary], env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=banner, stderr=log
            )
        try:
            self.port = self.told_port()
        except BaseException:
            self.stop()
            raise

    def told_port(self):
        """Where it listens, once it has said so."""
        for _ in range(300):
            told = re.search(r"http://127\.0\.0\.1:(\d+)/api/", self.banner.read_text(encoding="utf-8"))
            if told:
                return int(told.group(1))
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit("the service did not start:\n" + self.log.read_text(encoding="utf-8"))

    def connect(self, address, timeout=PATIENCE):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout, source_address=(address, 0))

    def processor_time(self):
        """What it has used of the processors, in seconds."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def post(connection, path, body):
    """Status and results of a request with a JSON body."""
    connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())["results"]


def log_in(service, username, address):
    """Status and results of a login on a connection of its own."""
    connection = service.connect(address)
    try:
        return post(connection, "/api/auth/login", {"username": username, "password": PASSWORD})
    finally:
        connection.close()


def honest(service, over, results):
    """Logs in once after the other: how long each took that succeeded, and how many did not."""
    took, failed = [], 0
    while not over.is_set():
        begun = time.monotonic()
        try:
            status, _ = log_in(service, "honest@example.com", "127.0.0.2")
        except OSError:
            status = None
        elapsed = time.monotonic() - begun
        if status == 200 and elapsed <= PATIENCE:
            took.append(elapsed)
        else:
            failed += 1
        over.wait(0.05)
    results.put((took, failed))


def reader(service, token, path, over, results):
    """Reads, fifty times a second, on one connection: how long each answer took, and how many were none."""
    took, failed = [], 0
    connection = service.connect("127.0.0.3")
    while not over.is_set():
        begun = time.monotonic()
        try:
            connection.request("GET", path, headers={"authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            failed += answer.status != 200
        except (OSError, http.client.HTTPException):
            connection.close()
            failed += 1
        elapsed = time.monotonic() - begun
        took.append(elapsed)
        over.wait(max(0, 0.02 - elapsed))
    results.put((took, failed))


def refused(service, network, over, results):
    """Logs in from a network of the flood: how long refusals took. What is hashed is none."""
    took = []
    connection = service.connect("127.0.0.1", 30)
    headers = {"content-type": "application/json", "x-forwarded-for": network}
    body = json.dumps({"username": "flood@example.com", "password": PASSWORD})
    while not over.is_set():
        begun = time.monotonic()
        connection.request("POST", "/api/auth/login", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status == 503:
            took.append(time.monotonic() - begun)
        over.wait(0.02)
    results.put((took, 0))


def alone(watch, *arguments):
    """What is a process of its own leaves the ending of everything else to the first."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    watch(*arguments)


class Watchers:
    """The readers and, where they are wanted, an honest client and one of the flood; each a process, so that none waits for
    another.
    """

    def __init__(self, service, token, has_honest, is_flooded):
        self.over = multiprocessing.Event()
        self.results = {}
        self.processes = []
        if has_honest:
            self.start("login at 127.0.0.2", honest, service)
        if is_flooded:
            self.start("refusals of the flood", refused, service, "198.51.100.0")
        for path in ["/api/user/me", "/api/user/all?limit=1"]:
            self.start(f"GET {path}", reader, service, token, path)

    def start(self, name, watch, *arguments):
        self.results[name] = multiprocessing.Queue()
        arguments = (watch, *arguments, self.over, self.results[name])
        self.processes.append(multiprocessing.Process(target=alone, args=arguments, daemon=True))
        self.processes[-1].start()

    def end(self):
        """Prints what each has seen; answers whether that was good enough."""
        self.over.set()
        is_good = True
        for name, results in self.results.items():
            took, failed = results.get(timeout=30)
            took.sort()
            if name.startswith("login"):
                total = len(took) + failed
                is_good &= len(took) >= 0.95 * total
                told = f"{len(took)} of {total} within {PATIENCE} s"
            else:
                is_good &= failed == 0
                told = f"{len(took)} answers, {failed} bad"
            if took:
                half, late, longest = (took[int((len(took) - 1) * share)] * 1000 for share in (0.5, 0.99, 1))
                told += f", p50 {half:.1f} ms, p99 {late:.1f} ms, longest {longest:.1f} ms"
            print(f"  {name:<26} {told}", flush=True)
        for process in self.processes:
            process.join(10)
        return is_good


@contextlib.contextmanager
def flooding(service, networks, seconds):
    """Runs it meanwhile; what it says can be read from what this gives."""
    environment = {**os.environ, "NETWORKS": str(networks), "PASSWORD": PASSWORD}
    script = pathlib.Path(__file__).with_name("flood.lua")
    command = ["wrk", "-t1", "-c200", f"-d{seconds}s", "--timeout", "30s", "-s", script]
    command.append(f"http://127.0.0.1:{service.port}")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as client:
        try:
            time.sleep(0.5)
            yield client
        finally:
            client.terminate()


def tell_flood(client, seconds):
    """Waits for its end, and prints what it came to."""
    said, _ = client.communicate(timeout=seconds + 60)
    total, bad = (
        int((re.search(pattern, said) or ["", "0"])[1])
        for pattern in (r"(\d+) requests in", r"Non-2xx or 3xx responses: (\d+)")
    )
    print(f"  {'the flood itself':<26} {(total - bad) / seconds:.1f} logins/s, {bad / seconds:.0f} refusals/s", flush=True)


def name_of(networks):
    return f"a flood from {networks} network{'s' * (networks != 1)}"


def flood(service, token, networks, seconds):
    """One flood; answers whether everybody else was served."""
    print(f"{name_of(networks)}, {seconds} s", flush=True)
    with flooding(service, networks, seconds) as client:
        watchers = Watchers(service, token, True, True)
        tell_flood(client, seconds)
        return watchers.end()


def without_flood(service, token, has_honest, seconds):
    """The readers, alone or beside somebody who logs in once after the other."""
    print(f"{'one honest login after the other' if has_honest else 'nobody else'}, {seconds} s", flush=True)
    watchers = Watchers(service, token, has_honest, False)
    time.sleep(seconds)
    return watchers.end()


def pressed(service, token, seconds):
    """`wrk` reads as fast as it is answered."""
    command = ["wrk", "-t1", f"-c{PRESSING}", f"-d{seconds}s", "--timeout", "30s", "--latency", "-H", f"Authorization: Bearer {token}"]
    command.append(f"http://127.0.0.1:{service.port}/api/user/me")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        try:
            text, _ = client.communicate(timeout=seconds + 60)
        finally:
            client.terminate()
    try:
        said = wrk.read(text)
    except wrk.WrongAnswers as fault:
        print(f"  wrk was not answered: {fault}", flush=True)
        return False
    told = f"{said.count} answers, {said.rate:.0f} a second, p50 {said.p50:.1f} ms, p99 {said.p99:.1f} ms"
    print(f"  {'GET /api/user/me':<26} {told}", flush=True)
    return True


def pressed_twice(service, token, networks, seconds):
    """Without a flood, and with one that goes on for longer than the reading."""
    print(f"nobody else, by wrk, {seconds} s", flush=True)
    is_good = pressed(service, token, seconds)
    print(f"{name_of(networks)}, by wrk, {seconds} s", flush=True)
    with flooding(service, networks, seconds + 1) as client:
        is_good &= pressed(service, token, seconds)
        tell_flood(client, seconds + 1)
    return is_good


def hang_up(service):
    """How long the service works for clients that have gone; they ask and hang up at once."""
    body = json.dumps({"username": "flood@example.com", "password": PASSWORD})
    head = f"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    clients = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(HANG_UPS)]
    for client in clients:
        client.sendall((head + body).encode())
    for client in clients:
        client.close()
    begun = last_busy = time.monotonic()
    used = service.processor_time()
    while time.monotonic() - begun < 15 and time.monotonic() - last_busy < 1:
        time.sleep(0.1)
        now_used = service.processor_time()
        if now_used - used > 0.02:
            last_busy = time.monotonic()
        used = now_used
    print(f"{HANG_UPS} clients hang up: hashing goes on for {last_busy - begun:.1f} s", flush=True)


def stop_once(*_):
    """Whoever is asked to stop still ends what was started, and is not disturbed at it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("binary")
    arguments.add_argument("--seconds", type=int, default=30)
    arguments.add_argument("--networks", type=int, nargs="+", default=[1, 10])
    given = arguments.parse_args()
    signal.signal(signal.SIGTERM, stop_once)
    with tempfile.TemporaryDirectory() as directory:
        service = Service(given.binary, pathlib.Path(directory))
        try:
            connection = service.connect("127.0.0.2")
            for username in ["honest@example.com", "flood@example.com"]:
                account = {"username": username, "password": PASSWORD, "password_confirm": PASSWORD}
                status, results = post(connection, "/api/user", account)
                if status != 201:
                    raise SystemExit(f"{username} could not register: {results}")
            connection.close()
            token = log_in(service, ADMIN, "127.0.0.3")[1]["access_token"]
            is_good = without_flood(service, token, False, given.seconds)
            is_good &= without_flood(service, token, True, given.seconds)
            for networks in given.networks:
                is_good &= flood(service, token, networks, given.seconds)
                time.sleep(5)
            is_good &= pressed_twice(service, token, given.networks[0], given.seconds)
            time.sleep(5)
            hang_up(service)
        finally:
            service.stop()
    if not is_good:
        print("others did notice the flood", file=sys.stderr)
        return NOTICED
    return 0


if __name__ == "__main__":
    sys.exit(main())
