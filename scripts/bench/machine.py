"""The machine and the versions that figures belong to."""

import hashlib
import os
import pathlib
import platform
import re
import shutil
import subprocess

from scripts.kit.nodes import ROOT


def first(pattern, text):
    match = re.search(pattern, text, re.MULTILINE)
    return match.group(1).strip() if match else None


def machine():
    cpu = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return {
        "processor": first(r"^model name\s*: (.+)$", cpu) or platform.machine(),
        "cores": os.cpu_count(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "disk": disk(ROOT / "target"),
    }


def disk(path):
    """The file system that measurements write to, and the device that it is on."""
    place = path.resolve()
    while not place.exists():
        place = place.parent
    return " on ".join(told("findmnt", "--noheadings", "--output", "FSTYPE,SOURCE", "--target", str(place)).split()) or "unknown"


def commit():
    """That of the files here, and whether they differ from it; nothing where they are not in a repository.

    Figures and the pages with them are no part of what was measured.
    """
    run = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False, cwd=ROOT)
    if run.returncode:
        return None
    differs = told("git", "status", "--porcelain", "--", ".", ":!docs").strip()
    return run.stdout.strip() + ("-dirty" if differs else "")


def digest(program):
    """By it a build is known, whatever the commit."""
    return hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()[:12]


def locked(name):
    """The version of a crate that Doorward is built with."""
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    return first(rf'^name = "{re.escape(name)}"\nversion = "([^"]+)"$', lock)


def told(*command):
    """What a program says, on either stream; nothing where it is missing."""
    if shutil.which(command[0]) is None:
        return ""
    # wrk tells its version and fails.
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return run.stdout + run.stderr


def postgres():
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        return None
    psql = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--dbname", url]
    return first(r"^(\S+)", told(*psql, "--command", "SHOW server_version"))


def versions(doorward):
    """By name; what this machine does not have is left out."""
    found = {
        "Doorward": first(r"^doorward (\S+)", told(doorward, "--version")),
        "binary": digest(doorward),
        "commit": commit(),
        "actix-web": locked("actix-web"),
        "libsqlite3-sys": locked("libsqlite3-sys"),
        "rustc": first(r"^rustc (\S+)", told("rustc", "--version")),
        "PostgreSQL": postgres(),
        "Redis": first(r"v=(\S+)", told("redis-server", "--version")),
        "wrk": first(r"^wrk (\S+)", told("wrk", "-v")),
        "Python": platform.python_version(),
    }
    return {name: version for name, version in found.items() if version}
