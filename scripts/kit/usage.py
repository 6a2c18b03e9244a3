"""What a process uses, by what Linux tells of it."""

import os
import pathlib
import re


def status(pid, name):
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE).group(1))


def memory(pid):
    """In MB."""
    return status(pid, "VmRSS") / 1024


def most_memory(pid):
    """The most that it ever was, in MB."""
    return status(pid, "VmHWM") / 1024


def files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return status(pid, "Threads")
