#!/usr/bin/env python3
"""Runs kernel_fuzz (README.md beside this file).

usage: run.py BUILD replay             every input that is kept, once each
       run.py BUILD short              the same, then a fixed number of new ones
       run.py BUILD long FOLDER [ARGUMENT...]  without an end; arguments go to libFuzzer (-max_total_time=3600 -jobs=2)
       run.py BUILD shrink INPUT       leaves out whatever a finding does not need; prints what is left
       run.py BUILD keep FOLDER        puts the least inputs of FOLDER that reach all it reaches into corpus.txt
       run.py BUILD name NAME INPUT    adds a finding to finds.txt
BUILD is the directory of the preset `fuzz`.
"""

import base64
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "corpus.txt"  # an input a line
FINDS = HERE / "finds.txt"  # name, input: what once broke an invariant
OPERATION = 12  # bytes; program.hpp
MOST = 1 + 64 * OPERATION
SHORT_RUNS = 30_000
OPTIONS = [f"-max_len={MOST}", "-timeout=60", "-detect_leaks=0", "-print_final_stats=1"]


def kept_inputs():
    """{name: bytes}"""
    found = {}
    for number, line in enumerate(CORPUS.read_text().split(), 1):
        found[f"corpus-{number}"] = base64.b64decode(line)
    for line in FINDS.read_text().splitlines():
        name, text = line.split()
        found[name] = base64.b64decode(text)
    return found


def unpack(folder):
    inputs = kept_inputs()
    for name, data in inputs.items():
        (folder / name).write_bytes(data)
    return len(inputs)


def fuzz(build, *arguments, **options):
    # What the harts do with their stacks is told to ASan (harts.cpp); its warning says that it cannot know.
    command = [str(build / "tests/fuzz/kernel_fuzz"), *OPTIONS, *map(str, arguments)]
    return subprocess.run(command, check=False, **options)


def from_kept_inputs(build, runs):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = unpack(folder)
        result = fuzz(build, "-seed=1", f"-runs={runs}", f"-artifact_prefix={build.resolve()}/", folder, stderr=subprocess.PIPE,
                      text=True, errors="replace")
    if result.returncode:
        print(result.stderr)
        return 1
    executed = re.search(r"stat::number_of_executed_units: (\d+)", result.stderr)
    if count == 0 or executed is None or int(executed[1]) < max(count, runs):
        print(result.stderr, "\nfuzz: fewer inputs than there should be")
        return 1
    print(f"fuzz: {count} inputs kept, {executed[1]} executed, nothing found")
    return 0


def long(build, folder, *arguments):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    unpack(folder)
    return fuzz(build, f"-artifact_prefix={folder.parent}/", *arguments, folder).returncode


def finding_of(build, data):
    """What is broken, or None."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        result = fuzz(build, "-artifact_prefix=/dev/null", file.name, stderr=subprocess.PIPE, text=True, errors="replace")
    if result.returncode == 0:
        return None
    match = re.search(r"^FOUND: .*|AddressSanitizer: \S+|runtime error: .*|ERROR: libFuzzer: \w+", result.stderr, re.M)
    return match[0] if match else "?"


def shrink(build, name):
    data = Path(name).read_bytes()
    wanted = finding_of(build, data)
    if wanted is None:
        sys.exit("this input finds nothing")
    at = 1
    while at < len(data):
        # From the back: what comes after the finding goes first.
        start = len(data) - at - OPERATION + 1
        shorter = data[:start] + data[start + OPERATION:]
        if start >= 1 and finding_of(build, shorter) == wanted:
            data = shorter
        else:
            at += OPERATION
    Path(name).with_suffix(".shrunk").write_bytes(data)
    print(Path(name).with_suffix(".shrunk"), wanted)
    return fuzz(build, "-artifact_prefix=/dev/null", Path(name).with_suffix(".shrunk")).returncode * 0


def keep(build, folder):
    with tempfile.TemporaryDirectory() as name:
        result = fuzz(build, "-merge=1", "-use_counters=0", name, folder)
        if result.returncode:
            return 1
        lines = sorted(base64.b64encode(path.read_bytes()).decode() for path in Path(name).iterdir())
    CORPUS.write_text("".join(f"{line}\n" for line in lines))
    print(f"fuzz: {len(lines)} inputs kept, {CORPUS.stat().st_size} bytes")
    return 0


def add_find(name, path):
    with FINDS.open("a") as file:
        file.write(f"{name} {base64.b64encode(Path(path).read_bytes()).decode()}\n")
    return 0


def main(build, command, *arguments):
    build = Path(build)
    commands = {"replay": lambda: from_kept_inputs(build, 0), "short": lambda: from_kept_inputs(build, SHORT_RUNS),
                "long": lambda: long(build, *arguments), "shrink": lambda: shrink(build, *arguments),
                "keep": lambda: keep(build, *arguments), "name": lambda: add_find(*arguments)}
    if command not in commands:
        sys.exit(__doc__)
    return commands[command]()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
