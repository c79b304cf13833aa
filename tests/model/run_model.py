#!/usr/bin/env python3
"""Checks one Promela model with Spin: full state search, and whatever is not a complete search is an error.

  run_model.py MODEL.pml [--define NAME ...] [--finds TEXT]

Without --finds the search has to end without an error. With it, the model must be refuted, and pan's first error
must contain TEXT: a model with a rule left out has to fail, and for the right reason."""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

DEPTH = 20_000
MEMORY_MB = 2_048
COMPILE = ["cc", "-O0", "-w", "-DSAFETY", "-DNOCLAIM", "-DCOLLAPSE", f"-DMEMLIM={MEMORY_MB}", "-o", "pan", "pan.c"]


def run(command, folder):
    result = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {result.returncode}\n{result.stdout}")
    return result.stdout


def judge(output, finds):
    """Why the row fails; None: it passes."""
    errors = re.search(r"errors: (\d+)", output)
    first = re.search(r"^pan:\d+: (.*?)(?: \(at depth \d+\))?$", output, re.MULTILINE)
    if errors is None:
        return "no verdict"
    if "max search depth too small" in output or "memory" in (first.group(1) if first else ""):
        return "the search was cut short"
    if finds is None:
        if errors.group(1) != "0" or first is not None:
            return first.group(1) if first else "errors"
        if "Search not completed" in output:
            return "the search was cut short"
        return None
    if first is None:
        return "the model holds although a rule is left out"
    if finds not in first.group(1):
        return f"refuted, but not by '{finds}': {first.group(1)}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--define", action="append", default=[])
    parser.add_argument("--finds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(arguments.model, folder)
        spin = ["spin", *(f"-D{name}" for name in arguments.define)]
        run([*spin, "-a", arguments.model.name], folder)
        run(COMPILE, folder)
        output = run(["./pan", f"-m{DEPTH}", "-b", "-w20"], folder)
        problem = judge(output, arguments.finds)
        if problem is None:
            print("\n".join(re.findall(r"^.*(?:errors:|states, stored|pan: elapsed).*$", output, re.MULTILINE)))
            return
        print(output)
        if (pathlib.Path(folder) / f"{arguments.model.name}.trail").exists() and arguments.finds is None:
            print(run([*spin, "-t", "-p", "-g", "-u2000", arguments.model.name], folder))
        sys.exit(f"{arguments.model.name} {' '.join(arguments.define)}: {problem}")


if __name__ == "__main__":
    main()
