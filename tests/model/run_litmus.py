#!/usr/bin/env python3
"""Decides litmus tests under RVWMO: run_litmus.py [--states] FILE.litmus|FOLDER...

A file holds if its condition does: `exists` can be reached, `~exists` cannot, `forall` is so in every reachable state.
Prints a line per file; exits with 1 if one does not hold."""

import argparse
import pathlib
import sys
import time

from litmus_text import LitmusError, read_test
from rvwmo import final_states, judge


def show(state, names, test):
    places = {address: name for name, address in test.addresses.items()}
    shown = (name if isinstance(name, str) else f"{name[0]}:x{name[1]}" for name in names)
    return "; ".join(f"{name}={places.get(value, value)}" for name, value in zip(shown, state))


def check(path, print_states):
    """Whether the file holds."""
    start = time.monotonic()
    try:
        test = read_test(path.read_text())
        if test.name != path.stem:
            raise LitmusError(f"the file is named {path.stem}, the test {test.name}")
        states = final_states(test)
    except LitmusError as error:
        print(f"ERROR   {path}: {error}")
        return False
    good, hits = judge(test, states)
    what = {"exists": "allowed", "~exists": "forbidden", "forall": "always"}[test.quantifier]
    spent = f"{(time.monotonic() - start) * 1000:.0f} ms"
    print(f"{'ok' if good else 'WRONG':7} {test.name}: expected {what}, {hits} of {len(states)} states, {spent}")
    if print_states or not good:
        for state in sorted(states):
            print("        " + show(state, test.names, test))
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--states", action="store_true", help="print the reachable states")
    arguments = parser.parse_args()
    files = [file for path in arguments.files for file in (path.glob("*.litmus") if path.is_dir() else [path])]
    if not files:
        parser.error("no tests there")
    results = [check(path, arguments.states) for path in sorted(files)]
    print(f"{sum(results)} of {len(results)} as expected")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
