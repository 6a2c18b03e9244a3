"""Accounts to take in: as many lines of NDJSON as asked for, the same each time.

    python3 -m scripts.bench.people COUNT [--random] [--heavy]

Usernames are in order, as of a system that numbers its users; with --random in none. One account in 1000 is an admin's, one
in 50 is closed, one in 100 belongs to a streamer; they were opened over four years, and their people came last at some time
of the next. Everybody has the password of all benchmarks, under a hash as cheap as can be; with --heavy, a hundred games as
well.
"""

import ctypes
import ctypes.util
import datetime
import hashlib
import json
import sys

from scripts.kit.nodes import PASSWORD

# One hash for all: a million of them would take a quarter of an hour, and nothing is kept by what a hash is.
SETTING = "$2b$04$abcdefghijklmnopqrstuu"
HASH_LENGTH = 60
# Larger than any version's `struct crypt_data`, which crypt.h promises to stay below this.
CRYPT_ROOM = 32768
# So many accounts have one of each. They begin at different numbers: an admin who is closed could not log in.
ADMINS, CLOSED, STREAMERS = (1000, 1), (50, 2), (100, 3)
FIRST_OPENED = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
OPENED_IN, SEEN_IN = datetime.timedelta(days=1461), datetime.timedelta(days=366)
# Neighbours come at times that are far apart: it divides no number of accounts that anybody asks for.
STRIDE = 7919


def username(number):
    """Whose account has this number, where usernames are in order."""
    return f"user{number:08}@example.com"


def is_one_of(numbers, number):
    every, first = numbers
    return number % every == first


def is_closed(number):
    return is_one_of(CLOSED, number)


def spread(accounts, count):
    """So many usernames, and no more than there are, evenly from all who can log in."""
    able = [number for number in range(accounts) if not is_closed(number)]
    count = min(count, len(able))
    return [username(able[place * len(able) // count]) for place in range(count)]


def cheap_hash():
    """Of the password of all benchmarks, by crypt(3)."""
    library = ctypes.CDLL(ctypes.util.find_library("crypt") or "libcrypt.so.1")
    library.crypt_rn.restype = ctypes.c_char_p
    library.crypt_rn.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int]
    room = ctypes.create_string_buffer(CRYPT_ROOM)
    told = library.crypt_rn(PASSWORD.encode(), SETTING.encode(), room, CRYPT_ROOM)
    if not told or len(told) != HASH_LENGTH:
        raise SystemExit("crypt(3) of this machine does not know bcrypt")
    return told.decode()


def times(number, count):
    """When an account was opened, and when its owner came last."""
    opened = FIRST_OPENED + OPENED_IN * (number / count)
    seen = FIRST_OPENED + OPENED_IN + SEEN_IN * ((number * STRIDE % count) / count)
    return opened.isoformat(), seen.isoformat()


def person(number, count, is_random):
    """One account, without what all have in common."""
    name = f"{hashlib.sha512(number.to_bytes(8)).hexdigest()[:18]}@example.com" if is_random else username(number)
    opened, seen = times(number, count)
    made = {
        "username": name, "profile": {"fullname": f"Person {number}", "city": "London"}, "active": not is_closed(number),
        "created_at": opened, "last_login": seen,
    }
    if is_one_of(ADMINS, number):
        made["role"] = "admin"
    if is_one_of(STREAMERS, number):
        made["user_type"] = {"streamer": {"streamer_id": f"streamer{number}"}}
    return made


def main(count, is_random, is_heavy):
    shared = {"password_hash": cheap_hash()}
    if is_heavy:
        shared["played_games"] = [f"G{number}" for number in range(100)]
    for number in range(count):
        sys.stdout.write(json.dumps({**person(number, count, is_random), **shared}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), "--random" in sys.argv[2:], "--heavy" in sys.argv[2:])
