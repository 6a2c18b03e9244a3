"""What is read from what wrk says."""

import unittest

from scripts.bench.wrk import WrongAnswers, read

SAID = """Running 4s test @ http://127.0.0.1:45321
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   812.41us    1.10ms  31.02ms   93.33%
    Req/Sec    98.10k     5.21k  108.90k    72.50%
  Latency Distribution
     50%  624.00us
     75%    0.91ms
     90%    1.48ms
     99%    4.02ms
  390424 requests in 4.00s, 239.07MB read
Requests/sec:  97561.32
Transfer/sec:     59.74MB
"""


class Read(unittest.TestCase):
    def test_rate_and_latency(self):
        said = read(SAID)
        self.assertEqual((said.count, said.rate, said.p50, said.p99), (390_424, 97_561.32, 0.624, 4.02))

    def test_seconds_and_minutes_are_milliseconds(self):
        said = read(SAID.replace("624.00us", "1.50s").replace("4.02ms", "2.00m"))
        self.assertEqual((said.p50, said.p99), (1_500, 120_000))

    def test_requests_that_are_sent_once_have_the_time_that_they_took(self):
        self.assertEqual(read(SAID + "Answered once: 6000 in 1.500000 s\n").rate, 4_000)

    def test_refusals_end_the_run_unless_they_are_wanted(self):
        refused = SAID + "  Non-2xx or 3xx responses: 12\n"
        with self.assertRaisesRegex(WrongAnswers, "12 answers were refusals"):
            read(refused)
        self.assertEqual(read(refused, may_refuse=True).count, 390_424)

    def test_connections_that_broke_end_the_run_in_any_case(self):
        broken = SAID + "  Socket errors: connect 0, read 3, write 0, timeout 0\n"
        for may_refuse in (False, True):
            with self.assertRaises(WrongAnswers):
                read(broken, may_refuse)

    def test_nothing_that_was_answered_is_no_figure(self):
        with self.assertRaisesRegex(WrongAnswers, "nothing was answered"):
            read(SAID.replace("390424 requests in", "0 requests in"))

    def test_what_is_no_report_is_told_whole(self):
        with self.assertRaisesRegex(WrongAnswers, "unable to connect"):
            read("unable to connect to 127.0.0.1:1 Connection refused\n")


if __name__ == "__main__":
    unittest.main()
