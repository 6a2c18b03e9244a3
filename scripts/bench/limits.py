"""What nothing on this machine can do faster: hashes, syncs of the disk, answers of Redis."""

import concurrent.futures
import csv
import ctypes
import ctypes.util
import os
import pathlib
import socket
import subprocess
import time

from scripts.bench.targets import built

PAGE = 4096
# As large as a file into which SQLite writes ahead may become before it begins again at its start.
AHEAD = 8 * 2**20
SALT = "abcdefghijklmnopqrstuv"
# Larger than any version's `struct crypt_data`, which crypt.h promises to stay below this.
CRYPT_ROOM = 32768


def bare_bcrypt(cost, seconds, threads):
    """Hashes a second of the Rust crate that Doorward uses, alone on so many threads."""
    run = subprocess.run([built("bare_bcrypt"), str(cost), str(seconds), str(threads)], capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"bare_bcrypt failed:\n{run.stderr}")
    return float(run.stdout.split()[0])


def library_bcrypt(cost, seconds, threads):
    """Hashes a second of crypt(3), the C library's, on so many threads."""
    library = ctypes.CDLL(ctypes.util.find_library("crypt") or "libcrypt.so.1")
    library.crypt_rn.restype = ctypes.c_char_p
    library.crypt_rn.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int]
    setting = f"$2b${cost:02}${SALT}".encode()
    until = time.monotonic() + seconds

    def hash_on():
        """Python lets other threads run while the library hashes."""
        room, count = ctypes.create_string_buffer(CRYPT_ROOM), 0
        while time.monotonic() < until:
            told = library.crypt_rn(b"correct horse batt", setting, room, CRYPT_ROOM)
            if not told or len(told) != 60:
                raise SystemExit("crypt(3) of this machine does not know bcrypt")
            count += 1
        return count

    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        counts = [one.result() for one in [pool.submit(hash_on) for _ in range(threads)]]
    return sum(counts) / (time.monotonic() - begun)


def syncs(directory, seconds, writers=1):
    """Writes a second that are on the disk, if each of so many writers waits for its own and one sync serves them all.

    As SQLite writes ahead: over a file that is there in full, so that no sync has to put a new size of it on the disk as well.
    """
    path = pathlib.Path(directory) / "syncs"
    pages, count, place = os.urandom(PAGE) * writers, 0, 0
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        for start in range(0, AHEAD, 2**20):
            os.pwrite(file, os.urandom(2**20), start)
        os.fsync(file)
        begun = time.monotonic()
        while time.monotonic() < begun + seconds:
            os.pwrite(file, pages, place)
            os.fdatasync(file)
            count += writers
            place = 0 if place + 2 * len(pages) > AHEAD else place + len(pages)
        return count / (time.monotonic() - begun)
    finally:
        os.close(file)
        path.unlink()


def fill_redis(port, keys, length):
    """Values of this length, under as many keys."""
    value = b"x" * length
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for key in keys:
            name = key.encode()
            connection.sendall(b"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(name), name, len(value), value))
            if not connection.recv(64).startswith(b"+OK"):
                raise SystemExit("Redis keeps nothing")


def mget(port, keys, connections, count, at_once=1):
    """MGETs a second of these keys, so many of them on their way at once on each connection, and what half and 99 of 100 took
    at most.
    """
    command = ["redis-benchmark", "-p", str(port), "-c", str(connections), "-n", str(count), "-P", str(at_once)]
    command += ["--threads", "1", "--csv", "MGET", *keys]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    head, line = [row for row in csv.reader(run.stdout.splitlines()) if len(row) > 5][-2:]
    told = dict(zip(head, line, strict=True))
    return {"rate": float(told["rps"]), "p50": float(told["p50_latency_ms"]), "p99": float(told["p99_latency_ms"])}
