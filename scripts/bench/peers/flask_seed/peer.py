"""Flask with Flask-JWT-Extended, as the service that Doorward's API comes from; under gunicorn."""

import json

from scripts.bench.peers.peer_server import ADMIN, JSON, PAGE, PASSWORD, Refresh, Request, Signed, address
from scripts.bench.peers.python_peer import GUNICORN, PythonPeer

PROFILE = {"fullname": "Person", "city": "London"}


class Peer(PythonPeer):
    name = "flask_seed"
    packages = ("Flask", "Flask-JWT-Extended", "Flask-SQLAlchemy", "SQLAlchemy", "psycopg", "redis", "bcrypt", "gunicorn")
    defaults = GUNICORN
    needs_redis = True
    fill_statements = (
        """INSERT INTO users (username, password, default_user_type, profile, last_login)
        SELECT 'person' || n || '@doorward.example', '{hash}', 'user',
            jsonb_build_object('fullname', 'Person ' || n, 'city', 'London'), now()
        FROM generate_series({first}, {last}) AS n""",
    )
    ready_path = "/api/user/me"

    def command(self):
        return self.gunicorn("service:application")

    def make_tables(self):
        program = "import service; service.application.app_context().push(); service.database.create_all()"
        self.run(self.python, "-c", program)

    def hash_of_password(self):
        program = f"import bcrypt; print(bcrypt.hashpw({PASSWORD.encode()!r}, bcrypt.gensalt({self.bcrypt_cost})).decode())"
        return self.run(self.python, "-c", program)

    def sign_up_request(self, number):
        body = {"username": address(number), "password": PASSWORD, "profile": PROFILE}
        return Request("POST", "/api/user", JSON, json.dumps(body))

    def sign_in_request(self, number):
        return Request("POST", "/api/auth/login", JSON, json.dumps({"username": address(number), "password": PASSWORD}))

    def sign_in(self, number):
        pair = self.must(self.sign_in_request(number)).json()["results"]
        bearer = {"authorization": f"Bearer {pair['access_token']}"}
        # As its documents have it, the refresh token stays the same until it expires.
        refresh = Request("POST", "/api/auth/refresh", {"authorization": "Bearer {token}"})
        return Signed(
            number, bearer, "/api/user/me", Request("GET", "/api/auth/logout", bearer),
            Refresh(refresh, pair["refresh_token"], '"access_token":"([^"]+)"'),
        )

    def list_request(self, page=1):
        if ADMIN not in self.signed:
            self.signed[ADMIN] = self.sign_up(ADMIN)
        return Request("GET", f"/api/user/all?page={page}&per_page={PAGE}", self.signed[ADMIN].headers)
