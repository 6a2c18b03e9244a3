"""Restarts two nodes behind a proxy one after the other, again and again, under a load of a fixed rate.

    TEST_DATABASE_URL=… python3 -m scripts.faults.rolling_restart BINARY [--rounds 3] [--rate 50] [--proxy haproxy|nginx] [--from BINARY]

Fails if a read failed, if a write was not answered as it should be, or if one that was acknowledged is not there.

With `--from`, the nodes begin with an older binary. The newer one adds to the tables while they serve; then a round takes
the nodes to the newer binary, the next one back to the older, and so on: an upgrade and a roll-back. The last round ends
with the newer one, so their number is odd; then the rest of the migrations is carried out, which older nodes could not
bear.
"""

import argparse
import asyncio
import os
import pathlib
import subprocess
import sys
import tempfile

from scripts.faults.load import Load
from scripts.kit.nodes import ADMIN, PASSWORD, Database, HaProxy, Nginx, Node, ask, cheapest, ended, knows

# Longer than a proxy takes to notice.
DELAY = "5s"
EXPAND_ONLY = "--expand-only"


def restart(proxy, node, before, after):
    """Stops a node and starts it, as somebody does who looks after it."""
    aside = "DOORWARD_SHUTDOWN_DELAY" not in knows(before)
    if aside:
        proxy.put_aside(node)
    node.stop()
    node.start(after)
    if aside:
        proxy.take_back(node)
    proxy.wait_for(node)


async def rounds(options, proxy, nodes, load):
    """Which binary each round begins and ends with, and what it cost."""
    old = options.older or options.binary
    running = asyncio.create_task(load.run())
    await asyncio.sleep(2)
    if options.older:
        await migrate(nodes[0], options.binary, *expansion(options.binary))
    before = old
    for number in range(1, options.rounds + 1):
        after = options.binary if before == old else old
        for node in nodes:
            await asyncio.to_thread(restart, proxy, node, before, after)
        before = after
        reads, writes = load.failed()
        print(f"round {number}: {len(load.took)} requests so far, {reads} reads failed, {writes} writes were not answered as they should be", flush=True)
    if options.older:
        # No older node runs any more, and none comes back.
        await migrate(nodes[0], options.binary)
    await asyncio.sleep(2)
    load.over = True
    return await running


def expansion(binary):
    """What leaves out the migrations that older nodes could not bear, where a binary knows of such."""
    told = subprocess.run([binary, "migrate", "apply", "--help"], capture_output=True, text=True, check=True).stdout
    return [EXPAND_ONLY] if EXPAND_ONLY in told else []


async def migrate(node, binary, *options):
    done = await asyncio.to_thread(node.run, binary, "migrate", "apply", *options)
    print(f"{' '.join(['migrate apply', *options])} by the newer version: {done.splitlines()[-1]}", flush=True)


async def run(options, directory, database):
    settings = {
        "DATABASE_URL": database.url,
        "KEYS_DIR": directory / "keys",
        "PEPPER_FILE": directory / "pepper",
        "TRUSTED_PROXIES": "127.0.0.1",
        "SHUTDOWN_DELAY": DELAY,
        "BCRYPT_COST": cheapest(*filter(None, [options.binary, options.older])),
    }
    nodes = [Node(name, directory / name, settings) for name in ("doorward1", "doorward2")]
    old = options.older or options.binary
    with ended(*nodes):
        nodes[0].run(old, "migrate", "apply")
        for node in nodes:
            node.start(old)
        proxy = {"haproxy": HaProxy, "nginx": Nginx}[options.proxy](directory, nodes)
        try:
            place = ("127.0.0.1", proxy.port)
            load = Load(place, options.rate)
            await load.prepare()
            rate = await rounds(options, proxy, nodes, load)
            admin = ask(place, "POST", "/api/auth/login", {"username": ADMIN, "password": PASSWORD})[1]["access_token"]
            lost, looked = await load.check(admin)
        finally:
            proxy.stop()
        for node in nodes:
            node.stop()
    reads, writes = load.failed()
    print(
        f"{options.rounds} rolling restarts of two nodes behind {options.proxy} at {rate:.0f} requests/s: {load.summary()}; {reads} reads failed, "
        f"{writes} writes were not answered as they should be, {len(lost)} of {looked} acknowledged are not there"
    )
    for fault in (load.faults + lost)[:20]:
        print("  " + fault)
    panicked = [node.name for node in nodes if b"panicked" in node.log.read_bytes()]
    return bool(load.faults or lost or panicked or looked < 50 or rate < options.rate * 0.9)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--proxy", choices=["haproxy", "nginx"], default="haproxy")
    parser.add_argument("--from", dest="older", type=os.path.abspath)
    options = parser.parse_args()
    if options.older and options.rounds % 2 == 0:
        parser.error("with --from, an even number of rounds ends with the older binary: --rounds must be odd")
    database = Database()
    try:
        with tempfile.TemporaryDirectory() as directory:
            return asyncio.run(run(options, pathlib.Path(directory), database))
    finally:
        database.drop()


sys.exit(main())
