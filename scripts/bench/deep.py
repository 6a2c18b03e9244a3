"""The first and the last page of a list of very many users, beside peers: what it costs to be far behind in a list."""

import urllib.parse

from scripts.bench import targets
from scripts.bench.beside import TITLES, VARIANTS, Beside, compared, sent
from scripts.bench.pages import LIMIT, STEP, Walk
from scripts.bench.parts import CHEAP_COST
from scripts.bench.plan import Plan, Request
from scripts.bench.rounds import Subject, interleaved
from scripts.bench.scale import shown_count
from scripts.bench.workload import LIST, bearer

# Few ask, and for so many seconds at least, as a page may take a peer seconds.
CONNECTIONS, SHORTEST = 2, 10


def own_requests(service):
    """By cursor: pages are not numbered, and the last full one is found by walking there."""
    access = service.door.admin().access
    walk = Walk(service.places[0], access, "sort=created_at")
    cursors = walk.cursors(STEP)
    if len(cursors) < 3:
        raise SystemExit(f"--listed {service.accounts} is too few for a long list: at least {3 * STEP}, or 0 to leave it out")
    # So far from the end that a whole page follows.
    last = f"&cursor={urllib.parse.quote(cursors[-2])}"
    return [Request("GET", f"{LIST}&sort=created_at{place}", bearer(access)) for place in ("", last)]


def peer_requests(target):
    """By number; nothing where the framework has no list."""
    first = target.server.list_request()
    return None if first is None else [sent(first), sent(target.server.list_request(target.accounts // LIMIT))]


def page_subjects(target, requests, about):
    for page, request in zip(("first page", "last page"), requests, strict=True):
        plan = Plan([request], connections=CONNECTIONS)
        yield Subject(
            f"{target.name}, {page}", lambda seconds, plan=plan: targets.loaded(target, [plan], seconds), {"page": page, **about}
        )


def peers_of(options, directory):
    """Each peer in the first way of running it; the ways differ in how a request gets to the application, not in what it asks."""
    for name in options.peers:
        given = next(iter(VARIANTS.get(name, {"": {}}).values()))
        title = f"{TITLES.get(name, name)}, {shown_count(options.listed)} accounts"
        yield Beside(directory / f"deep-{name}", name, title, given, options.listed, CHEAP_COST)


def deep_rows(options, directory):
    """A row for the first and one for the last page, of Doorward on two kinds of store and of each peer that has a list."""
    services = [
        targets.Doorward(
            directory / f"deep{number}", store, options.listed, name=f"Doorward, {store.name}, {shown_count(options.listed)} accounts"
        )
        for number, store in enumerate([targets.SQLITE, targets.REDIS])
    ]
    peers = list(peers_of(options, directory))
    with targets.running(*services, *peers):
        subjects = [one for service in services for one in page_subjects(service, own_requests(service), {"listed": options.listed})]
        for peer in peers:
            requests = peer_requests(peer)
            if requests:
                # Not as `peer`: what is held against a target is the shorter list.
                subjects += page_subjects(peer, requests, {"listed": options.listed, "versions": peer.versions})
        return interleaved(subjects, options.rounds, max(options.seconds, SHORTEST), warm=0)


SHORT = compared("lists")


def peers_list(options, directory):
    """Doorward beside its peers: a list of 50 users as an admin, and the first and last page of a very long list."""
    rows, settings = SHORT(options, directory / "short")
    if options.listed:
        rows += deep_rows(options, directory / "long")
        settings = {**settings, "accounts of the long list": options.listed, "its connections": CONNECTIONS}
    return rows, settings


PARTS = {"peers-list": peers_list}
