"""Accounts that are taken in, and the places in lists of them."""

import unittest

from scripts.bench import people
from scripts.bench.pages import places_of


class People(unittest.TestCase):
    def test_shares_are_those_that_lists_are_filtered_by(self):
        made = [people.person(number, 10_000, is_random=False) for number in range(10_000)]
        self.assertEqual(sum(one.get("role") == "admin" for one in made), 10)
        self.assertEqual(sum(not one["active"] for one in made), 200)
        self.assertEqual(sum("user_type" in one for one in made), 100)
        self.assertTrue(all(one["active"] for one in made if one.get("role") == "admin" or "user_type" in one))

    def test_nobody_was_seen_before_they_came_or_when_somebody_else_was(self):
        times = [people.times(number, 10_000) for number in range(10_000)]
        self.assertTrue(all(opened < seen for opened, seen in times))
        self.assertEqual(len({seen for _, seen in times}), 10_000)

    def test_there_may_be_very_many(self):
        opened, seen = people.times(99_999_999, 100_000_000)
        self.assertLess(opened, seen)

    def test_those_who_are_spread_are_everywhere_and_can_log_in(self):
        chosen = people.spread(10_000, 100)
        self.assertEqual(len(set(chosen)), 100)
        self.assertGreater(chosen[-1], people.username(9_850))
        closed = {people.username(number) for number in range(10_000) if people.is_closed(number)}
        self.assertFalse(closed & set(people.spread(10_000, 20_000)))

    def test_the_hash_is_of_the_password_and_cheap(self):
        self.assertRegex(people.cheap_hash(), r"^\$2b\$04\$[./A-Za-z0-9]{53}$")


class Places(unittest.TestCase):
    def test_what_is_timed_has_room_at_the_end_of_a_long_list(self):
        self.assertEqual(places_of(5_001, 200), (0, 2_500, 4_975))

    def test_places_of_a_short_list_differ(self):
        self.assertEqual(places_of(3, 50), (0, 1, 2))
        self.assertEqual(places_of(6, 200), (0, 3, 4))


if __name__ == "__main__":
    unittest.main()
