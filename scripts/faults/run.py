#!/usr/bin/env python3
"""Makes faults and writes down what came of them: see scripts/faults.sh.

Which tests and scripts show a fault stands in docs/requirements.md, and nowhere else; how it is made and what has to
hold stands in docs/faults.md, where this writes the last two columns.
"""

import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "docs/requirements.md"
PAGE = ROOT / "docs/faults.md"
FAULTS = [f"R{number:02}" for number in range(1, 34)]
REQUIREMENT = re.compile(r"^\| (R\d\d) \| .* \| (.*) \| (.*) \|$")
ROW = re.compile(r"^\| (R\d\d) \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$")
MACHINE = re.compile(r"^<!-- machine -->.*$", re.MULTILINE)
BY_NAME = "by name"
# What tests are asked for here; CI asks for less.
ASKED_OF_TESTS = {"TEST_KILL": "long"}
# What a script is asked for here, once for each; CI asks for less.
ASKED = {
    "scripts/faults/rolling_restart.sh": [
        ["--rounds", "20", "--rate", "500"],
        ["--rounds", "20", "--rate", "500", "--proxy", "nginx"],
    ],
    "scripts/faults/soak.sh": [["--requests", "1000000", "--rate", "1000"]],
}


def shown_by():
    """Of each fault: its state, whether tests have it in their names, and what else is named."""
    found = {}
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        match = REQUIREMENT.match(line)
        if match:
            fault, state, text = match.groups()
            found[fault] = (state, text.startswith(BY_NAME), re.findall(r"`([^`]+)`", text), text)
    return found


def rows():
    """The rows of the page: how a fault is made, what has to hold, what came of it, and figures."""
    found = map(ROW.match, PAGE.read_text(encoding="utf-8").splitlines())
    return {match.group(1): [cell.strip() for cell in match.groups()[1:]] for match in found if match}


def check(faults, table):
    """Whether both pages have every fault, and every script that is named is there. Tests are another check's."""
    wrong = [f"docs/requirements.md has no row {fault}" for fault in FAULTS if fault not in faults]
    wrong += [f"docs/faults.md has no row {fault}" for fault in FAULTS if fault not in table]
    wrong += [f"docs/faults.md has a row {fault}, which is no fault" for fault in table if fault not in FAULTS]
    for fault, (_, _, named, _) in faults.items():
        wrong += [f"{fault}: there is no {name}" for name in named if "/" in name and not (ROOT / name).is_file()]
    for fault, (made, holds, result, _) in table.items():
        if not made or not holds:
            wrong.append(f"{fault}: docs/faults.md does not say how it is made, or what has to hold")
        if result.startswith("holds") and faults.get(fault, ("",))[0] != "met":
            wrong.append(f"{fault}: it holds by docs/faults.md, and docs/requirements.md says that it is not met")
    requirements = subprocess.run([ROOT / "scripts/test/requirements.py"], capture_output=True, text=True, check=False)
    if requirements.returncode:
        wrong.append(requirements.stdout.strip())
    return wrong


def all_tests():
    """Every test of the workspace, as nextest lists them: which binary, and by which name."""
    listed = subprocess.run(
        ["cargo", "nextest", "list", "--locked", "--workspace", "--message-format", "json"],
        cwd=ROOT, stdout=subprocess.PIPE, check=True,
    )
    suites = json.loads(listed.stdout)["rust-suites"]
    return [(suite, name) for suite, found in suites.items() for name in found["testcases"]]


