"""The arithmetic of a region, on figures that can be followed by head."""

import unittest

from scripts.bench import assumed, capacity
from scripts.bench.assumed import Assumptions
from scripts.bench.capacity import STORE, Measured
from scripts.bench.figures import UNKNOWN
from scripts.bench.region import REDIS_ALONE, Region, Unmeasured
from scripts.bench.tests.canned import row

# Microseconds of a processor.
TIMES = {"me": 10.0, "refresh": 200.0, "change": 300.0, "logout": 250.0, "register": 2_000.0, "login": 250_000.0}
STRANGER = 50.0
ROWS = ["an account", "a session", "an entry of the audit log", "a reader's copies in the process"]
KEYS = ["a stamp", "a session that was confirmed", "a document and its address", "a network that somebody logged in from"]


def measured():
    """Every part that a region rests on."""
    found = {part: {"rows": [row(STORE, {"processor": time})]} for part, time in TIMES.items()}
    found["me"]["rows"].append(row(REDIS_ALONE, {"rate": 100_000.0}))
    found["idle"] = {"rows": [row(STORE, {"0 connections": 20.0, "10 000 connections": 120.0})]}
    found["accounts"] = {
        "rows": [row(f"{STORE}, {count}", {"strangers processor": time}, store=STORE, accounts=count)
                 for count, time in ((10_000, 1.0), (1_000_000, STRANGER))]
    }
    sizes = [row(f"PostgreSQL, {name}", {"bytes": 1_000.0}) for name in ROWS] + [row(f"Redis, {name}", {"bytes": 100.0}) for name in KEYS]
    found["sizes"] = {"rows": sizes}
    return found


def region(millions=10, figures=None, **given):
    return Region(millions, Assumptions(**given), Measured(measured() if figures is None else figures))


class People(unittest.TestCase):
    def test_requests_at_the_peak(self):
        # A fifth of ten million asks sixty times a day, three times as often at the peak.
        self.assertAlmostEqual(region().a_second["me"], 2_000_000 * 60 * 3 / 86_400)
        self.assertAlmostEqual(region().a_second["refresh"], region().a_second["me"] / 15)

    def test_no_more_people_are_active_than_there_are_on_a_day(self):
        self.assertEqual(region().active_within(24 * 60), region().active)


class Cores(unittest.TestCase):
    def test_each_hash_takes_a_core_as_long_as_a_login(self):
        asked = region().a_second
        hashes = asked["login"] + asked["wrong password"] + asked["registration"]
        self.assertAlmostEqual(region().hashing, hashes * 0.25)

    def test_strangers_are_those_whom_a_node_has_no_room_for(self):
        there = region()
        self.assertAlmostEqual(there.met, assumed.MOST_TOKENS / 250_000)
        self.assertAlmostEqual(there.reading * 1e6, there.met * 10 + (1 - there.met) * STRANGER)

    def test_a_node_knows_everybody_where_few_ask(self):
        few = region(millions=0.1)
        self.assertEqual(few.met, 1)
        self.assertAlmostEqual(few.reading * 1e6, 10)

    def test_three_nodes_are_the_fewest(self):
        self.assertEqual(region(millions=0.1).nodes, 3)
        self.assertEqual(region(millions=1_000).nodes, -(-region(millions=1_000).cores // 8))


class Stores(unittest.TestCase):
    def test_a_document_that_a_node_has_not_is_looked_up_as_well(self):
        few, many = region(millions=1), region(millions=10)
        once = sum(few.a_second[kind] for kind in ("me", "refresh", "change", "logout"))
        self.assertAlmostEqual(few.look_ups, once)
        self.assertAlmostEqual(many.look_ups, once * 10 + many.a_second["me"] * (1 - assumed.MOST_DOCUMENTS / 250_000))

    def test_ranges_hold_one_copy(self):
        there = region()
        rows = there.users + there.sessions + there.entries
        self.assertAlmostEqual(there.stored, rows * 1_000)
        self.assertEqual(there.ranges, -(-there.stored // assumed.RANGE_BYTES))
        self.assertAlmostEqual(there.stores, there.stored * 3 / 0.5)


class Missing(unittest.TestCase):
    def test_a_part_that_is_missing_is_named(self):
        figures = measured()
        del figures["sizes"]
        self.assertRaisesRegex(Unmeasured, "^sizes$", lambda: region(figures=figures).stored)
        self.assertIn(UNKNOWN, capacity.blocks(figures)["database"])

    def test_strangers_who_were_not_met_are_missing(self):
        figures = measured()
        figures["accounts"]["rows"] = [row(f"{STORE}, 1 000", {"rate": 1.0}, store=STORE, accounts=1_000)]
        self.assertRaisesRegex(Unmeasured, "^accounts$", lambda: region(figures=figures).answering)

    def test_every_table_is_filled_where_all_is_measured(self):
        for name, text in capacity.blocks(measured()).items():
            self.assertNotIn(UNKNOWN, text, name)


if __name__ == "__main__":
    unittest.main()
