"""Fills the small file system that a service keeps its database on, and checks what everybody is told.

    python3 -m scripts.faults.disk_full BINARY DIRECTORY
"""

import errno
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

PASSWORD = "correct horse batt"
ADMIN = "admin@doorward.example"
# How much room is left when a round begins: SQLite meets the end in its log, or in the memory that it shares.
ROUNDS = [0, 4 << 10, 40 << 10, 400 << 10, 1 << 20]
READS = 100


class Service:
    """Doorward, with cheap passwords and a log that is elsewhere."""

    def __init__(self, binary, directory):
        self.binary = binary
        password = pathlib.Path(directory) / "admin-password"
        password.write_text(PASSWORD, encoding="utf-8")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DOORWARD_")},
            "DOORWARD_BIND": "127.0.0.1:0", "DOORWARD_DATA_DIR": str(pathlib.Path(directory) / "data"),
            "DOORWARD_BCRYPT_COST": "4", "DOORWARD_THROTTLE_REGISTRATION": "off", "DOORWARD_THROTTLE_CHANGES": "off",
            "DOORWARD_THROTTLE_LOGIN_NETWORK": "off", "DOORWARD_THROTTLE_LOGIN_GUESSES": "off",
            "DOORWARD_ADMIN_EMAIL": ADMIN, "DOORWARD_ADMIN_PASSWORD_FILE": str(password),
        }
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.binary], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for line in self.process.stdout:
            found = re.search(r"API +http://([\d.:]+)/api/", line)
            if found:
                self.place = found.group(1)
                return
        raise SystemExit("the service did not start")

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait()
        self.process.stdout.close()

    def ask(self, method, path, token=None, body=None):
        connection = http.client.HTTPConnection(self.place, timeout=20)
        headers = {"content-type": "application/json"} if body is not None else {}
        if token:
            headers["authorization"] = f"Bearer {token}"
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        read = json.loads(answer.read())
        if answer.status == 503:
            assert answer.headers["retry-after"], "a 503 without Retry-After"
            assert read["status"] is False and read["results"]["code"] == "unavailable", read
        connection.close()
        return answer.status, read

    def login(self, username):
        return self.ask("POST", "/api/auth/login", body={"username": username, "password": PASSWORD})

    def register(self, username):
        body = {"username": username, "password": PASSWORD, "password_confirm": PASSWORD}
        return self.ask("POST", "/api/user", body=body)[0]

    def run(self, *arguments):
        return subprocess.run([self.binary, *arguments], env=self.environment, capture_output=True, text=True, check=False)


def fill(path, left):
    """Takes all the room there is, but so many bytes."""
    with open(path, "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        ballast.truncate(max(ballast.tell() - left, 0))


def main(binary, directory):
    service = Service(binary, directory)
    try:
        check_everybody(service, directory)
    finally:
        if service.process.poll() is None:
            service.end(signal.SIGKILL)


def check_everybody(service, directory):
    ballast = pathlib.Path(directory) / "ballast"
    token = service.login(ADMIN)[1]["results"]["access_token"]
    acknowledged, refused, number = [], 0, 0
    for place, left in enumerate(ROUNDS):
        fill(ballast, left)
        in_a_row = 0
        while in_a_row < 20:
            number += 1
            name = f"user{number}@example.com"
            status = service.register(name)
            assert status in (201, 503), status
            if status == 201:
                acknowledged.append(name)
                in_a_row = 0
            else:
                refused += 1
                in_a_row += 1
        assert service.login(ADMIN)[0] == 503, "a login is written"
        for _ in range(READS):
            assert service.ask("GET", "/api/user/me", token)[0] == 200
            assert service.ask("GET", "/api/user/all?limit=1", token)[0] == 200
        backup = service.run("backup", str(pathlib.Path(directory) / "backup"))
        assert backup.returncode == 1 and not list(pathlib.Path(directory).glob("*backup*")), backup
        # Round about, the process is killed while there is no room, and starts again without any.
        if place % 2 == 0:
            service.end(signal.SIGKILL)
            service.start()
            for _ in range(READS):
                assert service.ask("GET", "/api/user/me", token)[0] == 200
            name = f"full{place}@example.com"
            status = service.register(name)
            assert status in (201, 503), status
            if status == 201:
                acknowledged.append(name)
        ballast.unlink()
        name = f"after{place}@example.com"
        assert service.register(name) == 201, f"round {place}: no write goes through although there is room"
        acknowledged.append(name)
        token = service.login(ADMIN)[1]["results"]["access_token"]
    there = {entry["username"] for entry in everybody(service, token)}
    lost = [name for name in acknowledged if name not in there]
    assert not lost, f"acknowledged and lost: {lost}"
    check = service.run("check")
    # A small file system is no fault here, and the only one.
    faults = [line for line in check.stdout.splitlines() if line.startswith("  - ") and "free on its" not in line]
    assert check.returncode in (0, 1) and not faults, check
    service.end(signal.SIGTERM)
    kills = len(ROUNDS[::2])
    print(f"{len(ROUNDS)} times full, {kills} times killed and started so: {len(acknowledged)} writes acknowledged, 0 lost;"
          f" {refused} refused with 503; {2 * READS * len(ROUNDS) + READS * kills} reads meanwhile, all answered")


def everybody(service, token):
    path = "/api/user/all?limit=100"
    while path:
        _, answer = service.ask("GET", path, token)
        yield from answer["results"]
        following = answer["page"]["next"]
        path = following and f"/api/user/all?limit=100&cursor={following}"


main(*sys.argv[1:])
