"""What a process uses, by what Linux tells of it."""

import contextlib
import os
import pathlib
import re

TICK = 1 / os.sysconf("SC_CLK_TCK")
# What Linux calls a kB has 1024 bytes, and an MB has a million.
MEGABYTES = 1024 / 1e6


def status(pid, name):
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE).group(1))


def memory(pid):
    """In MB, with all that it shares with others (RSS)."""
    return status(pid, "VmRSS") * MEGABYTES


def most_memory(pid):
    """The most that it ever was, in MB."""
    return status(pid, "VmHWM") * MEGABYTES


def files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return status(pid, "Threads")


def fields(pid):
    """Those of /proc/PID/stat behind the name, which may hold anything: its state is the first."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(") ", 1)[1].split()


def parents():
    """Of every process that there is, the parent. One that ends meanwhile is left out."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                found[int(name)] = int(fields(name)[1])
    return found


def family(pid):
    """A process, its children, theirs, and so on: a server with workers is all of them."""
    of, found = parents(), [pid]
    for member in found:
        found += [child for child, parent in of.items() if parent == member]
    return found


def processor_time(pids):
    """What these processes have used of the processors by now, in seconds, their own and the kernel's for them."""
    total = 0
    for pid in pids:
        # One that has ended counts no more, so only families that stay can be measured.
        with contextlib.suppress(OSError):
            total += sum(map(int, fields(pid)[11:13]))
    return total * TICK


def shared_memory(pids):
    """In MB; what several processes share counts in each for its part (PSS), so that a sum counts it once."""
    total = 0
    for pid in pids:
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE).group(1))
    return total * MEGABYTES
