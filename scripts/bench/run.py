"""Measures, and writes what came of it to docs/performance/PART.json, from which page.py makes tables.

    python3 -m scripts.bench.run [--rounds 3] [--seconds 4] [--dry-run] PART…

TEST_DATABASE_URL names a PostgreSQL; scripts/bench.sh starts one and builds what is measured.
"""

import argparse
import datetime
import json
import pathlib
import signal
import sys
import tempfile
import traceback

from scripts.bench import allocations, beside, calls, deep, machine, parts, scale, sizes, targets
from scripts.bench.rounds import tell
from scripts.kit.nodes import ROOT

PARTS = {**parts.PARTS, **calls.PARTS, **allocations.PARTS, **scale.PARTS, **sizes.PARTS, **beside.PARTS, **deep.PARTS}
RESULTS = ROOT / "docs/performance"


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def count(text):
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than nothing")
    return number


def arguments():
    parser = argparse.ArgumentParser(prog="scripts.bench.run", description="Measures, and writes docs/performance/PART.json.")
    parser.add_argument("parts", nargs="+", metavar="PART", choices=[*PARTS, "all"], help=f"all, or some of: {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=positive, default=3, help="how often each is measured, in turns")
    parser.add_argument("--seconds", type=positive, default=4, help="how long each measurement takes")
    parser.add_argument("--accounts", type=count, default=10_000, help="accounts that are there before")
    parser.add_argument("--people", type=positive, default=1_000, help="people who sign up and are signed in")
    grown = [1_000, 10_000, 100_000, 1_000_000]
    parser.add_argument("--sizes", type=positive, nargs="+", default=grown, help="accounts, for accounts and pages")
    parser.add_argument("--strangers", type=positive, default=20_000, help="people from all accounts who ask once each, for accounts")
    parser.add_argument("--logins", type=positive, default=2_000, help="people who register, log in and read, for sizes")
    parser.add_argument("--idle", type=count, nargs="+", default=[0, 1_000, 5_000, 10_000], help="idle connections")
    parser.add_argument("--peers", nargs="+", default=beside.known(), help=f"of: {', '.join(beside.known()) or 'none that are there'}")
    parser.add_argument("--listed", type=count, default=1_000_000, help="accounts in the long lists of peers-list; 0 leaves these out")
    parser.add_argument("--results", type=pathlib.Path, default=RESULTS, help="the directory that the figures go to")
    parser.add_argument("--dry-run", action="store_true", help="only says what would be measured")
    options = parser.parse_args()
    if "all" in options.parts:
        options.parts = list(PARTS)
    unknown = [name for name in options.peers if name not in beside.known()]
    if unknown:
        parser.error(f"there is no peer {', '.join(unknown)}; there are: {', '.join(beside.known()) or 'none'}")
    options.sizes, options.idle = sorted(set(options.sizes)), sorted(set(options.idle))
    return options


def measure(name, options):
    """Everything about one part that has to be known to judge its figures, and to measure them again."""
    # On a disk, where temporary files may be in memory.
    place = ROOT / "target/bench"
    place.mkdir(parents=True, exist_ok=True)
    targets.Doorward.written_down()
    with tempfile.TemporaryDirectory(prefix="run-", dir=place) as directory:
        rows, settings = PARTS[name](options, pathlib.Path(directory))
    given = targets.Doorward.written_down()
    versions = machine.versions(targets.doorward())
    for row in rows:
        versions.update(row.pop("versions", {}))
    return {
        "part": name,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine.machine(),
        "versions": versions,
        "settings": {"rounds": options.rounds, "seconds": options.seconds, **settings},
        "given": given,
        "rows": rows,
    }


def rounded(value):
    """Six digits count, and more are noise that a reader of the file has to skip."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return value


def install(options):
    """Every peer before anything is measured; answers which could not be, and are left out."""
    missing = []
    for name in options.peers:
        try:
            beside.installed(name)
        except Exception as fault:  # noqa: BLE001 - whatever the reason, the others can be measured
            tell(f"{name} could not be installed, and is left out: {fault}")
            missing.append(name)
    options.peers = [name for name in options.peers if name not in missing]
    return missing


def main():
    options, failed, missing = arguments(), [], []
    # Whoever is asked to stop still ends what was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not options.dry_run and any(name.startswith("peers-") for name in options.parts):
        missing = install(options)
    for name in options.parts:
        tell(f"{name}: {' '.join((PARTS[name].__doc__ or '').split())}")
        if options.dry_run:
            continue
        try:
            result = measure(name, options)
        # The others may be well, and took long to come to.
        except SystemExit as fault:
            tell(f"{name} was not measured: {fault}")
            failed.append(name)
            continue
        except Exception:  # noqa: BLE001 - told in full
            tell(f"{name} was not measured:\n{traceback.format_exc()}")
            failed.append(name)
            continue
        options.results.mkdir(parents=True, exist_ok=True)
        text = json.dumps(rounded(result), indent=1, ensure_ascii=False) + "\n"
        (options.results / f"{name}.json").write_text(text, encoding="utf-8")
    if failed:
        tell(f"not measured: {', '.join(failed)}")
    if missing:
        tell(f"without these peers, which could not be installed: {', '.join(missing)}")
    return bool(failed or missing)


if __name__ == "__main__":
    sys.exit(main())
