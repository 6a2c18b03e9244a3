"""What is read from programs that count: strace, and our own that counts allocations."""

import unittest

from scripts.bench import allocations, calls

STRACE = """% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 51.20    0.812345           4    200000           writev
 30.10    0.500000           2    210000     10001 recvfrom
 18.70    0.300000           3    100000        12 epoll_wait
------ ----------- ----------- --------- --------- ----------------
100.00    1.612345           3    510000     10013 total
"""
ALLOCATIONS = """a request on average                         allocations       bytes
bare handler, the same bytes                         4.0         120
GET /api/user/me, from SQLite                       57.1       10321
"""


class Calls(unittest.TestCase):
    def test_calls_are_counted_with_and_without_errors(self):
        self.assertEqual(calls.read(STRACE), {"writev": 200_000, "recvfrom": 210_000, "epoll_wait": 100_000})

    def test_a_trace_of_nothing_is_no_figure(self):
        with self.assertRaisesRegex(SystemExit, "strace counted nothing"):
            calls.read("")


class Allocations(unittest.TestCase):
    def test_names_have_spaces(self):
        found = allocations.read(ALLOCATIONS)
        self.assertEqual(list(found), ["bare handler, the same bytes", "GET /api/user/me, from SQLite"])
        self.assertEqual(found["GET /api/user/me, from SQLite"], {"allocations": 57.1, "allocated": 10_321})

    def test_another_table_is_refused(self):
        for text in ("", "heading\n", ALLOCATIONS + "one more  1.0\n"):
            with self.assertRaises(SystemExit):
                allocations.read(text)


if __name__ == "__main__":
    unittest.main()
