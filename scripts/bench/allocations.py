"""What requests allocate, as the program `allocations` of the crate doorward-bench counts it."""

import re
import subprocess

from scripts.bench.targets import built

REQUESTS = 2_000
# A name, which may hold single spaces, and two numbers.
LINE = re.compile(r"(\S+(?: \S+)*) {2,}([\d.]+) +([\d.]+)")


def read(text):
    """Figures by what was asked for; the first line is the heading of the others."""
    lines = text.strip().splitlines()[1:]
    found = [LINE.fullmatch(line.strip()) for line in lines]
    if not found or None in found:
        raise SystemExit(f"allocations told something else than a name and two numbers in each line:\n{text}")
    return {name: {"allocations": float(count), "allocated": float(size)} for name, count, size in (line.groups() for line in found)}


def counted():
    program = built("allocations")
    run = subprocess.run([program, str(REQUESTS)], capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"{program} failed:\n{run.stderr}")
    return read(run.stdout)


def allocations(options, directory):
    """How often a request allocates memory and how much in all, from reading it to writing the answer, on any thread."""
    rounds = [counted() for _ in range(options.rounds)]
    return [{"name": name, "rounds": [one[name] for one in rounds]} for name in rounds[0]], {"requests": REQUESTS}


PARTS = {"allocations": allocations}
