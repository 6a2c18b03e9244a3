"""How many system calls a request takes: counted by strace, which slows everything down but changes little of what is done."""

import contextlib
import pathlib
import re
import shutil
import signal
import subprocess
import time

from scripts.bench import targets, wrk
from scripts.bench.parts import CHEAP_COST, floor
from scripts.bench.workload import CONNECTIONS, WORKLOADS

# Of the rest there are too few to tell.
FEWEST = 0.01


def read(text):
    """Calls by their names, of the table that `strace -c` writes: the names come last, the counts before errors, if any."""
    found = {}
    for line in text.splitlines():
        row = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
        if row and row[2] != "total":
            found[row[2]] = int(row[1])
    if not found:
        raise SystemExit(f"strace counted nothing:\n{text}")
    return found


def counted(target, plan, seconds, directory):
    """Calls of each kind for one answer."""
    program = shutil.which("strace")
    if program is None:
        raise SystemExit("strace is missing: Debian has it in the package strace")
    path = pathlib.Path(directory) / "calls"
    pids = [part for pid in target.pids() for part in ("-p", str(pid))]
    with (pathlib.Path(directory) / "strace.log").open("wb") as log:
        tracer = subprocess.Popen([program, "-f", "-c", "-o", path, *pids], stdin=subprocess.DEVNULL, stderr=log)
        try:
            time.sleep(1)
            said = wrk.run([(target.places[0], plan)], seconds)
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(60)
    calls = {name: count / said.count for name, count in read(path.read_text(encoding="utf-8")).items()}
    told = {name: each for name, each in sorted(calls.items(), key=lambda call: -call[1]) if each >= FEWEST}
    return {"all": sum(calls.values()), **told}


def calls(options, directory):
    """System calls for one answer to `me` on 64 connections."""
    services = [
        targets.Doorward(directory / f"store{number}", store, 0, BCRYPT_COST=CHEAP_COST) for number, store in enumerate(targets.STORES)
    ]
    services += targets.before(directory, 0, BCRYPT_COST=CHEAP_COST)
    rows = []
    with targets.running(*services), contextlib.ExitStack() as stack:
        people = [service.door.people(16) for service in services]
        bare, _ = floor(stack, directory, services[0], "me", people[0])
        asked = [(bare, services[0], people[0]), *((service, service, known) for service, known in zip(services, people, strict=True))]
        for target, door, known in asked:
            plan = WORKLOADS["me"](door.door, known, options.seconds, CONNECTIONS["me"])
            found = [counted(target, plan, options.seconds, directory) for _ in range(options.rounds)]
            rows.append({"name": target.name, "rounds": found})
    return rows, {"connections": CONNECTIONS["me"]}


PARTS = {"calls": calls}
