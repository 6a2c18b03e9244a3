"""Pages of lists at their beginning, in their middle and at their end.

A cursor cannot be made up, so a list is walked through once from one end to the other, in large steps.
"""

import http.client
import json
import statistics
import time
import urllib.parse

LISTS = [
    "sort=created_at", "sort=-created_at", "sort=username", "sort=-username", "sort=last_login", "sort=-last_login",
    "sort=created_at&active=true", "sort=username&active=true", "sort=-last_login&role=user",
    "sort=username&user_type=streamer", "sort=-created_at&role=admin",
]
LIMIT = 50
# How many pages are timed at each place, and how large the steps between them are: a short list takes steps of a page.
TIMED, STEP = 100, 200
PLACES = ("first", "middle", "last")


def places_of(count, step):
    """Which of so many cursors begins each place: from the last on, what is timed has room where the list is long enough."""
    ahead = min(TIMED * LIMIT // step, (count - 1) // len(PLACES))
    return 0, count // 2, count - 1 - ahead


class Walk:
    """One list as an admin sees it."""

    def __init__(self, place, token, query):
        self.connection = http.client.HTTPConnection(*place, timeout=60)
        self.headers, self.query = {"authorization": f"Bearer {token}"}, query
        # Of each place: the cursor that it begins with, and the one that comes next.
        self.begins, self.here = None, None

    def page(self, limit, cursor):
        """Milliseconds that it took, and the cursor of the next page; nothing behind the last."""
        more = f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""
        begun = time.perf_counter()
        self.connection.request("GET", f"/api/user/all?{self.query}&limit={limit}{more}", headers=self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        took = time.perf_counter() - begun
        if answer.status != 200:
            raise SystemExit(f"{self.query} was answered {answer.status}: {text.decode(errors='replace')[:300]}")
        return took * 1000, json.loads(text)["page"]["next"]

    def cursors(self, step):
        """Of one in so many users, from one end of the list to the other."""
        found, cursor = [None], None
        while True:
            _, cursor = self.page(step, cursor)
            if not cursor:
                return found
            found.append(cursor)

    def go_through(self):
        """Finds the cursors of all places."""
        step = STEP
        cursors = self.cursors(step)
        if len(cursors) < len(PLACES):
            step = LIMIT
            cursors = self.cursors(step)
        if len(cursors) < len(PLACES):
            raise SystemExit(f"{self.query} has {len(cursors)} pages of {LIMIT}, and {len(PLACES)} are to be told apart: more accounts")
        self.begins = dict(zip(PLACES, (cursors[place] for place in places_of(len(cursors), step)), strict=True))
        self.here = dict(self.begins)

    def step(self, place):
        """Milliseconds of the next page there; at the end it begins again."""
        took, cursor = self.page(LIMIT, self.here[place])
        self.here[place] = cursor or self.begins[place]
        return took

    def measure(self, times=TIMED):
        """The median of each place, whose pages take turns, and what 95 of 100 pages took at most where that was longest."""
        if self.begins is None:
            self.go_through()
        self.here = dict(self.begins)
        # The one from the last time has waited for too long, or its node was started anew.
        self.connection.close()
        took = {place: [] for place in PLACES}
        for _ in range(times):
            for place in PLACES:
                took[place].append(self.step(place))
        latest = max(statistics.quantiles(found, n=20)[-1] for found in took.values())
        return {**{f"{place} page": statistics.median(found) for place, found in took.items()}, "p95 of pages": latest}
