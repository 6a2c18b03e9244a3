"""A load of a fixed rate, whatever the answers: logins, logouts, refreshes, changes, reads, and a memory of what was
acknowledged.

An open loop: the next request is sent when its time has come, also while others wait for their answers.
"""

import asyncio
import collections
import json
import random
import time

PASSWORD = "correct horse batt"
# Whoever waits longer was not answered.
PATIENCE = 10
# Each has one session that reads, refreshes and changes a city, and others that come and go.
PEOPLE = 24
# Of every hundred requests. Every login is followed by a logout sooner or later.
SHARES = {"me": 54, "list": 10, "change": 12, "refresh": 12, "login": 6, "logout": 5, "register": 1}
# Sessions that were opened and not ended yet, before logins make room: each account may have 32.
OPEN = 200


class Unanswered(Exception):
    """Nobody knows what came of it."""


class Client:
    """Keep-alive connections to one place; the one used last is used next."""

    def __init__(self, place, address=None):
        self.place, self.idle, self.address = place, [], address

    async def ask(self, method, path, body=None, token=None):
        """Status and results. A new connection is made where none is idle."""
        try:
            return await asyncio.wait_for(self.exchange(method, path, body, token), PATIENCE)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError, IndexError) as error:
            raise Unanswered(repr(error)) from error

    async def exchange(self, method, path, body, token):
        # One that waited for long may be closed by the other side at any moment.
        self.idle = [kept for kept in self.idle if time.monotonic() - kept[2] < 5]
        if self.idle:
            reader, writer, _ = self.idle.pop()
        else:
            source = (self.address, 0) if self.address else None
            reader, writer = await asyncio.open_connection(*self.place, local_addr=source)
        text = json.dumps(body).encode() if body is not None else b""
        head = f"{method} {path} HTTP/1.1\r\nHost: doorward\r\nContent-Length: {len(text)}\r\n"
        if body is not None:
            head += "Content-Type: application/json\r\n"
        if token:
            head += f"Authorization: Bearer {token}\r\n"
        try:
            writer.write(f"{head}\r\n".encode() + text)
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
            answer = await reader.readexactly(int(headers.get("content-length", 0)))
        except BaseException:
            writer.close()
            raise
        if headers.get("connection") == "close":
            writer.close()
        else:
            self.idle.append((reader, writer, time.monotonic()))
        return int(lines[0].split()[1]), json.loads(answer or b"{}").get("results", {})


class Person:
    """An account, what it was told, and what must be true of it."""

    def __init__(self, name):
        self.name, self.city, self.cities, self.busy = name, None, 0, asyncio.Lock()
        self.access = self.refresh = None


