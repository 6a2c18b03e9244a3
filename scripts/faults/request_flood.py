"""Floods a service with requests of all kinds, and looks at what others notice of it, and what is left of it.

    python3 -m scripts.faults.request_flood BINARY [--seconds 60]

Throttles are as they are by default: whoever floods meets them, as anybody would.
"""

import argparse
import asyncio
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from scripts.faults.load import Client, Unanswered
from scripts.kit.nodes import ADMIN, PASSWORD, THROTTLES, Node, ask, ended, until
from scripts.kit.usage import files, most_memory

MOST_MEMORY = 512
CONNECTIONS = 400
# Others go on at once when it is over; this machine may be busy.
RECOVERY = 5


async def reads(place, token, over):
    """How long somebody waited who reads all the time, from another address."""
    client, took, failed = Client(place, "127.0.0.9"), [], []
    while not over():
        begun = time.monotonic()
        try:
            status, results = await client.ask("GET", "/api/user/me", token=token)
            if status != 200:
                failed.append(f"{status} {results}")
        except Unanswered as error:
            failed.append(str(error))
        took.append(time.monotonic() - begun)
        await asyncio.sleep(0.02)
    return sorted(took), failed


def run(binary, directory, seconds):
    settings = {"TRUSTED_PROXIES": ""}
    node = Node("service", directory / "service", settings)
    for throttle in THROTTLES:
        del node.settings[f"THROTTLE_{throttle}"]
    with ended(node):
        node.start(binary)
        login = lambda: ask(node.place, "POST", "/api/auth/login", {"username": ADMIN, "password": PASSWORD})[1]["access_token"]  # noqa: E731
        reader, flooder = login(), login()
        idle_files = files(node.process.pid)
        wrk = ["wrk", "--threads", "2", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s", "--timeout", "10s", "--latency",
               "--script", pathlib.Path(__file__).with_name("flood.lua"), f"http://127.0.0.1:{node.port}"]
        flood = subprocess.Popen(wrk, env={**os.environ, "FLOOD_TOKEN": flooder}, stdout=subprocess.PIPE, text=True)
        try:
            took, failed = asyncio.run(reads(node.place, reader, lambda: flood.poll() is not None))
        finally:
            flood.kill()
        told = flood.communicate()[0]
        stopped = time.monotonic()
        after, failed_after = asyncio.run(reads(node.place, reader, lambda: time.monotonic() > stopped + RECOVERY))
        most = most_memory(node.process.pid)
        until("the connections are closed", lambda: files(node.process.pid) <= idle_files + 5)
        node.stop()
        panicked = b"panicked" in node.log.read_bytes()
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    errors = re.search(r"Socket errors: .*", told)
    part = lambda found, share: found[int(len(found) * share)] * 1000  # noqa: E731
    print(
        f"{CONNECTIONS} connections for {seconds} s: {float(rate.group(1)):.0f} requests/s ({errors.group(0) if errors else 'no socket errors'}), "
        f"at most {most:.0f} MB; somebody else, of {len(took)} reads {len(failed)} not answered, p50 {part(took, 0.5):.0f} ms, "
        f"p99 {part(took, 0.99):.0f} ms; afterwards, of {len(after)} reads {len(failed_after)} not answered, p99 {part(after, 0.99):.0f} ms"
    )
    for fault in (failed + failed_after)[:10]:
        print("  " + fault)
    return bool(failed or failed_after or panicked or most > MOST_MEMORY or len(took) < 10)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        return run(options.binary, pathlib.Path(directory), options.seconds)


sys.exit(main())
