"""The protocol reader accepts a complete suite and nothing else."""

import unittest

import protocol

GOOD = ["OpenSBI v1.1", "BEGIN 2", "CASE a", "print", "SUCCESS a", "CASE b", "BENCHMARK ipc 12.5 cycles", "SUCCESS b",
        "END"]


def judge(lines, skips=None):
    suite = protocol.Suite(skips=skips or {})
    for line in lines:
        suite.feed(line)
    return suite, suite.verdict()


class ProtocolTest(unittest.TestCase):
    def fails(self, lines, pattern, skips=None):
        _, problems = judge(lines, skips)
        self.assertRegex("\n".join(problems), pattern)

    def test_good_suite(self):
        suite, problems = judge(GOOD)
        self.assertEqual(problems, [])
        self.assertEqual(suite.benchmarks, [("ipc", "12.5", "cycles")])
        self.assertEqual(suite.summary(), "2 passed, 0 failed, 0 skipped, 1 figures")

    def test_carriage_returns_and_colours(self):
        _, problems = judge([f"\x1b[32m{line}\x1b[0m\r" for line in GOOD])
        self.assertEqual(problems, [])

    def test_every_missing_line_is_noticed(self):
        for index, line in enumerate(GOOD):
            if line.split()[0] in protocol.KEYWORDS - {"BENCHMARK"}:
                _, problems = judge(GOOD[:index] + GOOD[index + 1:])
                self.assertTrue(problems, f"without '{line}'")

    def test_every_doubled_line_is_noticed(self):
        for index, line in enumerate(GOOD):
            if line.split()[0] in protocol.KEYWORDS - {"BENCHMARK", "END"}:
                _, problems = judge(GOOD[:index] + [line] + GOOD[index:])
                self.assertTrue(problems, f"twice '{line}'")

    def test_fail(self):
        self.fails(["BEGIN 1", "CASE a", "FAIL a x.cpp:3: 1 != 2", "END"], "FAIL a: x.cpp:3: 1 != 2")

    def test_skips_are_declared(self):
        lines = ["BEGIN 1", "CASE a", "SKIP a no device", "END"]
        self.fails(lines, "not declared")
        self.assertEqual(judge(lines, {"a": "no device"})[1], [])
        self.fails(GOOD, "declared skips", {"a": "no device"})

    def test_zero_tests(self):
        self.fails(["BEGIN 0", "END"], "no test")
        self.fails([], "no BEGIN")
        self.fails(["BEGIN many", "END"], "needs a number")

    def test_count_mismatch(self):
        self.fails(["BEGIN 2", "CASE a", "SUCCESS a", "END"], "2 cases, 1 gave")

    def test_result_of_another_case(self):
        self.fails(["BEGIN 1", "CASE a", "SUCCESS b", "END"], "open case is a")

    def test_restart(self):
        self.fails(GOOD[:3] + GOOD, "second BEGIN")

    def test_result_outside_the_suite(self):
        self.fails(["SUCCESS a"] + GOOD, "outside")
        self.fails(GOOD + ["FAIL late message"], "outside")

    def test_malformed_benchmark(self):
        self.fails(["BEGIN 1", "CASE a", "BENCHMARK x fast cycles", "SUCCESS a", "END"], "malformed")

    def test_prints_mean_nothing(self):
        suite, problems = judge(["kernel: SUCCESS a", "ENDING", "x BEGIN 9"] + GOOD)
        self.assertEqual((problems, suite.expected), ([], 2))


if __name__ == "__main__":
    unittest.main()
