"""Checks that every peer does what it is measured by.

    scripts/test/postgres.sh python3 -m scripts.bench.peers.check [NAME…]

Each is installed under target/bench, started on an empty database of TEST_DATABASE_URL and, where it needs one, on a
Redis of its own, asked for everything once, and stopped.
"""

import contextlib
import importlib
import os
import subprocess
import sys
import tempfile

from scripts.bench.peers.peer_server import PAGE, Request, address
from scripts.bench.targets import RedisServer
from scripts.kit.nodes import ROOT, Database

# Each peer with the options that it is checked with, one set after the other.
CHECKED = {
    "flask_seed": [{}, {"worker_class": "sync"}],
    "fastapi_users": [{}],
    "djoser": [{}, {"worker_class": "sync", "pages": "cursor"}],
    "better_auth": [{}, {"cookie_cache": True, "joins": True}],
}
FILLED = 120
NEWCOMER = 1000


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: {found!r}, not {wanted!r}")


def is_let_in(peer, headers, path):
    """Whether `me` tells somebody: better-auth answers 200 and null to those it does not know."""
    answer = peer.ask(Request("GET", path, headers))
    if answer.status not in (200, 401):
        raise SystemExit(f"{peer.name}: {path} was answered {answer.status}: {answer.text[:500]}")
    return answer.status == 200 and answer.json() is not None


def check_me(peer, signed):
    """Whoever is signed in is told who they are; nobody else is told."""
    expect(f"{peer.name}: me names the address", address(signed.number) in peer.must(signed.me).text, True)
    expect(f"{peer.name}: nobody is let in", is_let_in(peer, {}, signed.me_path), False)


def check_refresh(peer, signed):
    """A new access token is good; where a refresh token is for one use, it is refused the second time."""
    refresh = signed.refresh
    if refresh is None:
        return "has no refresh"
    token = refresh.token
    for _ in range(3):
        answer = peer.must(refresh.filled(token))
        access = peer.found(refresh.new_access, answer)
        expect(f"{peer.name}: the new token is good", is_let_in(peer, {"authorization": f"Bearer {access}"}, signed.me_path), True)
        used, token = token, peer.found(refresh.next_token, answer) if refresh.next_token else token
    if not refresh.is_for_one_use:
        return "refreshes with one token"
    expect(f"{peer.name}: a refresh token that was used", peer.ask(refresh.filled(used)).status, 401)
    return "refreshes with tokens for one use"


def check_list(peer):
    """A page has fifty users, and each page others."""
    first = peer.list_request()
    if first is None:
        return "has no list"
    pages = [page_of(peer.must(first).json())]
    if peer.options.get("pages") != "cursor":
        pages.append(page_of(peer.must(peer.list_request(2)).json()))
    for page in pages:
        expect(f"{peer.name}: users on a page", len(page), PAGE)
    expect(f"{peer.name}: different users on all pages", len({user["id"] for page in pages for user in page}), PAGE * len(pages))
    return f"lists {PAGE}"


def page_of(answer):
    """The users, under whatever name the framework has for them."""
    return next(answer[name] for name in ("results", "users") if name in answer)


def check_log_out(peer, signed):
    """Whoever logged out is let in no more, where the framework can do that."""
    peer.must(signed.log_out)
    expect(f"{peer.name}: let in after logging out", is_let_in(peer, signed.headers, signed.me_path), not signed.ends_on_log_out)
    return "ends at logout" if signed.ends_on_log_out else "goes on after logout until it expires"


def check_wrong_password(peer):
    right = peer.sign_in_request(1)
    wrong = peer.sign_in_request(1)
    wrong.body = right.body.replace("correct", "wrong")
    expect(f"{peer.name}: a wrong password is refused", 400 <= peer.ask(wrong).status < 500, True)


def new_redis(stack):
    """The URL of a Redis that is empty, and gone with everything at the end."""
    server = RedisServer(stack.enter_context(tempfile.TemporaryDirectory()))
    stack.callback(server.stop)
    server.start()
    return server.url


def check(kind, directory, options):
    with contextlib.ExitStack() as stack:
        redis_url = new_redis(stack) if kind.needs_redis else None
        database = Database()
        stack.callback(database.drop)
        peer = kind(directory, database.url, redis_url, bcrypt_cost=4, **options)
        peer.prepare()
        stack.callback(peer.kill)
        peer.start()
        peer.fill(FILLED // 2)
        peer.fill(FILLED)
        check_me(peer, peer.sign_in(FILLED))
        check_wrong_password(peer)
        signed = peer.sign_up(NEWCOMER)
        check_me(peer, signed)
        told = [check_refresh(peer, signed), check_list(peer), check_log_out(peer, peer.sign_in(NEWCOMER))]
        expect(f"{peer.name}: a hash is bcrypt of cost 4", "$2b$04$" in peer.hash_of_password(), True)
        peer.stop()
        named = " ".join(f"{name}={value}" for name, value in options.items())
        print(f"{kind.name}{f' ({named})' if named else ''}: {', '.join(told)}", flush=True)


def main(names):
    unknown = sorted(set(names) - set(CHECKED))
    if unknown:
        raise SystemExit(f"there is no peer {', '.join(unknown)}; there are: {', '.join(CHECKED)}")
    if "TEST_DATABASE_URL" not in os.environ:
        raise SystemExit("TEST_DATABASE_URL is not set: scripts/test/postgres.sh python3 -m scripts.bench.peers.check")
    for name in names or CHECKED:
        directory = ROOT / "target/bench" / name
        subprocess.run([ROOT / "scripts/bench/peers" / name / "install.sh", directory], check=True)
        kind = importlib.import_module(f"scripts.bench.peers.{name}.peer").Peer
        print(f"{name}: {', '.join(f'{package} {version}' for package, version in kind.versions(directory).items())}", flush=True)
        for options in CHECKED[name]:
            check(kind, directory, options)


if __name__ == "__main__":
    main(sys.argv[1:])
