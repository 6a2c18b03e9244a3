#!/usr/bin/env python3
"""Runs an import and tells, for each 100 000 rows that have a result, how fast they came, and the most memory used.

    scripts/bench/watched.py COMMAND …

The rows are counted in the file that stands behind --results.
"""
import pathlib
import resource
import subprocess
import sys
import time

command = sys.argv[1:]
results = pathlib.Path(command[command.index("--results") + 1])
begun = time.monotonic()
process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
rows, position, last, marks = 0, 0, begun, 0
while True:
    over = process.poll() is not None
    if results.exists():
        with results.open("rb") as file:
            file.seek(position)
            while chunk := file.read(1 << 20):
                position += len(chunk)
                rows += chunk.count(b"\n")
    now = time.monotonic()
    if rows // 100_000 > marks:
        print(f"{rows:>10} rows  {(rows - marks * 100_000) / (now - last):>8.0f}/s", flush=True)
        marks, last = rows // 100_000, now
    if over:
        break
    time.sleep(0.02)
seconds = time.monotonic() - begun
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(
    f"{rows} rows in {seconds:.1f} s: {rows / seconds:.0f}/s; "
    f"CPU {usage.ru_utime:.1f} s own, {usage.ru_stime:.1f} s system; {usage.ru_maxrss / 1024:.0f} MiB at most"
)
sys.exit(process.returncode)
