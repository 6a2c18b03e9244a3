#!/usr/bin/env python3
"""Every relative link and image in our documents leads to a file, and every anchor to a heading."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)(?:\s+\"[^\"]*\")?\)|<img\s[^>]*src=\"([^\"]+)\"")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")


def documents():
    yield from ROOT.glob("*.md")
    for directory in (".github", "certs", "crates", "docs", "migrations", "scripts"):
        yield from (ROOT / directory).rglob("*.md")


def anchor(heading):
    """GitHub's anchor of a heading."""
    text = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return text.replace(" ", "-")


def anchors(path):
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    return {anchor(heading) for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", text, re.MULTILINE)}


def faults(document):
    text = CODE.sub("", FENCE.sub("", document.read_text(encoding="utf-8")))
    for match in LINK.finditer(text):
        link = match.group(1) or match.group(2)
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        name, _, heading = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.is_relative_to(ROOT) or not target.exists():
            yield f"{document.relative_to(ROOT)}: {link} leads nowhere"
        elif heading and target.suffix == ".md" and heading not in anchors(target):
            yield f"{document.relative_to(ROOT)}: {link} names no heading"


def main():
    found = sorted(documents())
    wrong = [fault for document in found for fault in faults(document)]
    print(*wrong, f"{len(found)} documents, {len(wrong)} links that lead nowhere", sep="\n")
    return bool(wrong)


sys.exit(main())
