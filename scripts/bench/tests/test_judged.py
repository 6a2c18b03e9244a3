"""What is held against a target, and when it holds."""

import unittest

from scripts.bench import judged
from scripts.bench.judged import JUDGED, Either, Judgement
from scripts.bench.tests.canned import row


def rates(name, *found, **about):
    return row(name, *({"rate": one} for one in found), **about)


class Ratios(unittest.TestCase):
    def test_a_ratio_is_taken_within_each_round(self):
        # Of the medians it would be 1.
        rows = [rates("one", 10, 20, 90), rates("other", 20, 10, 30)]
        self.assertEqual(judged.ratio("one", "other", "rate")(rows), 2)

    def test_a_row_that_is_missing_has_no_ratio(self):
        self.assertIsNone(judged.ratio("one", "other", "rate")([rates("one", 1)]))

    def test_a_figure_that_is_missing_has_no_ratio(self):
        self.assertIsNone(judged.ratio("one", "other", "p99")([rates("one", 1), rates("other", 1)]))

    def test_a_peer_counts_in_the_way_that_is_best_for_it(self):
        rows = [rates("ours", 100), rates("slow", 1, peer="theirs"), rates("fast", 4, peer="theirs"), rates("else", 50, peer="others")]
        self.assertEqual(judged.beside("ours", "theirs", "rate")(rows), 25)
        self.assertEqual(judged.beside("ours", "theirs", "rate", min)(rows), 100)
        self.assertIsNone(judged.beside("ours", "nobody", "rate")(rows))

    def test_the_way_that_is_best_for_a_peer_may_be_another_in_each_round(self):
        rows = [rates("ours", 100, 100, 100), rates("one", 1, 4, 1, peer="theirs"), rates("other", 5, 2, 2, peer="theirs")]
        # Beside one of them alone it would be 50 in the middle, or 100.
        self.assertEqual(judged.beside("ours", "theirs", "rate")(rows), 25)

    def test_the_worst_flood_counts(self):
        found = {"nobody else": 2.0, "a flood from 1 network": 4.0, "a flood from 10 networks": 7.0}
        rows = [row(name, {"p99": p99}) for name, p99 in found.items()]
        self.assertEqual(judged.worst_flood(rows), 3.5)

    def test_only_the_largest_list_is_asked_for_its_last_page(self):
        pages = [row("few", {"first page": 1.0, "last page": 9.0}, store="SQLite", accounts=1_000)]
        self.assertIsNone(judged.last_page("SQLite")(pages))
        pages.append(row("many", {"first page": 2.0, "last page": 3.0}, store="SQLite", accounts=judged.LARGEST))
        self.assertEqual(judged.last_page("SQLite")(pages), 1.5)
        self.assertIsNone(judged.last_page("PostgreSQL")(pages))


class Bounds(unittest.TestCase):
    def test_a_bound_itself_holds(self):
        least, most = Judgement("", None, str, least=2), Judgement("", None, str, most=2)
        self.assertEqual([least.holds(value) for value in (1.9, 2, 2.1)], [False, True, True])
        self.assertEqual([most.holds(value) for value in (1.9, 2, 2.1)], [True, True, False])

    def test_one_of_two_suffices(self):
        rows = [rates("one", 10), rates("other", 40)]
        enough = Judgement("", judged.figure_of("one", "rate"), str, least=20)
        either = Either(enough, Judgement("", judged.ratio("one", "other", "rate"), str, least=0.25))
        self.assertEqual(either.value(rows), (10, 0.25))
        self.assertTrue(either.holds(either.value(rows)))
        self.assertFalse(either.holds((10, 0.2)))
        self.assertIsNone(either.value(rows[:1]))

    def test_nothing_is_judged_that_was_not_measured(self):
        for part, judgements in JUDGED.items():
            for judgement in judgements:
                self.assertIsNone(judgement.value([]), part)


if __name__ == "__main__":
    unittest.main()
