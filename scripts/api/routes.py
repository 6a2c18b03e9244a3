#!/usr/bin/env python3
"""The routes in docs/api.md are those of the API description, which comes on standard input."""

import json
import pathlib
import re
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/api.md"
METHOD = r"GET|POST|PUT|DELETE"


def told():
    """Each row begins with `METHOD path`; `METHOD` alone is for the path before it."""
    for row in re.findall(rf"^\| (`(?:{METHOD}) /.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        path = None
        for method, own_path in re.findall(rf"`({METHOD})(?: (/[^`]*))?`", row):
            path = own_path or path
            yield method, path


def described():
    for path, methods in json.load(sys.stdin)["paths"].items():
        for method in methods:
            yield method.upper(), path


def main():
    page, description = set(told()), set(described())
    for method, path in sorted(description - page):
        print(f"{method} {path} is not in {PAGE.name}")
    for method, path in sorted(page - description):
        print(f"{method} {path} is in {PAGE.name} and not in the description")
    print(f"{len(description)} routes described, {len(page)} on the page")
    return page != description


sys.exit(main())
