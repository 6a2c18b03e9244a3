"""Django with djoser and simplejwt, whose refresh tokens are for one use; under gunicorn."""

import json

from scripts.bench.peers.peer_server import ADMIN, JSON, PASSWORD, Refresh, Request, Signed, address
from scripts.bench.peers.python_peer import GUNICORN, PythonPeer


class Peer(PythonPeer):
    name = "djoser"
    packages = ("Django", "djangorestframework", "djangorestframework_simplejwt", "djoser", "psycopg", "bcrypt", "gunicorn")
    # `pages`: "number" is the usual kind of list; "cursor" is the one for large tables, whose pages have no number.
    defaults = {**GUNICORN, "pages": "number"}
    fill_statements = (
        """INSERT INTO auth_user
            (username, email, password, first_name, last_name, is_active, is_staff, is_superuser, date_joined)
        SELECT address, address, '{hash}', 'Person', n::TEXT, true, false, false, now()
        FROM (SELECT n, 'person' || n || '@doorward.example' AS address FROM generate_series({first}, {last}) AS n) AS made""",
    )
    ready_path = "/auth/users/me/"

    def environment(self):
        return {**super().environment(), "DJANGO_SETTINGS_MODULE": "service.settings"}

    def command(self):
        return self.gunicorn("service.application:application")

    def make_tables(self):
        self.run(self.python, "-m", "django", "migrate", "--verbosity", "0", "--pythonpath", ".")

    def hash_of_password(self):
        program = "import django; django.setup(); from django.contrib.auth.hashers import make_password"
        return self.run(self.python, "-c", f"{program}; print(make_password({PASSWORD!r}))")

    def sign_up_request(self, number):
        body = {"username": address(number), "email": address(number), "password": PASSWORD}
        return Request("POST", "/auth/users/", JSON, json.dumps(body), 201)

    def sign_in_request(self, number):
        return Request("POST", "/auth/jwt/create/", JSON, json.dumps({"username": address(number), "password": PASSWORD}))

    def sign_in(self, number):
        pair = self.must(self.sign_in_request(number)).json()
        bearer = {"authorization": f"Bearer {pair['access']}"}
        refresh = Request("POST", "/auth/jwt/refresh/", JSON, '{"refresh":"{token}"}')
        log_out = Request("POST", "/auth/jwt/blacklist/", JSON, json.dumps({"refresh": pair["refresh"]}))
        return Signed(
            number, bearer, "/auth/users/me/", log_out,
            Refresh(refresh, pair["refresh"], '"access":"([^"]+)"', '"refresh":"([^"]+)"', is_for_one_use=True),
            # The access token is good until it expires.
            ends_on_log_out=False,
        )

    def list_request(self, page=1):
        if ADMIN not in self.signed:
            self.must(self.sign_up_request(ADMIN))
            self.sql(f"UPDATE auth_user SET is_staff = true WHERE username = '{address(ADMIN)}'")
            self.signed[ADMIN] = self.sign_in(ADMIN)
        if self.options["pages"] == "cursor" and page > 1:
            raise SystemExit("djoser: pages by cursor have no number: follow `next` of the page before")
        query = "" if self.options["pages"] == "cursor" else f"?page={page}"
        return Request("GET", f"/auth/users/{query}", self.signed[ADMIN].headers)
