"""Moves the clocks of two nodes that share a database, and checks that whatever was ended stays so.

    TEST_DATABASE_URL=… python3 -m scripts.faults.clock_jumps BINARY

The clocks are those that libfaketime shows them; timers, which are monotonic, are left alone.
"""

import os
import pathlib
import sys
import tempfile
import time

from scripts.kit.nodes import ADMIN, PASSWORD, Database, Node, ask, ended

LIBRARY = "libfaketimeMT.so.1"
DAY, YEAR = 86_400, 31_557_600
# How far the clock of the first node jumps while it runs, one after the other; the second one's stays, or jumps as well.
JUMPS = [(DAY, 0), (0, 0), (-3_600, 0), (-3_600, -3_600), (-10 * YEAR, 0), (0, 0), (30, 0), (DAY, DAY), (-10 * YEAR, -10 * YEAR), (0, 0)]
# The longest that a session may last from its login on (`refresh_ttl`), and how far two clocks may differ (`leeway`).
LONGEST, LEEWAY = 30 * DAY, 5


def library():
    found = sorted(pathlib.Path("/usr/lib").glob(f"*/faketime/{LIBRARY}"))
    if not found:
        raise SystemExit(f"{LIBRARY} is not there: scripts/test/install.sh installs it")
    return str(found[0])


class Clocked(Node):
    """A node whose clock is another one."""

    def begin(self, binary):
        self.clock = self.directory / "clock"
        self.ahead = 0
        self.clock.write_text("+0\n", encoding="utf-8")
        self.start(binary, LD_PRELOAD=library(), FAKETIME_TIMESTAMP_FILE=str(self.clock), FAKETIME_NO_CACHE="1",
                   FAKETIME_DONT_FAKE_MONOTONIC="1", DONT_FAKE_MONOTONIC="1")

    def jump(self, ahead):
        """From now on it is so many seconds later, or earlier."""
        self.ahead = ahead
        written = self.clock.with_suffix(".new")
        written.write_text(f"{ahead:+d}\n", encoding="utf-8")
        written.rename(self.clock)
        # Its own log says what time it is.
        shown = ask(self.place, "POST", "/api/auth/login", {"username": ADMIN, "password": PASSWORD})
        if shown[0] != 200:
            raise SystemExit(f"nobody can log in at {ahead:+d} s: {shown}")
        lasts = shown[1]["refresh_token_expired"] - (time.time() + ahead)
        if not LONGEST - 60 < lasts <= LONGEST + 1:
            raise SystemExit(f"the clock did not jump, or a session lasts {lasts} s")


def end_some(node):
    """Tokens of sessions that ended in every way there is, and the tokens of one that did not."""
    register = lambda name: ask(node.place, "POST", "/api/user", {"username": name, "password": PASSWORD, "password_confirm": PASSWORD})  # noqa: E731
    login = lambda name, password=PASSWORD: ask(node.place, "POST", "/api/auth/login", {"username": name, "password": password})[1]  # noqa: E731
    admin = login(ADMIN)["access_token"]
    gone = {}
    for way in ["logout", "password", "disabled", "deleted", "admin", "reuse"]:
        name, changed = f"{way}-{time.time_ns():x}@example.com", "another horse batt"
        register(name)
        tokens = login(name)
        token = tokens["access_token"]
        if way == "logout":
            done = ask(node.place, "POST", "/api/auth/logout", token=token)
        elif way == "password":
            other = login(name)["access_token"]
            done = ask(node.place, "PUT", "/api/user/me/password", {"current_password": PASSWORD, "password": changed, "password_confirm": changed}, other)
        elif way == "disabled":
            done = ask(node.place, "PUT", f"/api/user/{name}", {"active": False}, admin)
        elif way == "deleted":
            done = ask(node.place, "DELETE", f"/api/user/{name}", token=admin)
        elif way == "admin":
            done = ask(node.place, "DELETE", f"/api/user/{name}/sessions", token=admin)
        else:
            spent = tokens
            for _ in range(2):
                tokens = ask(node.place, "POST", "/api/auth/refresh", token=tokens["refresh_token"])[1]
            done = (200 if ask(node.place, "POST", "/api/auth/refresh", token=spent["refresh_token"])[0] == 401 else 0, {})
        if done[0] != 200:
            raise SystemExit(f"{way}: {done}")
        gone[f"{way}, before anything"] = (token, tokens["refresh_token"])
    live = f"live-{time.time_ns():x}@example.com"
    register(live)
    return gone, login(live)


