#!/usr/bin/env python3
"""Times the pages of lists at their beginning, in their middle and at their end.

    lists.py URL

A cursor cannot be made up, so each list is walked through from one end to the other.
"""

import http.client
import json
import os
import statistics
import sys
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


def main():
    place = urllib.parse.urlsplit(sys.argv[1]).netloc
    connection = http.client.HTTPConnection(place, timeout=60)

    def ask(method, path, body=None, token=None):
        headers = {"content-type": "application/json"} if body else {}
        if token:
            headers["authorization"] = f"Bearer {token}"
        begun = time.perf_counter()
        connection.request(method, path, json.dumps(body) if body else None, headers)
        response = connection.getresponse()
        text = response.read()
        took = time.perf_counter() - begun
        assert response.status == 200, text
        return json.loads(text), took * 1000

    login = {"username": "admin@doorward.example", "password": os.environ["TEST_PASSWORD"]}
    token = ask("POST", "/api/auth/login", login)[0]["results"]["access_token"]

    def pages(path, limit, cursor=None):
        """The time of each page, and the cursor behind it."""
        while True:
            more = f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""
            page, took = ask("GET", f"/api/user/all?{path}&limit={limit}{more}", token=token)
            cursor = page["page"]["next"]
            yield took, cursor
            if not cursor:
                return

    print(f"{'list':32} {'page of 50':>10} {'median':>8} {'p95':>8} {'of first':>9}")
    for path in LISTS:
        # Large steps through all of it, then small ones where it counts.
        cursors = [None, *(cursor for _, cursor in pages(path, STEP) if cursor)]
        first = None
        for name, index in [("first", 0), ("middle", len(cursors) // 2), ("last", max(0, len(cursors) - 1 - TIMED * LIMIT // STEP))]:
            times = []
            while len(times) < TIMED:
                for took, _ in pages(path, LIMIT, cursors[index]):
                    times.append(took)
                    if len(times) == TIMED:
                        break
            median, late = statistics.median(times), statistics.quantiles(times, n=20)[-1]
            first = first or median
            print(f"{path:32} {name:>10} {median:6.2f}ms {late:6.2f}ms {median / first:8.2f}x", flush=True)


main()
