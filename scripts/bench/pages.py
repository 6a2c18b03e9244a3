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
# How many pages are timed at each place, and how large the steps between them are.
TIMED, STEP = 100, 200
PLACES = ("first", "middle", "last")


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

    def go_through(self):
        """Finds the cursors of all places."""
        cursors, cursor = [None], None
        while True:
            _, cursor = self.page(STEP, cursor)
            if not cursor:
                break
            cursors.append(cursor)
        ahead = TIMED * LIMIT // STEP
        self.begins = dict(zip(PLACES, (cursors[0], cursors[len(cursors) // 2], cursors[max(0, len(cursors) - 1 - ahead)]), strict=True))
        self.here = dict(self.begins)

    def step(self, place):
        """Milliseconds of the next page there; at the end it begins again."""
        took, cursor = self.page(LIMIT, self.here[place])
        self.here[place] = cursor or self.begins[place]
        return took

    def measure(self, times=TIMED):
        """The median of each place, whose pages take turns."""
        if self.begins is None:
            self.go_through()
        self.here = dict(self.begins)
        took = {place: [] for place in PLACES}
        for _ in range(times):
            for place in PLACES:
                took[place].append(self.step(place))
        return {f"{place} page": statistics.median(found) for place, found in took.items()}
