"""A service that Doorward is measured beside: how each is started, asked and stopped.

The first requests to each worker are slow, because frameworks load much of themselves then: a measurement wants a few
hundred requests before it. A peer listens on a port of 127.0.0.1, keeps its log in the directory it is installed in, and
is stopped by its own process id. What a request looks like differs from peer to peer; what can be asked for does not.
"""

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import re
import secrets
import signal
import subprocess
import sys
import urllib.parse

from scripts.kit.nodes import free_port, until

# Everybody has the same, also those who are filled in.
PASSWORD = "correct horse batt"
ADMIN = 0
JSON = {"content-type": "application/json"}
# So many users on one page of a list.
PAGE = 50


@dataclasses.dataclass
class Request:
    """What is sent, and the status that says it was done."""

    method: str
    path: str
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body: str | None = None
    status: int = 200


@dataclasses.dataclass
class Refresh:
    """A request for new tokens. `{token}` stands in `headers` or `body` where the present one has to be put.

    `next_token` finds the one to use next in the answer, as its only group; it means the same to Python's `re` and to
    Lua's `string.match`. None: the token stays. `new_access` finds the new access token likewise.
    """

    request: Request
    token: str
    new_access: str
    next_token: str | None = None
    # Whether one that was used is refused from then on.
    is_for_one_use: bool = False

    def filled(self, token=None):
        """The request as it is sent."""
        token = token or self.token
        headers = {name: value.replace("{token}", token) for name, value in self.request.headers.items()}
        body = self.request.body and self.request.body.replace("{token}", token)
        return dataclasses.replace(self.request, headers=headers, body=body)


@dataclasses.dataclass
class Signed:
    """Somebody who is signed in."""

    number: int
    headers: dict[str, str]
    me_path: str
    log_out: Request
    # None where the framework has no such thing.
    refresh: Refresh | None = None
    # Whether `me` is refused after `log_out`.
    ends_on_log_out: bool = True

    @property
    def me(self):
        return Request("GET", self.me_path, self.headers)


@dataclasses.dataclass
class Answer:
    status: int
    text: str
    cookies: list[str]

    def json(self):
        return json.loads(self.text)


def address(number):
    """Person 0 is the admin; those who are filled in begin at 1."""
    return "admin@doorward.example" if number == ADMIN else f"person{number}@doorward.example"


