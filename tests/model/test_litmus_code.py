"""litmus/protocol/code.toml against the tree: each test names its code, the code is there and in that order, and each
forbidden outcome has an allowed twin."""

import pathlib
import re
import tomllib
import unittest

from litmus_text import read_test

FOLDER = pathlib.Path(__file__).resolve().parent / "litmus" / "protocol"
TREE = pathlib.Path(__file__).resolve().parents[2]
ENTRIES = tomllib.loads((FOLDER / "code.toml").read_text())
MAIN = {path.stem for path in FOLDER.glob("*.litmus") if "." not in path.stem}


def body(text, head):
    """What stands between the braces of the one function that begins with `head`."""
    text = re.sub(r"//[^\n]*", "", text)
    starts = [match.end() for match in re.finditer(re.escape(head) + r"[^;{}]*\{", text)]
    if len(starts) != 1:
        raise AssertionError(f"{len(starts)} definitions of {head}")
    depth, at = 1, starts[0]
    while depth != 0:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return text[starts[0]:at]


def first_missing(text, order):
    at = 0
    for part in order:
        found = text.find(part, at)
        if found < 0:
            return part
        at = found + len(part)
    return None


class Code(unittest.TestCase):
    def test_each_test_names_its_code(self):
        self.assertEqual(MAIN, set(ENTRIES))

    def test_code_is_in_the_order_of_the_test(self):
        for name, places in ENTRIES.items():
            for place in places:
                file, _, head = place["code"].partition(": ")
                text = body((TREE / file).read_text(), head)
                self.assertTrue(place["order"], name)
                with self.subTest(test=name, code=place["code"]):
                    self.assertIsNone(first_missing(text, place["order"]))

    def test_each_forbidden_outcome_has_an_allowed_twin(self):
        for name in MAIN:
            tests = {path.stem: read_test(path.read_text()) for path in FOLDER.glob(f"{name}*.litmus")}
            test = tests[name]
            twins = [one for stem, one in tests.items() if stem.startswith(f"{name}.")]
            same = [one for one in twins if one.condition == test.condition and one.memory == test.memory]
            self.assertTrue(any(one.quantifier != test.quantifier for one in same), name)

    def test_order_matters(self):
        self.assertEqual(first_missing("a(); b();", ["b()", "a()"]), "a()")
        self.assertEqual(body("int f(int a) { g(); { } } int g() { }", "int f("), " g(); { } }")


if __name__ == "__main__":
    unittest.main()
