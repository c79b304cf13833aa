#!/usr/bin/env python3
"""Runs rows of rtl.toml: the kernel on the Verilog of a Rocket core (tools/rtl). A row passes if its suite does and, with
`guard`, if each figure in cycles that rtl_figures.toml has is within LIMIT of it. The simulation is deterministic, so a
figure moves only because the code, the compiler or the placement of either has changed.

  run_rtl.py --build build/release figures.1hart
  run_rtl.py --build build/release --update figures.1hart    writes what it finds into rtl_figures.toml
  run_rtl.py --list                                          rows for ctest, one a line
"""

import argparse
import subprocess
import sys
import tomllib
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SOURCE / "tests" / "tools"))

import protocol  # noqa: E402

TABLE, FIGURES = SOURCE / "tests" / "rtl.toml", SOURCE / "tests" / "rtl_figures.toml"
FIELDS = {"name": str, "harts": int, "image": str, "append": str, "max": int, "guard": bool}
LIMIT = 0.03
GUARDED = (".mean",)  # of page_map: map and unmap move against each other, p99 is what one tick does; all of the others


def rows(text):
    table = tomllib.loads(text)["run"]
    for row in table:
        wrong = [key for key, value in row.items() if not isinstance(value, FIELDS.get(key, ()))]
        if wrong or {"name", "harts", "image", "append", "max"} - set(row):
            raise ValueError(f"{row.get('name', '?')}: missing, unknown or malformed fields {', '.join(wrong)}")
    return {row["name"]: row for row in table}


def guarded(name):
    return not name.startswith("page_map.") or name.endswith(GUARDED)


def cycles_of(suite):
    return {name: int(value) for name, value, unit in suite.benchmarks if unit == "cycles" and guarded(name)}


def compare(found, known):
    """What differs: [message]."""
    for name in sorted(known.keys() | found.keys()):
        if name not in found:
            yield f"{name}: {known[name]} cycles, and now not measured"
        elif name not in known:
            yield f"{name}: {found[name]} cycles, new (--update)"
        elif abs(found[name] - known[name]) > LIMIT * known[name]:
            change = 100 * (found[name] - known[name]) / known[name]
            yield f"{name}: {known[name]} -> {found[name]} cycles, {change:+.1f} %" + (" (--update)" if change < 0 else "")


def known_figures(row):
    return tomllib.loads(FIGURES.read_text()).get(row, {}) if FIGURES.exists() else {}


def update(row, found):
    tables = tomllib.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    tables[row] = found
    text = "# Cycles on Rocket's Verilog; written by run_rtl.py --update, read by it: a change of 3 % is to be looked at.\n"
    for name, table in sorted(tables.items()):
        text += f'\n["{name}"]\n' + "".join(f'"{figure}" = {value}\n' for figure, value in sorted(table.items()))
    FIGURES.write_text(text)


def judge(row, output, status, write):
    """What is wrong with a run."""
    suite = protocol.Suite()
    for line in output.splitlines():
        suite.feed(line)
    problems = suite.verdict() + ([f"exit status {status}"] if status else [])
    if row.get("guard") and not problems:
        found = cycles_of(suite)
        if write:
            update(row["name"], found)
        problems += [] if found else ["no figures"]
        problems += compare(found, known_figures(row["name"]))
    return problems


def run(row, build, write):
    command = [str(SOURCE / "tools" / "rtl"), "run", "--no-build", "--build", str(build), "--harts", str(row["harts"]),
               "--root", str(build / row["image"]), "--append", row["append"], "--max", str(row["max"])]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, errors="replace", check=False)
    problems = judge(row, result.stdout, result.returncode, write)
    if problems:
        print(result.stdout)
    print(f"rtl.{row['name']}: {'FAILED' if problems else 'passed'}", *(f"  {problem}" for problem in problems), sep="\n")
    return not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    table = rows(TABLE.read_text())
    if options.list:
        print("\n".join(table))
        return 0
    return 0 if all([run(table[name], options.build.resolve(), options.update) for name in options.names]) else 1


if __name__ == "__main__":
    sys.exit(main())
