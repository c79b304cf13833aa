"""tools/test under a real ctest: the table of times, and ctest's summary behind it."""

import io
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tools" / "lib"))

import run_tests  # noqa: E402

TESTS = {"host.quick": "true", "host.slow": "sleep 0.1", "guest.fuzz.1hart": "true", "check.style": "true"}


def run(tests, *options):
    """Exit status and lines of ctest with these tests, name: shell command."""
    with tempfile.TemporaryDirectory() as folder:
        rows = "".join(f"add_test([=[{name}]=] sh -c [=[{command}]=])\n" for name, command in tests.items())
        (Path(folder) / "CTestTestfile.cmake").write_text(rows)
        out = io.BytesIO()
        times = run_tests.Times([("configure and build host", 12.34)])
        status = run_tests.follow(["ctest", "--test-dir", folder, "--parallel", "2", *options], times, out)
    return status, out.getvalue().decode().splitlines()


def place(lines, pattern):
    return next(i for i, line in enumerate(lines) if pattern in line)


class RunTestsTest(unittest.TestCase):
    def test_table_before_the_summary(self):
        status, lines = run(TESTS)
        self.assertEqual(status, 0)
        table = place(lines, "Before the tests:")
        self.assertRegex(lines[table + 1], r"^ +12\.3 s  configure and build host$")
        groups = lines[table + 3:place(lines, "100% tests passed")]
        self.assertEqual(groups.pop(), "")
        self.assertCountEqual([row.split()[2:5] for row in groups],
                              [["host", "2", "tests,"], ["guest.fuzz", "1", "tests,"], ["check", "1", "tests,"]])
        self.assertIn("Total Test time (real)", "".join(lines[-2:]))

    def test_sums_and_their_order(self):
        times = run_tests.Times([])
        for line in ("1/4 Test  #1: host.a ......   Passed    1.25 sec", "2/4 Test #22: guest.fuzz.x ...   Passed  200.50 sec",
                     " 3/4 Test  #3: host.b ......***Failed    2.50 sec", "    Start 4: host.c",
                     "4/4 Test  #4: guest.soak.y .***Timeout  30.00 sec"):
            times.hear(line + "\n")
        self.assertEqual([row.split() for row in list(times.table())[2:]], [
            "200.5 s guest.fuzz 1 tests, the longest 200.5 s: guest.fuzz.x".split(),
            "30.0 s guest.soak 1 tests, the longest 30.0 s: guest.soak.y".split(),
            "3.8 s host 2 tests, the longest 2.5 s: host.b".split()])

    def test_failures_count_and_stay(self):
        status, lines = run(TESTS | {"model.bad": "false"})
        self.assertEqual(status, 8)
        self.assertRegex("\n".join(lines), r"  model +1 tests, the longest \d+\.\d s: model\.bad\n")
        summary = place(lines, "% tests passed, 1 tests failed out of 5")
        self.assertIn("model.bad", "".join(lines[summary:]))
        self.assertGreater(summary, place(lines, "Before the tests:"))

    def test_options_reach_ctest(self):
        _, lines = run(TESTS, "-R", "check")
        self.assertIn("out of 1", lines[place(lines, "% tests passed")])
        self.assertNotIn("host", "".join(lines[place(lines, "Tests by group"):]))

    def test_no_tests(self):
        status, lines = run({}, "--no-tests=error")
        self.assertEqual(status, 8)
        self.assertNotIn("Before the tests:", "\n".join(lines))


if __name__ == "__main__":
    unittest.main()
