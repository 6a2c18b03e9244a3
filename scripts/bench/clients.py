"""Signs people up and in at a Doorward, many at once."""

import concurrent.futures
import dataclasses
import http.client
import itertools
import json
import threading
import time

from scripts.kit.nodes import ADMIN, PASSWORD

AT_ONCE = 8
JSON = {"content-type": "application/json"}
# As the people of the peers have it.
PROFILE = {"fullname": "Person", "city": "London"}


@dataclasses.dataclass(frozen=True)
class Session:
    """A login, and the tokens that it brought."""

    username: str
    access: str
    refresh: str


def login_body(username):
    return json.dumps({"username": username, "password": PASSWORD})


def registration_body(username):
    return json.dumps({"username": username, "password": PASSWORD, "password_confirm": PASSWORD, "profile": PROFILE})


class Door:
    """Where people go in: one connection for each thread that knocks."""

    def __init__(self, place):
        self.place, self.kept = place, threading.local()

    def ask(self, wanted, method, path, body):
        """The results; any other status than the one that is wanted ends the run."""
        connection = getattr(self.kept, "connection", None)
        if connection is None:
            connection = self.kept.connection = http.client.HTTPConnection(*self.place, timeout=60)
        connection.request(method, path, body, JSON)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != wanted:
            raise SystemExit(f"{method} {path} was answered {answer.status}: {text.decode(errors='replace')[:300]}")
        return json.loads(text)["results"]

    def sign_up(self, username):
        self.ask(201, "POST", "/api/user", registration_body(username))
        return username

    def sign_in(self, username):
        tokens = self.ask(200, "POST", "/api/auth/login", login_body(username))
        return Session(username, tokens["access_token"], tokens["refresh_token"])

    def admin(self):
        return self.sign_in(ADMIN)

    def for_each(self, step, usernames):
        """The step for each of them, in their order."""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(step, usernames))

    def people(self, count):
        """Usernames of new accounts, which nobody else has."""
        mark = f"{time.time_ns():x}"
        return self.for_each(self.sign_up, [f"bench-{mark}-{number}@example.com" for number in range(count)])

    def sessions(self, usernames, count):
        """So many new sessions of these people in turn."""
        return self.for_each(self.sign_in, itertools.islice(itertools.cycle(usernames), count))
