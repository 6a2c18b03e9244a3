#!/usr/bin/env python3
"""Two services give the same answers, whatever store each has.

    same_answers.py URL URL

Holds one conversation with each of them, newly started and empty but for the first admin, and compares every answer:
status, headers and body, byte for byte but for what no two services share (identifiers, tokens, times, cursors).
"""

import http.client
import json
import os
import re
import sys
import urllib.parse

PASSWORD = os.environ["TEST_PASSWORD"]
ADMIN = "admin@doorward.example"
JSON = {"content-type": "application/json"}

# What differs by nature, and what stands for it. The order counts.
UNSHARED = [
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<token>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
    (r'"(access_token_issued|access_token_expired|refresh_token_expired|expires_at|session_expires_at)":\d+', r'"\1":<seconds>'),
    (r'"expires_in":\d+', '"expires_in":<seconds>'),
    (r'"next":"[^"]+"', '"next":"<cursor>"'),
    (r"cursor=[\w%.~-]+", "cursor=<cursor>"),
    (r'"(kid|x)":"[\w-]{43}"', r'"\1":"<key>"'),
]
# Headers whose value says nothing about the store.
IGNORED = {"date", "x-request-id"}


def masked(text):
    for pattern, stand_in in UNSHARED:
        text = re.sub(pattern, stand_in, text)
    return text


class Conversation:
    """What is said to one service, and what it answers."""

    def __init__(self, base):
        place = urllib.parse.urlsplit(base)
        self.host = place.netloc
        self.connection = http.client.HTTPConnection(place.netloc, timeout=20)
        self.heard = []

    def ask(self, method, path, body=None, token=None, headers=None):
        """Sends a request and answers the body as JSON, if it is some."""
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body), {**JSON, **headers}
        if token:
            headers["authorization"] = f"Bearer {token}"
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        told = sorted(
            f"{name.lower()}: {value}" for name, value in response.getheaders() if name.lower() not in IGNORED
        )
        masked_headers = masked("\n".join(told)).replace(self.host, "<host>")
        # How long the body is depends on what is masked in it.
        masked_headers = re.sub(r"content-length: \d+", "content-length: <length>", masked_headers)
        asked = f"{method} {masked(path)} {masked(str(body or ''))}"
        self.heard.append((asked, response.status, masked_headers, masked(text)))
        try:
            return json.loads(text)
        except ValueError:
            return {}

    def log_in(self, username, password=PASSWORD):
        answer = self.ask("POST", "/api/auth/login", {"username": username, "password": password})
        return answer.get("results", {})


def register(talk, address, **fields):
    """Opens an account, and logs in to it: the order of those who never did is by chance."""
    body = {"username": address, "password": PASSWORD, "password_confirm": PASSWORD, **fields}
    if talk.ask("POST", "/api/user", body).get("status"):
        talk.log_in(address)


def walk(talk, path, token):
    """Every page of a list."""
    separator = "&" if "?" in path else "?"
    cursor = ""
    for _ in range(30):
        page = talk.ask("GET", f"{path}{cursor}", token=token).get("page") or {}
        if not page.get("next"):
            return
        cursor = f"{separator}cursor={urllib.parse.quote(page['next'])}"


def opening(talk):
    """Accounts, and what keeps one from being opened."""
    register(talk, "Ada@Example.com", name="Ada Lovelace")
    register(talk, "ada@example.com")
    register(talk, "bob@example.com", profile={"fullname": "Bob", "gender": "m", "city": "Jakarta"})
    register(talk, "carol@example.com", user_type={"streamer": {"streamer_id": "carol", "streaming_history": ["1", "2"]}, "seller": None})
    register(talk, "dave@exämple.com", name="D%_\\'\";--")
    register(talk, "not an address")
    register(talk, "eve@example.com", password_confirm="something else")
    register(talk, "eve@example.com", favourite="x", role="admin")
    register(talk, "eve@example.com", played_games=["mobile legends", "MOBILE LEGENDS", "Dota"])
    for number in range(12):
        register(talk, f"person{number:02}@example.com", name=f"Person {number}")
    for body in ["", "{", "[]", '{"username":1}', '{"a":1,"a":2}', "null", "\x00", '{"username":"\\u0000@x.y"}']:
        talk.ask("POST", "/api/user", body, headers=JSON)
    talk.ask("POST", "/api/user", "username=x", headers={"content-type": "text/plain"})


