#!/usr/bin/env python3
"""Holds docs/requirements.md to the tests: every requirement has a row, and a row that is met has a test.

`ses_06_and_azn_14_…` tests SES-06 and AZN-14 by name; any other test is named in the row. With `--write` the page says
anew what is tested by name, and how many rows are met. A row that is missing, or has neither test nor reason, is for a
person to write."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/requirements.md"
# How many requirements each group has.
CHECKLIST = {"aut": 21, "tok": 20, "ses": 19, "azn": 14, "inp": 16, "web": 10, "dos": 10, "rac": 9, "cfg": 6, "log": 4, "api": 1}
RELIABILITY = [f"R{number:02}" for number in range(1, 34)]
STATES = ["met", "not met", "not applicable"]
ROW = re.compile(r"^\| ([A-Z]+-?\d\d) \| (.*) \| (.*) \| (.*) \|$")
SUMMARY = re.compile(r"^Of \d+ requirements .*$")
# What stands before a test's name, with a group for the name.
TEST = re.compile(r"#\[(?:\w+::)?test(?:\([^\]]*\))?\]\s*(?:#\[[^\]]*\]\s*)*(?:async )?fn ([a-z0-9_]+)")
BY_NAME = "by name"


def checklist():
    return [f"{group.upper()}-{number:02}" for group, count in CHECKLIST.items() for number in range(1, count + 1)]


def requirements(name):
    """The requirements that a test's name begins with."""
    found, group, joins = [], None, None
    words = name.split("_")
    for place, word in enumerate(words):
        if word in CHECKLIST and re.fullmatch(r"\d\d", (words[place + 1 :] or [""])[0]):
            group = word
        elif group and re.fullmatch(r"\d\d", word):
            first = int(found[-1][-2:]) + 1 if joins == "to" else int(word)
            found += [f"{group.upper()}-{number:02}" for number in range(first, int(word) + 1)]
            joins = None
        elif re.fullmatch(r"r\d\d", word) and (joins == "and" or not found):
            found.append(word.upper())
            group = joins = None
        elif word in ("and", "to") and found:
            joins = word
        else:
            break
    return found


def tests():
    """The names of all tests; what a contract or a test's support checks is as good as one."""
    names, checks = set(), set()
    for source in (ROOT / "crates").rglob("*.rs"):
        text = source.read_text(encoding="utf-8")
        names.update(TEST.findall(text))
        if {"contract", "tests"} & set(source.relative_to(ROOT).parts):
            checks.update(re.findall(r"\bfn ([a-z0-9_]+)", text))
    return names, names | checks


def as_tested(state, text, is_tested):
    """State and last column of a row, once it is known whether a test has the requirement in its name."""
    rest = re.sub(rf"^{BY_NAME}(, )?", "", text)
    if is_tested:
        return "met", f"{BY_NAME}, {rest}" if rest and state == "met" else BY_NAME
    if text.startswith(BY_NAME) and not rest:
        return "not met", "no test has it in its name"
    return state, rest


def count(rows, of):
    states = [state for requirement, state in rows.items() if requirement in of]
    return ", ".join(f"{states.count(state)} {state}" for state in STATES if states.count(state))


def summary(rows):
    return (
        f"Of {len(checklist())} requirements of security: {count(rows, checklist())}. "
        f"Of {len(RELIABILITY)} of reliability: {count(rows, RELIABILITY)}."
    )


def faults_of(row, written, known):
    """What is wrong with a row as it stands."""
    requirement, _, state, text = row
    if state not in STATES:
        yield f"{requirement}: {state!r} is none of {', '.join(STATES)}"
    if (state, text) != written:
        if written[1].startswith(BY_NAME):
            yield f"{requirement}: a test has it in its name, and the row says otherwise: {state} | {text}"
        else:
            yield f"{requirement}: no test has it in its name"
        return
    named = re.findall(r"`([^`]+)`", text)
    if state == "met" and not named and not text.startswith(BY_NAME):
        yield f"{requirement}: met, and no test is named"
    if state != "met" and not text.strip():
        yield f"{requirement}: {state}, and no reason is told"
    for name in named:
        if name not in known and not (ROOT / name).is_file():
            yield f"{requirement}: there is no test {name}"


def main():
    writing = "--write" in sys.argv
    names, known = tests()
    by_name = {requirement for name in names for requirement in requirements(name)}
    lines, rows, faults = [], {}, []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        match = ROW.match(line)
        if match:
            requirement, sentence, state, text = match.groups()
            written = as_tested(state, text, requirement in by_name)
            if writing:
                state, text = written
            faults += [f"{requirement} has two rows"] if requirement in rows else []
            faults += faults_of((requirement, sentence, state, text), written, known)
            rows[requirement] = state
            line = f"| {requirement} | {sentence} | {state} | {text} |"
        lines.append(line)
    expected = checklist() + RELIABILITY
    faults += [f"{requirement} has no row" for requirement in expected if requirement not in rows]
    faults += [f"{requirement} is no requirement" for requirement in sorted(by_name.union(rows) - set(expected))]
    told = [place for place, line in enumerate(lines) if SUMMARY.match(line)]
    if len(told) != 1:
        faults.append("the page needs one line that begins with “Of … requirements” and counts them")
    elif writing:
        lines[told[0]] = summary(rows)
    elif lines[told[0]] != summary(rows):
        faults.append("the count at the top is not right; scripts/test/requirements.py --write counts anew")
    if writing:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for fault in faults:
        print(fault)
    print(summary(rows))
    return bool(faults)


sys.exit(main())