class Load:
    """So many requests a second until it is told to stop."""

    def __init__(self, place, rate, seed=1):
        self.client, self.rate, self.chance = Client(place), rate, random.Random(seed)
        self.people, self.opened, self.ended, self.registered = [], collections.deque(), [], []
        self.counts, self.faults, self.took = collections.Counter(), [], []
        self.over, self.tasks, self.name = False, set(), f"{time.time_ns():x}"

    async def prepare(self):
        for number in range(PEOPLE):
            person = Person(f"load-{self.name}-{number}@example.com")
            await self.demand(201, "POST", "/api/user", self.registration(person.name))
            tokens = await self.demand(200, "POST", "/api/auth/login", self.login_of(person))
            person.access, person.refresh = tokens["access_token"], tokens["refresh_token"]
            self.people.append(person)

    async def demand(self, wanted, *request, **more):
        status, results = await self.client.ask(*request, **more)
        if status != wanted:
            raise SystemExit(f"{request[:2]} was answered {status} {results}")
        return results

    def registration(self, name):
        return {"username": name, "password": PASSWORD, "password_confirm": PASSWORD}

    def login_of(self, person):
        return {"username": person.name, "password": PASSWORD}

    async def run(self):
        """Sends until it is told to stop, and waits for the last answers."""
        kinds, shares = zip(*SHARES.items(), strict=True)
        begun, count = time.monotonic(), 0
        while not self.over:
            due = begun + count / self.rate
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            kind = self.chance.choices(kinds, shares)[0]
            task = asyncio.create_task(self.one(kind, due))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
            count += 1
        while self.tasks:
            await asyncio.wait(self.tasks)
        return count / (time.monotonic() - begun)

    async def one(self, kind, due):
        try:
            await getattr(self, kind)()
        except Unanswered as error:
            self.faults.append(f"{kind}: no answer: {error}")
            self.counts[kind, "none"] += 1
        self.took.append(time.monotonic() - due)

    async def expect(self, wanted, kind, *request, **more):
        """The results; anything else than what was wanted is a fault."""
        status, results = await self.client.ask(*request, **more)
        self.counts[kind, status] += 1
        if status == wanted:
            return results
        self.faults.append(f"{kind}: {status} {results}")
        return None

    async def me(self):
        person = self.chance.choice(self.people)
        await self.expect(200, "me", "GET", "/api/user/me", token=person.access)

    async def list(self):
        person = self.chance.choice(self.people)
        await self.expect(200, "list", "GET", "/api/user/all?limit=10", token=person.access)

    def somebody_idle(self):
        """Somebody of whom nothing is on its way; one change of a person follows the other."""
        idle = [person for person in self.people if not person.busy.locked()]
        return self.chance.choice(idle) if idle else None

    async def change(self):
        person = self.somebody_idle()
        if person is None:
            return await self.me()
        async with person.busy:
            person.cities += 1
            city, before = f"City {person.cities}", person.city
            person.city = {before, city} if isinstance(before, str | None) else before | {city}
            if await self.expect(200, "change", "PUT", "/api/user", {"profile": {"city": city}}, person.access) is not None:
                person.city = city

    async def refresh(self):
        person = self.somebody_idle()
        if person is None:
            return await self.me()
        async with person.busy:
            tokens = await self.expect(200, "refresh", "POST", "/api/auth/refresh", token=person.refresh)
            if tokens is not None:
                person.access, person.refresh = tokens["access_token"], tokens["refresh_token"]

    async def login(self):
        if len(self.opened) >= OPEN:
            return await self.logout()
        person = self.chance.choice(self.people)
        tokens = await self.expect(200, "login", "POST", "/api/auth/login", self.login_of(person))
        if tokens is not None:
            self.opened.append(tokens["access_token"])

    async def logout(self):
        if not self.opened:
            return await self.me()
        access = self.opened.popleft()
        if await self.expect(200, "logout", "POST", "/api/auth/logout", token=access) is not None:
            self.ended.append(access)

    async def register(self):
        name = f"new-{self.name}-{len(self.registered)}-{self.chance.random()}@example.com"
        if await self.expect(201, "register", "POST", "/api/user", self.registration(name)) is not None:
            self.registered.append(name)

    async def check(self, admin):
        """What was acknowledged and is not so, and how much was looked at."""
        faults, looked = [], 0

        async def is_answered(wanted, what, *request, **more):
            nonlocal looked
            looked += 1
            status, results = await self.client.ask(*request, **more)
            if status != wanted:
                faults.append(f"{what}: {status} {results}")
            return results

        for person in self.people:
            document = await is_answered(200, person.name, "GET", "/api/user/me", token=person.access)
            found = (document.get("profile") or {}).get("city")
            if found != person.city and not (isinstance(person.city, set) and found in person.city):
                faults.append(f"{person.name} lives in {found} and not in {person.city}")
            await is_answered(200, "the end of a chain", "POST", "/api/auth/refresh", token=person.refresh)
        for access in self.opened:
            await is_answered(200, "a session that was opened", "GET", "/api/user/me", token=access)
        for access in self.ended:
            await is_answered(401, "a session that was ended", "GET", "/api/user/me", token=access)
        for name in self.registered:
            await is_answered(200, "an account that was opened", "GET", f"/api/user/{name}", token=admin)
        return faults, looked

    def summary(self):
        took = sorted(self.took) or [0]
        part = lambda share: took[min(int(len(took) * share), len(took) - 1)] * 1000  # noqa: E731
        return f"{len(took)} requests, p50 {part(0.5):.0f} ms, p99 {part(0.99):.0f} ms, longest {took[-1] * 1000:.0f} ms"

    def failed(self):
        """Reads that failed, and writes that were not answered as they should be."""
        reads = sum(count for (kind, status), count in self.counts.items() if kind in {"me", "list"} and status != 200)
        writes = sum(count for (kind, status), count in self.counts.items() if kind not in {"me", "list"} and status not in {200, 201})
        return reads, writes