def logging_in(talk):
    """Logins, right and wrong."""
    for username, password in [
        ("ada@example.com", PASSWORD), ("ADA@EXAMPLE.COM", PASSWORD), ("ada@example.com", "wrong"),
        ("nobody@example.com", PASSWORD), ("", ""), ("ada@example.com'; DROP TABLE users; --", PASSWORD),
    ]:
        talk.log_in(username, password)
    tokens = talk.log_in("ada@example.com")
    access, refresh = tokens["access_token"], tokens["refresh_token"]
    for method, path in [("GET", "/api/auth/login"), ("GET", "/api/user/me"), ("GET", "/api/refresh")]:
        talk.ask(method, path, token=access)
    talk.ask("GET", "/api/user/me")
    talk.ask("GET", "/api/user/me", token="not.a.token")
    talk.ask("GET", "/api/user/me", token=refresh)
    second = talk.ask("GET", "/api/refresh", token=refresh)["results"]
    again = talk.ask("POST", "/api/auth/refresh", token=refresh)["results"]
    assert second["refresh_token"] == again["refresh_token"], "a refresh that is shown again gets the same pair"
    third = talk.ask("POST", "/api/auth/refresh", token=second["refresh_token"])["results"]
    # Two steps back: reuse, and the end of the session.
    talk.ask("POST", "/api/auth/refresh", token=refresh)
    for token in [third["access_token"], third["refresh_token"], access]:
        talk.ask("GET", "/api/user/me", token=token)
    talk.ask("POST", "/api/auth/refresh", token=third["refresh_token"])
    tokens = talk.log_in("ada@example.com")
    talk.ask("GET", "/api/auth/logout", token=tokens["access_token"])
    talk.ask("GET", "/api/user/me", token=tokens["access_token"])
    talk.ask("POST", "/api/auth/logout", token=tokens["access_token"])


def own_account(talk):
    """What people do with their own accounts."""
    token = talk.log_in("ada@example.com")["access_token"]
    for change in [
        {"profile": {"city": "London"}}, {"profile": None}, {"profile": {"fullname": "Ada", "city": None}},
        {"default_user_type": "streamer"}, {"default_user_type": "banker"}, {"default_user_type": None},
        {"accounts": {"gmail": {"is_login": True}}}, {"accounts": {"gmail": None, "facebook": {"is_login": False}}},
        {"user_type": {"streamer": {"streamer_id": "ada", "streaming_history": ["a", "b"]}}},
        {"user_type": {"seller": {"streamer_id": "ada-sells", "streaming_history": []}}},
        {"played_games": ["chess", "CHESS", "go"]}, {"played_games": "chess"},
        {"favorites": {"youtube": [{"id": "1", "name": "N", "url": "https://example.com/é", "favorited_at": "2026-01-02T03:04:05.678Z"}]}},
        {"favorites": {"youtube": [{"id": "1", "name": "N", "url": "javascript:alert(1)", "favorited_at": "2026-01-02T03:04:05Z"}]}},
        {"role": "admin"}, {"id": "x"}, {}, {"email": "ada@elsewhere.example"},
        {"email": "ada@elsewhere.example", "current_password": "wrong"},
        {"email": "ada@elsewhere.example", "current_password": PASSWORD},
        {"email": "bob@example.com", "current_password": PASSWORD},
    ]:
        talk.ask("PUT", "/api/user", change, token=token)
    talk.ask("GET", "/api/user/me", token=token)
    for username in ["ada@example.com", "ADA%40elsewhere.example", "bob@example.com", "nobody@example.com", "me", "x"]:
        talk.ask("GET", f"/api/user/{username}", token=token)
    talk.ask("PUT", "/api/user/bob@example.com", {"profile": {"city": "X"}}, token=token)
    talk.ask("DELETE", "/api/user/bob@example.com", token=token)
    other = talk.log_in("ada@elsewhere.example")["access_token"]
    new = "another long passphrase"
    for body in [
        {"current_password": "wrong", "password": new, "password_confirm": new},
        {"current_password": PASSWORD, "password": "short", "password_confirm": "short"},
        {"current_password": PASSWORD, "password": new, "password_confirm": "different"},
        {"current_password": PASSWORD, "password": new, "password_confirm": new},
    ]:
        talk.ask("PUT", "/api/user/me/password", body, token=token)
    talk.ask("GET", "/api/user/me", token=other)
    talk.log_in("ada@example.com")
    talk.log_in("ada@example.com", new)


