"""Works on a service for long, and looks whether it grows.

    python3 -m scripts.faults.soak BINARY [--requests 50000] [--rate 150]
"""

import argparse
import asyncio
import os
import pathlib
import statistics
import sys
import tempfile
import time

from scripts.faults.load import Load
from scripts.kit.nodes import ADMIN, PASSWORD, Node, ask, ended
from scripts.kit.usage import files, memory, threads

# MB in ten minutes, over a million requests.
STEEPEST = 1
# What a run of some minutes cannot tell from noise, in MB.
NOISE = 8
# It is warm after this part of the requests.
WARM = 0.3


async def observe(load, pid, count):
    """How much it used, from when it was warm until so many requests were sent."""
    running, seen = asyncio.create_task(load.run()), []
    sent = lambda: sum(load.counts.values())  # noqa: E731
    while sent() < count:
        await asyncio.sleep(0.5)
        if sent() > count * WARM:
            seen.append((time.monotonic(), memory(pid), files(pid), threads(pid)))
        # What is remembered of each is for shorter runs.
        del load.took[:-10_000]
        del load.ended[:-1_000]
    load.over = True
    return seen, await running


def slope(seen):
    """MB in ten minutes (least squares)."""
    times, sizes = [one[0] for one in seen], [one[1] for one in seen]
    return statistics.linear_regression(times, sizes).slope * 600


def run(binary, directory, options):
    # What is known of a session that ended is forgotten when its tokens expire: soon, so that it comes and goes.
    node = Node("service", directory / "service", {"ACCESS_TTL": "2m"})
    with ended(node):
        node.start(binary)
        load = Load(node.place, options.rate)
        async def work():
            await load.prepare()
            return await observe(load, node.process.pid, options.requests)
        seen, rate = asyncio.run(work())
        admin = ask(node.place, "POST", "/api/auth/login", {"username": ADMIN, "password": PASSWORD})[1]["access_token"]
        lost, looked = asyncio.run(fresh(load).check(admin))
        node.stop()
        panicked = b"panicked" in node.log.read_bytes()
    steepness, sizes = slope(seen), [one[1] for one in seen]
    quarter = max(len(sizes) // 4, 1)
    growth = statistics.mean(sizes[-quarter:]) - statistics.mean(sizes[:quarter])
    open_files, running = ({one[column] for one in seen} for column in (2, 3))
    minutes = (seen[-1][0] - seen[0][0]) / 60
    print(
        f"{sum(load.counts.values())} requests at {rate:.0f}/s, {len(load.faults)} not answered as they should be; in the last {minutes:.1f} min "
        f"{min(sizes):.1f} to {max(sizes):.1f} MB, {growth:+.1f} MB from its first to its last quarter, {steepness:+.2f} MB in ten minutes; "
        f"files {min(open_files)} to {max(open_files)}, threads {min(running)} to {max(running)}; {len(lost)} of {looked} acknowledged are not there"
    )
    for fault in (load.faults + lost)[:10]:
        print("  " + fault)
    grows = growth > NOISE or (minutes >= 10 and steepness > STEEPEST)
    # Clients open connections as they need them.
    leaks = max(running) != min(running) or open_files_grow(seen)
    return bool(load.faults or lost or panicked or grows or leaks)


def fresh(load):
    """The same with connections of its own: those of another event loop are over."""
    load.client.idle = []
    return load


def open_files_grow(seen):
    quarter = max(len(seen) // 4, 1)
    return statistics.median(one[2] for one in seen[-quarter:]) > statistics.median(one[2] for one in seen[:quarter]) + 16


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--rate", type=int, default=150)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        return run(options.binary, pathlib.Path(directory), options)


sys.exit(main())
