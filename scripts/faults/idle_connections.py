"""Opens very many connections that do nothing, and looks at what they cost.

    python3 -m scripts.faults.idle_connections BINARY [--connections 10000]
"""

import argparse
import contextlib
import http.client
import os
import pathlib
import resource
import socket
import sys
import tempfile
import time

from scripts.kit.nodes import Node, ask, ended, until
from scripts.kit.usage import files, memory

KEEP_ALIVE = 60
# What a service may need with 10 000 of them.
MOST_MEMORY = 200
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: doorward\r\n\r\n"
# So many share an address, as ports are finite.
AN_ADDRESS = 5_000


def open_idle(port, count):
    """Connections that have had an answer and send nothing more."""
    kept = []
    for number in range(count):
        source = (f"127.0.0.{2 + number // AN_ADDRESS}", 0)
        connection = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=source)
        connection.sendall(REQUEST)
        kept.append(connection)
        if number % 200 == 199:
            for waiting in kept[-200:]:
                if not waiting.recv(4096).startswith(b"HTTP/1.1 200 "):
                    raise SystemExit(f"connection {number} was not answered")
    return kept


def took(port, times=300):
    """How long each answer took on a connection beside all those."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    found = []
    for _ in range(times):
        begun = time.monotonic()
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"somebody else is answered {answer.status}")
        found.append(time.monotonic() - begun)
    connection.close()
    return sorted(found)


def run(binary, directory, count):
    settings = {"MAX_CONNECTIONS": count + 1_000, "KEEP_ALIVE": f"{KEEP_ALIVE}s"}
    node = Node("service", directory / "service", settings)
    with ended(node):
        node.start(binary)
        # The first requests have made what is made once.
        took(node.port)
        pid = node.process.pid
        before = files(pid), memory(pid)
        kept = open_idle(node.port, count)
        # A second after its last answer a connection is a socket and nothing more.
        time.sleep(2)
        during = files(pid), memory(pid)
        beside = took(node.port)
        if during[0] < count:
            raise SystemExit(f"{during[0]} files are open, so the connections are not")
        until("the connections are closed", lambda: files(pid) <= before[0] + 5, patience=KEEP_ALIVE + 60)
        closed = sum(1 for one in kept if is_closed(one))
        for one in kept:
            one.close()
        status = ask(node.place, "GET", "/api/user/me")[0]
        after = files(pid), memory(pid)
        node.stop()
    print(
        f"{count} idle connections: {before[1]:.0f} MB before, {during[1]:.0f} MB with them, {after[1]:.0f} MB after; "
        f"files {before[0]}, {during[0]}, {after[0]}; beside them p50 {beside[150] * 1000:.1f} ms, p99 {beside[297] * 1000:.1f} ms"
    )
    return during[1] > MOST_MEMORY or closed != count or status != 401


def is_closed(connection):
    """Whether the other side has closed it."""
    connection.setblocking(False)
    with contextlib.suppress(ConnectionResetError):
        return connection.recv(1) == b""
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary", type=os.path.abspath)
    parser.add_argument("--connections", type=int, default=10_000)
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    needed = options.connections + 2_000
    if most != resource.RLIM_INFINITY and most < needed:
        raise SystemExit(f"{needed} open files are needed, and {most} are allowed (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))
    with tempfile.TemporaryDirectory() as directory:
        return run(options.binary, pathlib.Path(directory), options.connections)


sys.exit(main())
