"""FastAPI-Users with JWTs, on SQLAlchemy and asyncpg, under uvicorn."""

import json
import urllib.parse

from scripts.bench.peers.peer_server import JSON, PASSWORD, Request, Signed, address
from scripts.bench.peers.python_peer import PythonPeer

FORM = {"content-type": "application/x-www-form-urlencoded"}


class Peer(PythonPeer):
    name = "fastapi_users"
    packages = ("fastapi", "fastapi-users", "SQLAlchemy", "asyncpg", "pydantic", "bcrypt", "uvicorn", "uvloop", "httptools")
    # Connections to the database that a worker keeps: as many as SQLAlchemy does unless told otherwise, and more are slower.
    defaults = {"pool": 5}
    fill_statements = (
        """INSERT INTO "user" (id, email, hashed_password, is_active, is_superuser, is_verified)
        SELECT gen_random_uuid(), 'person' || n || '@doorward.example', '{hash}', true, false, false
        FROM generate_series({first}, {last}) AS n""",
    )
    ready_path = "/users/me"

    def command(self):
        return [
            self.python, "-m", "uvicorn", "service:application", "--host", "127.0.0.1", "--port", self.port,
            "--workers", self.workers, "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
        ]

    def make_tables(self):
        self.run(self.python, "-c", "import asyncio, service; asyncio.run(service.make_tables())")

    def hash_of_password(self):
        return self.run(self.python, "-c", f"import service; print(service.passwords.hash({PASSWORD!r}))")

    def sign_up_request(self, number):
        return Request("POST", "/auth/register", JSON, json.dumps({"email": address(number), "password": PASSWORD}), 201)

    def sign_in_request(self, number):
        form = urllib.parse.urlencode({"username": address(number), "password": PASSWORD})
        return Request("POST", "/auth/jwt/login", FORM, form)

    def sign_in(self, number):
        bearer = {"authorization": f"Bearer {self.must(self.sign_in_request(number)).json()['access_token']}"}
        # Its JWTs are good until they expire: there is nothing to refresh them with, and logging out ends nothing.
        return Signed(number, bearer, "/users/me", Request("POST", "/auth/jwt/logout", bearer, status=204), ends_on_log_out=False)

    def list_request(self, page=1):
        """It has no list of users."""
