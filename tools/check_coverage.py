#!/usr/bin/env python3
"""What has to be broken or provoked by some test is: every invariant the checker of kernel/checks can name."""

import re
import sys

import check_common

# The checker's side: expect(holds, "name", ...), also as a choice of two names. The tests' side: entries {"name", ...}.
EXPECTED = re.compile(r'"([a-z0-9]+(?:\.[a-z0-9-]+)+)"')
BROKEN = re.compile(r'^    \{"([a-z0-9]+(?:\.[a-z0-9-]+)+)",', re.M)
CHECKER = "kernel/checks/*.cpp"
BREAKS = "tests/host/kernel/checks*_test.cpp"


def names(root, pattern, expression):
    """{name: file it was first found in}"""
    found = {}
    for path in sorted(root.glob(pattern)):
        for name in expression.findall(path.read_text()):
            found.setdefault(name, path.relative_to(root))
    return found


def check_invariants(root):
    expected, broken = names(root, CHECKER, EXPECTED), names(root, BREAKS, BROKEN)
    for name in sorted(expected.keys() - broken.keys()):
        yield f"{expected[name]}: no test breaks {name} ({BREAKS})"
    for name in sorted(broken.keys() - expected.keys()):
        yield f"{broken[name]}: the checker has no {name}"


def main(root=check_common.SOURCE):
    looked_at = sum(len(list(root.glob(pattern))) for pattern in (CHECKER, BREAKS))
    return check_common.report("coverage", list(check_invariants(root)), looked_at)


if __name__ == "__main__":
    sys.exit(main())
