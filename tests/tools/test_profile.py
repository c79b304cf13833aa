"""tools/rtl profile: the report on small profiles, with the names and the code of a small ELF file."""

import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tools" / "lib"))

import images  # noqa: E402
import profile_report  # noqa: E402
import rtl  # noqa: E402
import symbols  # noqa: E402

BASE = 0x10000
CODE = """
.globl first, second
.type first, @function
.type second, @function
first: nop
  nop
second: slti x0, x0, 3
  ret
"""
# Hart 0: in `first`; in `second`, called at first + 4; in firmware that second + 0 called. Hart 1 asleep.
TEXT = f"""profile 2
cycles 100
intervals 1
harts 2
node 0 0 0 0 7
node 1 0 0 0 {BASE + 4:x}
node 2 1 0 3 {BASE + 8:x}
node 3 2 0 3 80000004
node 4 4 1 1 0
row 0 {BASE:x} 10 5 0 0 1 2 3 4 5 6 7
row 1 {BASE + 8:x} 20 10 0 1 0 0 0 0 0 0 0
row 2 80000000 25 15 0 0 0 0 0 0 0 0 0
row 3 80000010 5 10 0 0 0 0 0 0 0 0 0
row 4 ffffffff80200000 1 2 97 0 0 0 0 0 0 0 0
line 80001040 3
line 80003040 4
"""


class WithImage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        elf = Path(cls.folder.name) / "it.elf"
        subprocess.run(["riscv64-linux-gnu-gcc", "-x", "assembler", "-", "-march=rv64i", "-mabi=lp64", "-nostdlib", "-static",
                        "-no-pie", f"-Wl,-Ttext={BASE:#x},--build-id=none,-e,first", "-o", str(elf)], input=CODE, text=True,
                       check=True)
        cls.image = symbols.Image(elf)
        cls.names = symbols.Names(None, [cls.image])


class SymbolTest(WithImage):
    def test_an_address_has_the_name_before_it(self):
        self.assertEqual([self.names.name(0, BASE + at) for at in (0, 4, 8, 12)], ["first", "first", "second", "second"])

    def test_what_is_in_no_file_has_its_page(self):
        self.assertEqual(self.names.name(0, 0x7123_4567), "0x71234000")
        self.assertEqual(self.names.name(1, BASE), f"{BASE:#x}")  # not the kernel's
        self.assertEqual(self.names.name(3, BASE), "firmware")

    def test_arguments_of_names_are_left_out(self):
        for long, short in (("a::b(int, (anonymous namespace)::C&)", "a::b"), ("(anonymous namespace)::f()", "f"),
                            ("A::operator()(int) const", "A::operator()"), ("void b::f<(b::Kind)0>(int)", "b::f<(b::Kind)0>"),
                            ("bool A::operator==(A) const", "A::operator=="), ("worker(int) [clone .actor]", "worker [actor]"),
                            ("plain", "plain")):
            self.assertEqual(symbols.short(long), short)


class ReportTest(WithImage):
    def setUp(self):
        self.profile = profile_report.Profile(TEXT)

    def lines(self, report, **options):
        return list(report(self.profile, self.names, **options))

    def test_functions_are_sums_and_the_sum_is_all(self):
        lines = self.lines(profile_report.by_function)
        self.assertIn("hart 0: 100 cycles: 60 retired, 40 stalled, 0 asleep; 1.67 cycles an instruction", lines)
        first = next(line for line in lines if line.endswith("user first"))
        self.assertEqual(first.split()[:14], ["15", "15.0", "%", "10", "5", "0", "0", "1", "2", "3", "4", "5", "6", "7"])
        self.assertTrue(any(re.match(r"55 +55\.0 % .*firmware firmware$", line.strip()) for line in lines))
        self.assertTrue(any(line.startswith("hart 1: 100 cycles: 1 retired, 2 stalled, 97 asleep; 3.00") for line in lines))

    def test_nothing_is_lost_by_a_short_table(self):
        chosen = random.Random(2)
        rows = [f"row {chosen.randrange(4)} {BASE + 4 * i:x} " + " ".join(str(chosen.randrange(99)) for _ in range(11))
                for i in range(50)]
        text = "\n".join(line for line in TEXT.splitlines() if not line.startswith("row"))
        self.profile = profile_report.Profile("\n".join([text, *rows]))
        whole = self.profile.total(0).cycles
        self.assertEqual(whole, sum(sum(map(int, row.split()[3:6])) for row in rows))
        for report in (profile_report.by_function, profile_report.by_instruction):
            lines = self.lines(report, top=3)
            body = lines[2:next(i for i, line in enumerate(lines) if line.endswith("all"))]
            self.assertEqual(len([line for line in body if "more)" in line]), 1)
            self.assertEqual(sum(int(line.split()[0]) for line in body), whole)
        self.assertEqual(sum(int(line.rsplit(" ", 1)[1]) for line in profile_report.folded(self.profile, self.names)), whole)

    def test_all_is_divided_by_the_number_of_calls(self):
        lines = self.lines(profile_report.by_function, per=10)
        self.assertTrue(lines[0].startswith("hart 0: 10.00 cycles: 6.00 retired"))
        self.assertTrue(any(line.split()[:4] == ["1.50", "15.0", "%", "1.00"] for line in lines))

    def test_instructions_stand_in_their_function(self):
        lines = self.lines(profile_report.by_instruction, function="second")
        self.assertIn("user second", lines)
        marked = next(line for line in lines if "slti" in line)
        self.assertRegex(marked.strip(), rf"^30 +20 +10 .* {BASE + 8:x} slti zero,zero,3$")
        self.assertTrue(any(line.endswith(f"{BASE + 12:x} ret") for line in lines))  # also what never ran
        self.assertFalse(any(" nop" in line for line in lines))
        self.assertIn("no function third", self.lines(profile_report.by_instruction, function="third"))

    def test_lines_of_memory_are_counted_by_set(self):
        lines = self.lines(profile_report.by_line)
        self.assertEqual(lines[0], "7 lines read from memory; by cache set:")
        self.assertEqual(lines[1].strip(), "1: 7")
        self.assertEqual(lines[3].split(), ["4", "1", "0x80003040"])

    def test_stacks_are_folded(self):
        self.assertEqual(profile_report.folded(self.profile, self.names), [
            "hart0;user;first 15",
            "hart0;user;first;second 30",
            "hart0;user;first;second;firmware 55",
            "hart1;kernel;0xffffffff80200000 3",
            "hart1;kernel;0xffffffff80200000;asleep 97",
        ])

    def test_another_file_is_refused(self):
        with self.assertRaises(ValueError):
            profile_report.Profile("profile 1\n")


class OptionTest(unittest.TestCase):
    def words(self, *words):
        return rtl.window_words(rtl.arguments(["profile", *words]))

    def test_marks_take_the_place_of_lines(self):
        self.assertEqual(self.words(), ["--from", "BEGIN", "--to", "END"])
        self.assertEqual(self.words("--to", "x"), ["--from", "BEGIN", "--to", "x"])
        marks = ["--from-mark", "1", "--to-mark", "2"]
        self.assertEqual(self.words(*marks), marks)
        self.assertEqual(self.words(*marks, "--from", "x"), ["--from", "x", "--to", "END", *marks])
        with self.assertRaises(images.Trouble):
            self.words("--from-mark", "1")


if __name__ == "__main__":
    unittest.main()
