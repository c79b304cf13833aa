#!/usr/bin/env python3
"""Traces of PageMap and PageUnmap by asynchronous calls, on one hart and on two: what a call does is in them.

  guest_trace.py BUILD    a built folder of the target
"""

import collections
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import trace_shape

SOURCE = Path(__file__).resolve().parents[2]


def record(build, harts):
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "trace.json"
        subprocess.run([SOURCE / "tools" / "run", "--no-build", "--build", build, "--root", build / "rootserver" / "bench.elf",
                        "--harts", str(harts), "--append", f"suite=page_map series=taic tasks={harts} rounds=1",
                        "--until", "^END", "--timeout", "600", "--trace", file], check=True)
        events = json.loads(file.read_text())
    trace_shape.check(events)
    return events


def demand(holds, what):
    if not holds:
        sys.exit(f"guest_trace: {what}")


def named(events, name, kind="X"):
    return [event for event in events if event["name"] == name and event["ph"] == kind]


def inside(inner, outer):
    return any(one["ts"] <= inner["ts"] and inner["ts"] + inner["dur"] <= one["ts"] + one["dur"] + 0.0015 for one in outer)


def check_one_hart(events):
    """Each lone call is one entry into the kernel, made by a coroutine that goes on afterwards."""
    executed, tasks = named(events, "async::execute_now"), named(events, "bench::worker")
    demand(len(executed) >= 100, f"{len(executed)} lone calls")
    demand(len(tasks) >= len(executed), f"{len(tasks)} runs of the task for {len(executed)} calls")
    calls = named(events, "system call")
    demand(all(inside(one, calls) for one in executed[:50]), "a lone call outside of a system call")
    demand(not named(events, "wake", "i"), "somebody was woken")


def check_two_harts(events):
    """The worker of the kernel serves on the other hart: a doorbell when it sleeps, a wake-up of the task for its answer.

    Of two tasks: a lone request would be a call.
    """
    demand(named(events, "async::worker"), "the worker never ran")
    demand(named(events, "send", "i"), "nobody rang")
    arrows = collections.Counter((event["name"], event["ph"]) for event in events)
    demand(arrows["bell", "s"] >= 1, "no line was raised")
    demand(arrows["bell", "f"] >= 1, "no doorbell came through")
    demand(arrows["word", "f"] >= 1, "nobody took a word")
    tasks = named(events, "bench::worker")
    demand(len(tasks) >= 100, f"{len(tasks)} runs of the task")
    homes = [collections.Counter(event["pid"] for event in named(events, name)).most_common(1)[0][0]
             for name in ("async::worker", "bench::worker")]
    demand(homes[0] != homes[1], "worker and task share a hart")


def main():
    build = Path(sys.argv[1]).resolve()
    check_one_hart(record(build, 1))
    check_two_harts(record(build, 2))
    print("guest_trace: both traces show what they should")


if __name__ == "__main__":
    main()
