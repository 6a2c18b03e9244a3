"""Runs wrk with a plan, and reads what it says."""

import dataclasses
import os
import pathlib
import re
import resource
import subprocess
import tempfile

CLIENT = pathlib.Path(__file__).with_name("client.lua")
# In milliseconds.
UNITS = {"us": 0.001, "ms": 1, "s": 1_000, "m": 60_000}


class WrongAnswers(Exception):
    """Figures of answers that were refusals tell nothing."""


@dataclasses.dataclass(frozen=True)
class Said:
    """Answers in all and a second, the milliseconds that half and 99 of 100 of them took at most, and the seconds of a
    processor that the client used.
    """

    count: int
    rate: float
    p50: float
    p99: float
    client: float = 0


def found(pattern, text, otherwise=None):
    match = re.search(pattern, text, re.MULTILINE)
    if match is None and otherwise is None:
        raise WrongAnswers(f"wrk did not say {pattern}:\n{text}")
    return match.groups() if match else otherwise


def milliseconds(amount, unit):
    return float(amount) * UNITS[unit]


def read(text, may_refuse=False):
    """What it measured; refusals, and connections that broke, end the run."""
    wrong = int(found(r"Non-2xx or 3xx responses: (\d+)", text, ("0",))[0])
    errors = found(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text, ("0",) * 4)
    if (wrong and not may_refuse) or any(map(int, errors)):
        raise WrongAnswers(f"{wrong} answers were refusals; faults while connecting, reading, writing, waiting: {errors}\n{text}")
    count = int(found(r"(\d+) requests in", text)[0])
    if not count:
        raise WrongAnswers(f"nothing was answered:\n{text}")
    rate = float(found(r"Requests/sec:\s+([\d.]+)", text)[0])
    answered, seconds = found(r"Answered once: (\d+) in ([\d.]+) s", text, ("0", "0"))
    if float(seconds) > 0:
        rate = int(answered) / float(seconds)
    halves, latest = (milliseconds(*found(rf"^\s+{share}%\s+([\d.]+)(us|ms|s|m)\s*$", text)) for share in (50, 99))
    return Said(count, rate, halves, latest)


def used_by_children():
    """Seconds of a processor, of all that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(loads, seconds, may_refuse=False):
    """One wrk for each place and its plan, all at once; together they are one measurement."""
    with tempfile.TemporaryDirectory() as directory:
        running, before = [], used_by_children()
        try:
            for number, (place, plan) in enumerate(loads):
                path = pathlib.Path(directory) / f"plan-{number}"
                plan.write(path)
                running.append(started(place, plan, seconds, path))
            said = [process.communicate(timeout=seconds + 60)[0] for process in running]
        finally:
            for process in running:
                process.kill()
                process.wait()
    if any(process.returncode for process in running):
        raise WrongAnswers("wrk failed:\n" + "".join(said))
    each = [read(text, may_refuse) for text in said]
    count, rate = sum(one.count for one in each), sum(one.rate for one in each)
    return Said(count, rate, max(one.p50 for one in each), max(one.p99 for one in each), used_by_children() - before)


def started(place, plan, seconds, path):
    command = ["wrk", f"-t{plan.threads}", f"-c{plan.connections}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
    address = f"http://{place[0]}:{place[1]}"
    if plan.order == "static":
        request = plan.requests[0]
        command += [part for name, value in request.headers.items() for part in ("--header", f"{name}: {value}")]
        command += [address + request.path]
    else:
        command += ["--script", CLIENT, address, "--", str(plan.threads)]
    environment = {**os.environ, "BENCH_PLAN": str(path)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
