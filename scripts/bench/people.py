#!/usr/bin/env python3
"""Accounts to take in: as many lines of NDJSON as asked for, the same each time.

    scripts/bench/people.py COUNT [--random] [--heavy]

Usernames are in order, as of a system that numbers its users; with --random in none. Each has a name and a hash of its
own that nobody's password makes; with --heavy, a hundred games as well.
"""
import hashlib
import sys

ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def main(count: int, is_random: bool, is_heavy: bool) -> None:
    games = ",".join(f'"G{number}"' for number in range(100))
    more = f',"played_games":[{games}]' if is_heavy else ""
    out = []
    for number in range(count):
        digest = hashlib.sha512(number.to_bytes(8)).digest()
        # The last characters of salt and digest carry fewer bits.
        text = "".join(ALPHABET[byte & 63] for byte in digest[:53])
        text = text[:21] + "u" + text[22:52] + "u"
        name = digest[:9].hex() if is_random else f"user{number:08}"
        out.append(
            f'{{"username":"{name}@example.com","password_hash":"$2b$12${text}",'
            f'"profile":{{"fullname":"Person {number}","city":"London"}}{more}}}\n'
        )
        if len(out) == 10_000:
            sys.stdout.write("".join(out))
            out.clear()
    sys.stdout.write("".join(out))


main(int(sys.argv[1]), "--random" in sys.argv[2:], "--heavy" in sys.argv[2:])
