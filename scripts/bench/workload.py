"""What people do at Doorward, as plans for the client. Each is made anew for a run: tokens that are spent are spent."""

import time

from scripts.bench.clients import JSON, login_body, registration_body
from scripts.bench.plan import Plan, Request

# So many connections ask where answers need not be remembered, and so many where they do, or where it writes.
READERS = 64
WRITERS = 32
# Enough to keep every core hashing, and so few that little is left in the queue when they go.
HASHERS = 8
# So many people at most are looked for in the tokens of one reader.
LOGGED_IN = 1000
# Sessions are slow to open, so a store that is quicker than this has spent them all before the time is over.
LOGOUTS_A_SECOND = 1500
LIST = "/api/user/all?limit=50"
CAPTURES = {"access": '"access_token":"([^"]+)"', "refresh": '"refresh_token":"([^"]+)"'}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def me(door, people, seconds, connections):
    """GET /api/user/me, each person in turn with a token of their own."""
    sessions = door.sessions(people, min(len(people), LOGGED_IN))
    return Plan([Request("GET", "/api/user/me", bearer(one.access)) for one in sessions], connections=connections)


def lists(door, people, seconds, connections):
    """The first 50 users, as an admin sees them: whole documents."""
    return Plan([Request("GET", LIST, bearer(door.admin().access))], connections=connections)


def refresh(door, people, seconds, connections):
    """POST /api/auth/refresh, on each connection with the token that the answer before brought."""
    values = [{"refresh": one.refresh} for one in door.sessions(people, connections)]
    request = Request("POST", "/api/auth/refresh", bearer("{refresh}"))
    return Plan([request], "steps", connections, connections, values, {"refresh": CAPTURES["refresh"]})


def change(door, people, seconds, connections):
    """PUT /api/user: each person in turn moves to another city."""
    sessions = door.sessions(people, min(len(people), LOGGED_IN))
    body = '{"profile":{"city":"City {number}"}}'
    return Plan([Request("PUT", "/api/user", {**bearer(one.access), **JSON}, body) for one in sessions], connections=connections)


def login(door, people, seconds, connections):
    """POST /api/auth/login, each person in turn."""
    return Plan([Request("POST", "/api/auth/login", JSON, login_body(person)) for person in people], connections=connections)


def register(door, people, seconds, connections):
    """POST /api/user, each time somebody new."""
    body = registration_body(f"new-{time.time_ns():x}-{{number}}@example.com")
    return Plan([Request("POST", "/api/user", JSON, body)], connections=connections)


def logout(door, people, seconds, connections):
    """POST /api/auth/logout, each with a session that was opened before; it ends when there are none left."""
    sessions = door.sessions(people, LOGOUTS_A_SECOND * seconds)
    return Plan([Request("POST", "/api/auth/logout", bearer(one.access)) for one in sessions], "once", connections)


def life():
    """Of one session, from its login to its logout: mostly reads, some changes and refreshes, now and then somebody new."""
    access = bearer("{access}")
    read = [Request("GET", "/api/user/me", access)] * 9
    reads = [*read[:5], Request("GET", LIST.replace("50", "10"), access), *read[5:], Request("GET", LIST.replace("50", "10"), access)]
    moves = Request("PUT", "/api/user", {**access, **JSON}, '{"profile":{"city":"City {number}"}}')
    renews = Request("POST", "/api/auth/refresh", bearer("{refresh}"))
    return [
        Request("POST", "/api/auth/login", JSON, login_body("{name}")),
        *reads[:4], moves, *reads[4:7], renews, *reads[7:9], moves, *reads[9:], renews,
        Request("POST", "/api/auth/logout", access),
    ]


def mixed(door, people, seconds, connections):
    """Lives of sessions, and one registration for every six of them."""
    if len(people) < connections:
        raise SystemExit(f"{len(people)} people cannot live {connections} lives at once: --people has to be as large")
    new = Request("POST", "/api/user", JSON, registration_body(f"mixed-{time.time_ns():x}-{{number}}@example.com"))
    values = [{"name": name} for name in people[:connections]]
    return Plan([*life() * 6, new], "steps", connections, connections, values, CAPTURES)


CONNECTIONS = {
    "me": READERS, "refresh": WRITERS, "change": WRITERS, "mixed": WRITERS, "login": HASHERS, "register": WRITERS, "logout": WRITERS,
    "lists": READERS,
}
WORKLOADS = {
    "me": me, "refresh": refresh, "change": change, "mixed": mixed, "login": login, "register": register, "logout": logout, "lists": lists,
}
