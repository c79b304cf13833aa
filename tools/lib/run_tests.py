"""Builds everything and runs every test; used by tools/test. Options go to ctest.

Ends on ctest's own summary, and says just before it how long each group of tests took, and each step before the tests.
"""

import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
PRESETS = ("debug", "release", "host")
RESULT = re.compile(r"\s*\d+/\d+ Test +#\d+: (\S+) .*?([\d.]+) sec\s*$")
SUMMARY = re.compile(r"\d+% tests passed, \d+ tests? failed out of \d+")


def group_of(test):
    """The first word of a test's name, for boots of the kernel the first two: host, check, guest.fuzz."""
    words = test.split(".")
    return ".".join(words[:2] if words[0] == "guest" else words[:1])


class Times:
    def __init__(self, steps):
        self.steps = list(steps)
        self.groups = defaultdict(list)

    def hear(self, line):
        if match := RESULT.match(line):
            self.groups[group_of(match[1])].append((float(match[2]), match[1]))

    def table(self):
        yield "Before the tests:"
        for name, seconds in self.steps:
            yield f"{seconds:8.1f} s  {name}"
        yield "Tests by group (two or more run at once: the sum is more than the whole):"
        for group, tests in sorted(self.groups.items(), key=lambda item: -total(item[1])):
            longest, name = max(tests)
            yield f"{total(tests):8.1f} s  {group:<22} {len(tests):4} tests, the longest {longest:.1f} s: {name}"


def total(tests):
    return sum(seconds for seconds, _name in tests)


def follow(command, times, out):
    """Runs ctest and passes its output on, with the table in front of its summary. Gives its exit status."""
    with subprocess.Popen(command, cwd=SOURCE, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            text = line.decode("utf-8", "replace")
            times.hear(text)
            if SUMMARY.match(text):
                out.write("".join(f"{row}\n" for row in [*times.table(), ""]).encode())
            out.write(line)
            out.flush()
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def timed(name, *commands):
    begin = time.monotonic()
    for command in commands:
        result = subprocess.run(command, cwd=SOURCE)
        if result.returncode:
            sys.exit(result.returncode)
    return name, time.monotonic() - begin


def main():
    setup_seconds, *options = sys.argv[1:]
    jobs = os.environ.get("TAIL4_JOBS") or str(len(os.sched_getaffinity(0)))
    steps = [("tools/setup", float(setup_seconds))]
    for preset in PRESETS:
        steps.append(timed(f"configure and build {preset}", ["cmake", "--preset", preset],
                           ["cmake", "--build", "--preset", preset, "--parallel", jobs]))
    command = ["ctest", "--test-dir", "build/host", "--parallel", jobs, "--output-on-failure", "--no-tests=error",
               *options]
    return follow(command, Times(steps), sys.stdout.buffer)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
