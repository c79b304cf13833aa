"""The checker of litmus tests: it understands all of a test or refuses it, and a wrong expectation fails."""

import contextlib
import io
import pathlib
import tempfile
import unittest

from litmus_text import LitmusError, read_test
from run_litmus import check
from rvwmo import final_states, judge

FORM = """RISCV T
{{ 0:s2=x; 0:s3=y; 1:s2=x; 1:s3=y; {initial} }}
 P0 | P1 ;
 {first} | {second} ;
{condition}
"""


def text(first="nop", second="nop", condition="exists (true)", initial=""):
    return FORM.format(first=first, second=second, condition=condition, initial=initial)


def verdict(**parts):
    test = read_test(text(**parts))
    return judge(test, final_states(test))[0]


class Refused(unittest.TestCase):
    def refuse(self, **parts):
        with self.assertRaises(LitmusError):
            test = read_test(text(**parts))
            final_states(test)

    def test_unknown_instruction(self):
        for line in ("lb a0,(s2)", "sw.rl a0,(s2)", "lr.w.zz a0,(s2)", "mul a0,a0,a0", "amoadd.h a0,a0,(s2)"):
            self.refuse(first=line)

    def test_unknown_operands(self):
        for line in ("lw q0,(s2)", "lw a0,s2", "lw a0", "li a0,x", "fence r", "beq a0",
                     "fence x,y", "fence wr,r", "fence.foo", "bne a0,zero,nowhere"):
            self.refuse(first=line)

    def test_address_of_nothing(self):
        self.refuse(first="lw a0,4(s2)")
        self.refuse(first="lw a0,(s9)")

    def test_two_sizes(self):
        self.refuse(first="lw a0,(s2)", second="sd s3,(s2)")

    def test_condition(self):
        for condition in ("exists (0:a0=)", "exists (0:a0=1", "exists (nowhere=1)", "exists (x=1 y=1)", "if (x=1)"):
            self.refuse(condition=condition)

    def test_initial_value(self):
        self.refuse(initial="x:=1;")

    def test_threads(self):
        with self.assertRaises(LitmusError):
            read_test(text().replace("P1", "P2"))
        with self.assertRaises(LitmusError):
            read_test(text().replace(" | nop ;", " ;"))


class Judged(unittest.TestCase):
    def test_initial_values_and_arithmetic(self):
        condition = "forall (0:a0=-5 /\\ x=-5 /\\ y=x)"
        self.assertTrue(verdict(first="lw a0,(s2)", condition=condition, initial="x=-5; y=x;"))

    def test_pointer_in_memory(self):
        self.assertTrue(verdict(first="ld a0,(s3)", condition="forall (0:a0=x \\/ 0:a0=0)", second="sd s2,(s3)"))

    def test_quantifiers(self):
        lines = {"first": "sw s2,(s3)", "second": "lw a0,(s3)"}
        for condition, expected in (("exists (1:a0=0)", True), ("~exists (1:a0=0)", False), ("forall (1:a0=0)", False),
                                    ("exists (1:a0=7)", False), ("~exists (1:a0=7)", True),
                                    ("forall (~(1:a0=7))", True)):
            self.assertEqual(verdict(condition=condition, **lines), expected, condition)

    def test_word_is_sign_extended(self):
        self.assertTrue(verdict(first="lw a0,(s2)", condition="forall (0:a0=-1)", initial="x=0xffffffff;"))


class Files(unittest.TestCase):
    def run_file(self, content, name="T"):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as output:
            path = pathlib.Path(folder) / f"{name}.litmus"
            path.write_text(content)
            return check(path, False), output.getvalue()

    def test_wrong_expectation(self):
        good, output = self.run_file(text(first="lw a0,(s2)", condition="~exists (0:a0=0)"))
        self.assertFalse(good)
        self.assertIn("WRONG", output)

    def test_right_expectation(self):
        self.assertTrue(self.run_file(text(first="lw a0,(s2)", condition="exists (0:a0=0)"))[0])

    def test_another_name(self):
        good, output = self.run_file(text(), name="other")
        self.assertFalse(good)
        self.assertIn("ERROR", output)


if __name__ == "__main__":
    unittest.main()
