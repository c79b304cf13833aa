"""tools/mutate: the table against small trees of its own, the copy with its branches, and one real table (--check)."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tools" / "lib"))

import mutants  # noqa: E402

CODE = """int f(int a) {
    if (a > 3 && a < 9) return 1; // a comment
    g(a);
    h(a); // both
    return 0;
}
"""
TEST = "TEST_F(Suite, Case) {}\n"


def entry(name, find, fault="", killer='killed_by = ["host.unit: Suite.Case"]'):
    return f"[[mutant]]\nname = '{name}'\nfile = 'kernel/f.cpp'\nfind = '''{find}'''\nwith = '''{fault}'''\n{killer}\n"


class TableTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        self.write("kernel/f.cpp", CODE)
        self.write("tests/host/unit/unit_test.cpp", TEST)
        self.write("tests/host/unit/CMakeLists.txt", "tail4_host_test(unit SOURCES unit_test.cpp)\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self, *entries):
        self.write("tests/mutants/all.toml", "\n".join(entries))
        return mutants.check(self.root, self.root / "tests" / "mutants", {"row"})

    def problems(self, *entries):
        return "\n".join(self.check(*entries)[1])

    def rewritten(self, *entries):
        found, problems = self.check(*entries)
        self.assertEqual(problems, [])
        return mutants.rewrite(CODE, found)

    def test_a_good_table(self):
        found, problems = self.check(entry("one", "g(a);"), entry("two", "a > 3", "true", "survives = 'a reason'"),
                                     entry("three", "h(a);", "", 'killed_by = ["guest.row"]'))
        self.assertEqual(problems, [])
        self.assertEqual([mutant.place for mutant in found], ["kernel/f.cpp:3", "kernel/f.cpp:2", "kernel/f.cpp:4"])

    def test_a_text_must_be_there_once(self):
        self.assertIn("is 0 times in kernel/f.cpp", self.problems(entry("one", "gone();")))
        self.assertIn("is 2 times in kernel/f.cpp", self.problems(entry("one", "return", "x")))

    def test_tests_must_exist(self):
        for killer, problem in (("host.unit: Suite.Other", "no test Suite.Other"), ("host.other", "no host test"),
                                ("guest.other", "no row 'other'"), ("host.unit: Gone.*", "no test Gone.*")):
            self.assertIn(problem, self.problems(entry("one", "g(a);", "", f'killed_by = ["{killer}"]')))
        self.assertEqual(self.problems(entry("one", "g(a);", "", 'killed_by = ["host.unit: All/Suite.Case/*"]')), "")

    def test_one_of_killer_and_reason(self):
        self.assertIn("either killed_by, or", self.problems(entry("one", "g(a);", "", "")))
        self.assertIn("either killed_by, or",
                      self.problems(entry("one", "g(a);", "", 'killed_by = ["host.unit"]\nsurvives = "x"')))

    def test_names_are_unique(self):
        self.assertIn("two mutants have one name: one", self.problems(entry("one", "g(a);"), entry("one", "h(a);")))

    def test_no_half_overlap(self):
        self.assertIn("overlap", self.problems(entry("one", "a > 3 && a", "b"), entry("two", "a < 9", "b")))

    def test_statement_and_expression(self):
        text = self.rewritten(entry("one", "g(a);", "k();"), entry("two", "a > 3", "true"))
        self.assertIn(f"(tail4_mutant({mutants.number_of('two')}U) ? (true) : (a > 3\n))", text)
        self.assertIn(f"if (tail4_mutant({mutants.number_of('one')}U)) [[unlikely]] {{ k();\n}} else {{ g(a);\n}}", text)
        self.assertIn(f'#include "{mutants.HEADER}"', text)

    def test_a_comment_at_the_end(self):
        text = self.rewritten(entry("one", "h(a); // both"))
        self.assertIn("else { h(a); // both\n}", text)

    def test_one_inside_another_and_two_in_one_place(self):
        text = self.rewritten(entry("outer", "if (a > 3 && a < 9) return 1;"), entry("inner", "a > 3", "true"),
                              entry("same", "if (a > 3 && a < 9) return 1;", "return 2;"))
        for name in ("outer", "inner", "same"):
            self.assertEqual(text.count(f"tail4_mutant({mutants.number_of(name)}U)"), 1)

    def test_what_the_copy_does(self):
        self.check(entry("one", "g(a);"))
        found, _ = self.check(entry("one", "a > 3", "false"), entry("two", "return 0;", "return 2;"))
        self.write(mutants.HEADER, mutants.CHOOSER)
        self.write("main.cpp", "#include <cstdio>\nvoid g(int) {}\nvoid h(int) {}\n" + mutants.rewrite(CODE, found)
                   + 'int main() { std::printf("%d %d", f(5), f(1)); }\n')
        subprocess.run(["g++", "-std=c++20", "-o", "program", "main.cpp"], cwd=self.root, check=True)
        for name, answer in (("", "1 0"), ("one", "0 0"), ("two", "1 2")):
            run = subprocess.run([self.root / "program"], env={"TAIL4_MUTANT": name}, capture_output=True, text=True)
            self.assertEqual(run.stdout, answer)

    def test_the_copy_is_written_once(self):
        found, _ = self.check(entry("one", "g(a);"))
        self.write("toolchains/flags.cmake", f"set(x {mutants.WARNINGS})")
        self.write("copy/stale.cpp", "")
        self.write("copy/build/host/kept", "")
        files = [Path("kernel/f.cpp"), Path("toolchains/flags.cmake")]
        copy = self.root / "copy"
        mutants.write_copy(self.root, files, found, copy)
        self.assertFalse((copy / "stale.cpp").exists())
        self.assertTrue((copy / "build" / "host" / "kept").exists())
        self.assertEqual((copy / "toolchains" / "flags.cmake").read_text(), "set(x -w)")
        before = (copy / "kernel" / "f.cpp").stat().st_mtime_ns
        mutants.write_copy(self.root, files, found, copy)
        self.assertEqual((copy / "kernel" / "f.cpp").stat().st_mtime_ns, before)

    def test_the_number_in_an_image(self):
        image = b"abc" + mutants.MAGIC + bytes(4) + b"def"
        self.assertEqual(mutants.choose_in_image(image, 0x12345678)[len(mutants.MAGIC) + 3:], b"\x78\x56\x34\x12def")
        with self.assertRaises(ValueError):
            mutants.choose_in_image(image + image, 1)
        with self.assertRaises(ValueError):
            mutants.choose_in_image(b"abc", 1)


if __name__ == "__main__":
    unittest.main()