class PeerServer:
    """What all peers share. A peer says what its own requests and tables are."""

    name = ""
    # Those of the installed packages that a reader has to know the versions of.
    packages: tuple[str, ...] = ()
    # Settings of this peer alone, with what they are unless given.
    defaults: dict[str, object] = {}
    needs_redis = False
    # SQL that puts person `{first}` to `{last}` into the tables, each with `{hash}`.
    fill_statements: tuple[str, ...] = ()
    ready_path = "/"

    def __init__(self, directory, database_url, redis_url=None, workers=None, bcrypt_cost=4, port=None, **options):
        unknown = sorted(set(options) - set(self.defaults))
        if unknown:
            raise SystemExit(f"{self.name} has no option {', '.join(unknown)}; it has: {', '.join(sorted(self.defaults)) or 'none'}")
        if self.needs_redis and not redis_url:
            raise SystemExit(f"{self.name} needs a Redis: give its URL")
        self.directory = pathlib.Path(directory).resolve()
        if not (self.directory / "installed").exists():
            raise SystemExit(f"{self.name} is not installed: scripts/bench/peers/{self.name}/install.sh {directory}")
        self.database_url, self.redis_url = database_url, redis_url
        self.workers, self.bcrypt_cost = workers or len(os.sched_getaffinity(0)), bcrypt_cost
        self.port = port or free_port()
        self.options = {**self.defaults, **options}
        self.secret, self.process, self.filled = secrets.token_urlsafe(48), None, 0
        self.signed: dict[int, Signed] = {}
        # Two of the same may run at once.
        self.log = self.directory / f"log-{self.port}"

    @property
    def sources(self):
        """Where the application's files are."""
        return pathlib.Path(sys.modules[type(self).__module__].__file__).resolve().parent

    @property
    def place(self):
        return "127.0.0.1", self.port

    @property
    def pid(self):
        """The parent of all its processes."""
        return self.process and self.process.pid

    def environment(self):
        """What the application is told. Nothing of it is in a file."""
        told = {
            "PEER_SECRET": self.secret,
            "PEER_DATABASE_URL": self.database_url,
            "PEER_REDIS_URL": self.redis_url or "",
            "PEER_BCRYPT_COST": str(self.bcrypt_cost),
            "PEER_PORT": str(self.port),
            "PEER_WORKERS": str(self.workers),
            **{f"PEER_{name.upper()}": str(value) for name, value in self.options.items()},
        }
        return {**{name: value for name, value in os.environ.items() if not name.startswith("PEER_")}, **told}

    def run(self, *command):
        """Runs a command of the application to its end, and answers what it printed."""
        run = subprocess.run(command, env=self.environment(), cwd=self.sources, capture_output=True, text=True, check=False)
        if run.returncode:
            raise SystemExit(f"{self.name}: {' '.join(map(str, command[:4]))} failed:\n{run.stdout}{run.stderr}")
        return run.stdout.strip()

    def sql(self, statement):
        psql = ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]
        run = subprocess.run(
            [*psql, "--dbname", self.database_url, "--command", statement], capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise SystemExit(f"{self.name}: {statement[:200]} failed:\n{run.stderr}")
        return run.stdout.strip()

    def prepare(self):
        """Makes the tables in an empty database."""
        # PostgreSQL's own default, which these frameworks are written for, also where the server has another.
        database = urllib.parse.urlsplit(self.database_url).path.lstrip("/")
        self.sql(f"ALTER DATABASE \"{database}\" SET default_transaction_isolation = 'read committed'")
        self.make_tables()

    def start(self):
        """Starts it, and waits until it answers."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(part) for part in self.command()],
                env=self.environment(),
                cwd=self.sources,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A group of its own: whatever it starts can be ended with it.
                start_new_session=True,
            )
        try:
            until(f"{self.name} answers", self.answers, fault=self.told)
        except BaseException:
            self.kill()
            raise

    def answers(self):
        if self.process.poll() is not None:
            raise SystemExit(f"{self.name} ended with {self.process.returncode}:\n{self.told()}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask(Request("GET", self.ready_path)).status < 500
        return False

    def told(self):
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def stop(self):
        """Asks it to stop, and waits until it has."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            told = self.told()
            self.kill()
            raise SystemExit(f"{self.name} did not stop:\n{told}") from None
        self.kill()

    def kill(self):
        """Whatever happened, none of its processes is left."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        self.log.unlink(missing_ok=True)

    def ask(self, request, timeout=30):
        """The answer to a request on a connection of its own."""
        connection = http.client.HTTPConnection(*self.place, timeout=timeout)
        try:
            connection.request(request.method, request.path, request.body, request.headers)
            response = connection.getresponse()
            return Answer(response.status, response.read().decode(), response.headers.get_all("set-cookie") or [])
        finally:
            connection.close()

    def must(self, request):
        """The answer to a request that has to be done."""
        answer = self.ask(request)
        if answer.status != request.status:
            raise SystemExit(
                f"{self.name}: {request.method} {request.path} was answered {answer.status}, not {request.status}:\n"
                f"{answer.text[:1000]}\n{self.told()}"
            )
        return answer

    def fill(self, count):
        """Has the tables hold person 1 to `count`, each with PASSWORD. Call it again for more."""
        if count <= self.filled:
            return
        shared_hash = self.hash_of_password().replace("'", "''")
        for statement in self.fill_statements:
            self.sql(statement.format(first=self.filled + 1, last=count, hash=shared_hash))
        self.sql("VACUUM ANALYZE")
        self.filled = count

    def sign_up(self, number):
        """Opens an account by the peer's own route, and signs in."""
        self.must(self.sign_up_request(number))
        return self.sign_in(number)

    def found(self, pattern, answer):
        """What a pattern finds in an answer."""
        found = re.search(pattern, answer.text)
        if not found:
            raise SystemExit(f"{self.name}: there is no {pattern} in the answer: {answer.text[:500]}")
        return found.group(1)

    # What each peer says for itself.

    def command(self):
        """The command that serves."""
        raise NotImplementedError

    def make_tables(self):
        raise NotImplementedError

    def hash_of_password(self):
        """PASSWORD as the peer's tables keep it."""
        raise NotImplementedError

    def sign_up_request(self, number):
        raise NotImplementedError

    def sign_in_request(self, number):
        raise NotImplementedError

    def sign_in(self, number):
        raise NotImplementedError

    def list_request(self, page=1):
        """A page of 50 users, as the admin sees it; None where the framework has no list."""
        raise NotImplementedError