def check(nodes, gone, faults):
    """Nothing that ended is good anywhere, whatever time it is."""
    looked = 0
    for node in nodes:
        if ask(node.place, "GET", "/healthz")[0] != 200:
            faults.append(f"{node.name} is not alive")
        for way, (access, refresh) in gone.items():
            for what, answer in [
                ("an access token", ask(node.place, "GET", "/api/user/me", token=access)),
                ("a refresh token", ask(node.place, "POST", "/api/auth/refresh", token=refresh)),
            ]:
                looked += 1
                if answer[0] != 401:
                    faults.append(f"{node.name} at {node.ahead:+d} s: {what} that ended by {way} is answered {answer}")
    return looked


def skewed(nodes, gone, faults):
    """Somebody who logs in at the node that is ahead, and out at the one that is behind or the other way round."""
    for first, second in [nodes, nodes[::-1]]:
        tokens = ask(first.place, "POST", "/api/auth/login", {"username": ADMIN, "password": PASSWORD})[1]
        pair = (tokens["access_token"], tokens["refresh_token"])
        there = ask(second.place, "GET", "/api/user/me", token=pair[0])[0]
        early, late = first.ahead - second.ahead > LEEWAY, second.ahead - first.ahead > 900
        if there != (401 if early or late else 200):
            faults.append(f"a token of {first.name} ({first.ahead:+d} s) is answered {there} by {second.name} ({second.ahead:+d} s)")
        out = next((node for node in (second, first) if ask(node.place, "POST", "/api/auth/logout", token=pair[0])[0] == 200), None)
        if out is None:
            faults.append(f"nobody can log out at {first.ahead:+d} s")
        else:
            gone[f"logout {len(gone)} at {out.ahead:+d} s of a session from {first.ahead:+d} s"] = pair


def run(binary, directory, database):
    settings = {"DATABASE_URL": database.url, "KEYS_DIR": directory / "keys", "PEPPER_FILE": directory / "pepper"}
    nodes = [Clocked(name, directory / name, settings) for name in ("node1", "node2")]
    faults, looked = [], 0
    with ended(*nodes):
        nodes[0].run(binary, "migrate", "apply")
        for node in nodes:
            node.begin(binary)
        gone, live = end_some(nodes[0])
        looked += check(nodes, gone, faults)
        for ahead in JUMPS:
            for node, seconds in zip(nodes, ahead, strict=True):
                node.jump(seconds)
            looked += check(nodes, gone, faults)
            skewed(nodes, gone, faults)
            looked += check(nodes, gone, faults)
        # All clocks are right again: who never left is still there.
        for node in nodes:
            if ask(node.place, "GET", "/api/user/me", token=live["access_token"])[0] != 200:
                faults.append(f"whoever was logged in all the time is not any more, for {node.name}")
        for node in nodes:
            node.stop()
        faults += [f"{node.name} panicked" for node in nodes if b"panicked" in node.log.read_bytes()]
    print(f"{len(JUMPS)} jumps, {len(gone)} sessions ended on the way, looked {looked} times for one that is back")
    for fault in faults[:20]:
        print("  " + fault)
    return bool(faults)


def main():
    database = Database()
    try:
        with tempfile.TemporaryDirectory() as directory:
            return run(os.path.abspath(sys.argv[1]), pathlib.Path(directory), database)
    finally:
        database.drop()


sys.exit(main())
