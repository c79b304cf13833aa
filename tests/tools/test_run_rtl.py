"""run_rtl.py: its table, what passes, and what does not."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import run_rtl  # noqa: E402

ROW = {"name": "a", "harts": 1, "image": "x.elf", "append": "", "max": 1, "guard": True}
GOOD = ("BEGIN 1\nCASE a\nBENCHMARK page_map.sync.c1.mean 1000 cycles\nBENCHMARK page_map.sync.c1.map_p99 5000 cycles\n"
        "BENCHMARK page_map.sync.c1.drives 1.000 per_call\nSUCCESS a\nEND\n")


class Rows(unittest.TestCase):
    def test_the_table_can_be_read(self):
        self.assertIn("figures.2harts", run_rtl.rows(run_rtl.TABLE.read_text()))

    def test_a_field_that_is_missing_or_unknown_is_refused(self):
        text = '[[run]]\nname = "a"\nharts = 1\nimage = "x"\nappend = ""\n'
        for more in ("", 'max = "1"\n', "max = 1\nguards = true\n"):
            with self.assertRaises(ValueError):
                run_rtl.rows(text + more)
        self.assertEqual(len(run_rtl.rows(text + "max = 1\n")), 1)


class Judgement(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(setattr, run_rtl, "FIGURES", run_rtl.FIGURES)
        run_rtl.FIGURES = Path(folder.name) / "figures.toml"
        self.assertEqual(run_rtl.judge(ROW, GOOD, 0, True), [])

    def test_the_same_figures_pass(self):
        self.assertEqual(run_rtl.judge(ROW, GOOD, 0, False), [])
        self.assertEqual(run_rtl.judge(ROW, GOOD.replace(" 1000 ", " 1030 "), 0, False), [])

    def test_more_than_three_per_cent_either_way_fails(self):
        self.assertIn("+3.1 %", run_rtl.judge(ROW, GOOD.replace(" 1000 ", " 1031 "), 0, False)[0])
        self.assertIn("-3.1 %", run_rtl.judge(ROW, GOOD.replace(" 1000 ", " 969 "), 0, False)[0])

    def test_a_figure_that_is_new_or_gone_fails(self):
        self.assertIn("new", run_rtl.judge(ROW, GOOD.replace("SUCCESS", "BENCHMARK ipc.null 9 cycles\nSUCCESS"), 0, False)[0])
        run_rtl.update("a", {"page_map.sync.c1.mean": 1000, "ipc.null": 9})
        self.assertIn("not measured", run_rtl.judge(ROW, GOOD, 0, False)[0])

    def test_the_99th_percentile_is_not_guarded(self):
        self.assertEqual(run_rtl.judge(ROW, GOOD.replace(" 5000 ", " 9000 "), 0, False), [])

    def test_a_suite_or_a_run_that_failed_fails(self):
        self.assertTrue(run_rtl.judge(ROW, GOOD, 124, False))
        self.assertTrue(run_rtl.judge(ROW, GOOD.replace("END\n", ""), 0, False))
        self.assertTrue(run_rtl.judge(ROW, GOOD.replace("SUCCESS a", "FAIL a for a reason"), 0, False))

    def test_other_rows_keep_their_figures(self):
        run_rtl.update("b", {"ipc.null": 9})
        self.assertEqual(run_rtl.known_figures("a"), {"page_map.sync.c1.mean": 1000})
        self.assertEqual(run_rtl.known_figures("b"), {"ipc.null": 9})

    def test_no_figure_at_all_fails(self):
        run_rtl.FIGURES.unlink()
        self.assertTrue(run_rtl.judge(ROW, "BEGIN 1\nCASE a\nSUCCESS a\nEND\n", 0, False))


if __name__ == "__main__":
    unittest.main()