def admins(talk):
    """What admins do."""
    token = talk.log_in(ADMIN)["access_token"]
    bob = talk.log_in("bob@example.com")["access_token"]
    for change in [{"role": "admin"}, {"active": False}, {"active": True, "role": "user"}, {"role": "king"}, {"active": "yes"}]:
        talk.ask("PUT", "/api/user/bob@example.com", change, token=token)
    talk.ask("GET", "/api/user/me", token=bob)
    talk.ask("PUT", f"/api/user/{ADMIN}", {"role": "user"}, token=token)
    talk.ask("DELETE", f"/api/user/{ADMIN}", token=token)
    talk.ask("GET", "/api/user/nobody@example.com", token=token)
    talk.ask("PUT", "/api/user/nobody@example.com", {"active": False}, token=token)
    talk.ask("DELETE", "/api/user/nobody@example.com", token=token)
    talk.ask("PUT", "/api/user/person11@example.com", {"active": False}, token=token)
    talk.log_in("person11@example.com")
    talk.log_in("person11@example.com", "wrong")
    gone = talk.log_in("person10@example.com")["access_token"]
    talk.ask("DELETE", "/api/user/person10@example.com", token=token)
    talk.ask("GET", "/api/user/me", token=gone)
    talk.log_in("person10@example.com")
    register(talk, "person10@example.com", name="Person again")


def lists(talk):
    """Lists, as admins and as members see them."""
    admin = talk.log_in(ADMIN)["access_token"]
    member = talk.log_in("bob@example.com")["access_token"]
    for token in [admin, member]:
        for path in ["/api/user/all", "/api/user/active"]:
            for order in ["created_at", "-created_at", "username", "-username", "last_login", "-last_login", "name"]:
                walk(talk, f"{path}?limit=4&sort={order}", token)
            for condition in [
                "q=person", "q=PERSON%200", "q=%25", "q=ada", "q=D%25_", "role=admin", "role=king", "active=false",
                "active=true&role=user", "user_type=streamer", "user_type=seller", "count=true", "count=true&q=person",
                "created_after=2020-01-01T00:00:00Z", "created_before=2020-01-01T00:00:00Z", "created_after=yesterday",
                "created_after=9999-12-31T23:59:59Z", "created_before=0001-01-01T00:00:00Z", "limit=0", "limit=201", "limit=x",
                "cursor=abc", "unknown=1", "limit=1&limit=2",
            ]:
                talk.ask("GET", f"{path}?{condition}", token=token)
            talk.ask("PUT", path, {"limit": 3, "q": "person", "sort": "-created_at"}, token=token)
            talk.ask("PUT", path, {"limit": "3"}, token=token)
    talk.ask("GET", "/api/user/all")


def around(talk):
    """Everything else."""
    for method, path in [
        ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/.well-known/jwks.json"), ("GET", "/nowhere"), ("PATCH", "/api/user"),
        ("GET", "/api/user/%ff"), ("GET", "/api/user/%00"), ("HEAD", "/healthz"), ("OPTIONS", "/api/user"), ("GET", "/api/openapi.json"),
    ]:
        talk.ask(method, path)


def hold(base):
    talk = Conversation(base)
    for chapter in [opening, logging_in, own_account, admins, lists, around]:
        chapter(talk)
    return talk.heard


def main():
    one, other = (hold(base) for base in sys.argv[1:3])
    different = [(first, second) for first, second in zip(one, other, strict=True) if first != second]
    for first, second in different[:5]:
        print(f"{first[0]}\n  one:   {first[1:]}\n  other: {second[1:]}")
    statuses = sorted({status for _, status, _, _ in one})
    print(f"{len(one)} answers with the statuses {statuses}, {len(different)} of them different")
    if len(one) < 200 or not {200, 201, 400, 401, 403, 404, 405, 409, 415} <= set(statuses):
        print("the conversation did not come to what it is about")
        return 1
    return bool(different) or any(status >= 500 for status in statuses)


sys.exit(main())
