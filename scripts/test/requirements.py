#!/usr/bin/env python3
"""Holds the column "test" of docs/requirements.md to the tests: `ses_06_and_azn_14_…` tests SES-06 and AZN-14 by name,
and a test that is named in the column is there. With `--write` it writes anew what is tested by name."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/requirements.md"
GROUPS = {"aut", "tok", "ses", "azn", "inp", "web", "dos", "rac", "cfg", "log", "api"}
ROW = re.compile(r"^\| ([A-Z]+-?\d\d) \| (.*) \| (.*) \|$")


def requirements(name):
    """The requirements that a test's name begins with."""
    found, group, joins = [], None, None
    words = name.split("_")
    for place, word in enumerate(words):
        if word in GROUPS and words[place + 1 : place + 2] and re.fullmatch(r"\d\d", words[place + 1]):
            group = word
        elif group and re.fullmatch(r"\d\d", word):
            first = int(found[-1][-2:]) + 1 if joins == "to" else int(word)
            found += [f"{group.upper()}-{number:02}" for number in range(first, int(word) + 1)]
            joins = None
        elif re.fullmatch(r"r\d\d", word) and not group:
            found.append(word.upper())
        elif word in ("and", "to") and found:
            joins = word
        else:
            break
    return found


def functions():
    sources = (ROOT / "crates").rglob("*.rs")
    return {name for source in sources for name in re.findall(r"\bfn ([a-z0-9_]+)", source.read_text(encoding="utf-8"))}


def main():
    names = functions()
    by_name = {requirement for name in names for requirement in requirements(name)}
    lines, told, changed, missing = [], set(), [], []
    writing = "--write" in sys.argv
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        row = ROW.match(line)
        if row:
            requirement, sentence, test = row.groups()
            told.add(requirement)
            right = "by name" if requirement in by_name else "no" if test == "by name" else test
            if test == "by name" != right:
                changed.append(f"{requirement}: no test has it in its name")
            elif test == "no" != right and not writing:
                print(f"note: {requirement} is tested by now; run scripts/test/requirements.py --write")
                right = test
            line = f"| {requirement} | {sentence} | {right} |"
            missing += [name for name in re.findall(r"`([^`]+)`", right) if name not in names and not (ROOT / name).exists()]
        lines.append(line)
    unknown = sorted(by_name - told)
    if writing:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
        changed = []
    for requirement in unknown:
        print(f"{requirement} is in the name of a test and not in {PAGE.relative_to(ROOT)}")
    for change in changed:
        print(change)
    for name in missing:
        print(f"there is no test {name}")
    print(f"{len(told)} requirements, {len(told & by_name)} tested by name")
    return bool(unknown or changed or missing)


sys.exit(main())