def expression(fault, has_names, named, tests):
    """What nextest is to run, or nothing; ends where a name leads to no test."""
    parts, wanted = [], []
    if has_names:
        wanted.append((fault, rf"(^|::|_and_){fault.lower()}_"))
    for name in named:
        if name.endswith(".rs"):
            path = pathlib.PurePath(name)
            package = tomllib.loads((ROOT / path.parents[1] / "Cargo.toml").read_text(encoding="utf-8"))["package"]["name"]
            suite = f"{package}::{path.stem}"
            if not any(place == suite for place, _ in tests):
                raise SystemExit(f"{fault}: there are no tests in {name}")
            parts.append(f"binary_id(={suite})")
        elif "/" not in name:
            wanted.append((name, rf"(^|::){name}(::|$)"))
    for name, pattern in wanted:
        if not any(re.search(pattern, test) for _, test in tests):
            raise SystemExit(f"{fault}: no test is called {name}")
        parts.append(f"test(/{pattern}/)")
    return " | ".join(parts)


def run_tests(which):
    """Whether all of them pass, how many there are, and the figures that they tell."""
    run = subprocess.run(
        ["cargo", "nextest", "run", "--locked", "--workspace", "--profile", "faults", "--success-output", "final",
         "--no-tests=fail", "-E", which],
        cwd=ROOT, env={**os.environ, **ASKED_OF_TESTS}, stderr=subprocess.PIPE, text=True, check=False,
    )
    summary = re.findall(r"(\d+) tests? run: (\d+) passed", run.stderr)
    if run.returncode or not summary:
        sys.stderr.write(run.stderr)
        return False, 0, []
    return True, int(summary[-1][0]), re.findall(r"^ *figure: (.+)$", run.stderr, re.M)


def run_script(name, options):
    """Whether it succeeds, and what it says last."""
    benchmark = re.fullmatch(r"scripts/bench/(\w+)\.(?:py|sh)", name)
    command = ["scripts/bench.sh", benchmark.group(1)] if benchmark else [name]
    run = subprocess.run([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    sys.stdout.write(run.stdout)
    said = [line.strip() for line in run.stdout.splitlines() if line.strip()]
    return run.returncode == 0, said[-1].replace("|", "/") if said else ""


def make(fault, shown, tests):
    """Result and figures of one fault, and whether it held."""
    state, has_names, named, text = shown
    if state != "met":
        return f"{state}: {text}", "", True
    held, counts, figures = True, [], []
    which = expression(fault, has_names, named, tests)
    if which:
        passed, count, told = run_tests(which)
        held = held and passed
        figures += told
        counts.append(f"{count} test{'s' * (count != 1)}")
    for name in (name for name in named if name.startswith("scripts/")):
        counts.append(f"`{pathlib.PurePath(name).name}`")
        for options in ASKED.get(name, [[]]):
            succeeded, said = run_script(name, options)
            held = held and succeeded
            figures.append(said)
    return f"{'holds' if held else 'DOES NOT HOLD'}: {', '.join(counts)}", "; ".join(figures), held


def machine():
    version = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"Doorward {version}; {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} on {platform.machine()}"


def write(results):
    lines = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        match = ROW.match(line)
        if match and match.group(1) in results:
            fault, made, holds, _, _ = match.groups()
            line = " | ".join([f"| {fault}", made.strip(), holds.strip(), *results[fault]]) + " |"
        lines.append(line)
    text = MACHINE.sub(f"<!-- machine --> {machine()}", "\n".join(lines) + "\n")
    PAGE.write_text(text, encoding="utf-8")


def main(arguments):
    faults, table = shown_by(), rows()
    if "--check" in arguments:
        wrong = check(faults, table)
        print("\n".join(wrong) or f"{len(FAULTS)} faults, each with a row")
        return bool(wrong)
    odd = [name for name in arguments if name not in FAULTS]
    if odd:
        raise SystemExit(f"no such fault: {', '.join(odd)}")
    tests, results, held = all_tests(), {}, True
    for fault in arguments or FAULTS:
        print(f"\n==> {fault}", flush=True)
        result, figures, all_well = make(fault, faults[fault], tests)
        print(f"<== {fault} {result}", flush=True)
        results[fault] = (result, figures)
        held = held and all_well
        # What is known so far is kept, whatever comes.
        write(results)
    return not held


sys.exit(main(sys.argv[1:]))
