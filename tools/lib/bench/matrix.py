"""The matrix: which suites of bench.elf run on which machine, and how one of them is booted, heard and judged."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import results
from bench.machines import MACHINES

LIB = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Suite:
    arguments: str = ""  # besides suite=
    quick: str = ""  # in their place with --quick


SUITES = {
    "ipc": Suite(),
    "page_map": Suite(quick="max=16"),
    "messages": Suite(),
    "unmap": Suite(),
    "clients": Suite("processes=7", quick="processes=2"),
    "sizes": Suite(),
    "series": Suite("series=ipi,trap,poll", quick="series=ipi,trap,poll max=16"),  # of page_map
}
MATRIX = {
    "qemu-icount": ("ipc", "page_map", "series", "messages", "unmap", "clients", "sizes"),
    "qemu-2": ("page_map", "messages"),
    "rtl-1": ("ipc", "page_map", "messages", "unmap", "clients", "sizes"),
    "rtl-2": ("page_map", "messages", "unmap", "clients"),
}
QEMU_SECONDS = 900
RTL_CYCLES = 2_000_000_000
RTL_PROGRESS = 20_000_000
QUICK_MEMORY_UNTIL = "BEGIN"  # but for `sizes`, which counts the boot


@dataclass(frozen=True)
class Job:
    machine: str
    suite: str
    arguments: str

    def __str__(self):
        return f"{self.machine} {self.suite}"


def arguments_of(suite, quick):
    entry = SUITES[suite]
    name = "page_map" if suite == "series" else suite
    return " ".join(word for word in (f"suite={name}", entry.quick if quick else entry.arguments) if word)


def jobs(machines=(), suites=(), quick=False):
    """Those of the matrix that are asked for; nothing asked for is all."""
    return [Job(machine, suite, arguments_of(suite, quick)) for machine, row in MATRIX.items() for suite in row
            if (not machines or machine in machines) and (not suites or suite in suites)]


def command(job, build, latency):
    entry = MACHINES[job.machine]
    common = ["--no-build", "--harts", str(entry.harts), "--build", str(build), "--root", str(image(build)),
              "--append", job.arguments]
    if job.machine.startswith("rtl"):
        return [sys.executable, str(LIB / "rtl.py"), "run", *common, "--latency", str(latency), "--max", str(RTL_CYCLES),
                "--progress", str(RTL_PROGRESS), "--quick-until", "" if job.suite == "sizes" else QUICK_MEMORY_UNTIL]
    counted = ["--icount"] if entry.unit == "insn" else []
    return [sys.executable, str(LIB / "run.py"), *common, *counted, "--timeout", str(QEMU_SECONDS)]


def image(build):
    return build / "rootserver" / "bench.elf"


def run(job, words, console_path):
    """Boots, keeps the console in a file, and gives what came of it."""
    begin = time.monotonic()
    console = results.Console()
    with console_path.open("w") as file, \
            subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, errors="replace") as process:
        for line in process.stdout:
            file.write(line)
            console.hear(line)
    console.close()
    if process.returncode:
        console.problems.insert(0, f"exit status {process.returncode}")
    return results.Run(job.machine, job.suite, MACHINES[job.machine].harts, job.arguments, process.returncode,
                       round(time.monotonic() - begin, 1), console.problems, console.figures)


def run_all(found, wanted, folder, how, say, at_once=1):
    """Runs every job, some at once; how(job) is its command. After each run results.json has what there is so far."""
    folder.mkdir(parents=True, exist_ok=True)
    order = {str(job): i for i, job in enumerate(wanted)}

    def one(job):
        number = f"[{order[str(job)] + 1}/{len(wanted)}] {job}"
        say(f"{number} ...")
        path = folder / f"{job.machine}-{job.suite}.txt"
        done = run(job, how(job), path)
        say(f"{number}: {len(done.figures)} figures, {done.seconds:.0f} s" if not done.problems else
            f"{number}: FAILED, {'; '.join(done.problems)} (console: {path})")
        return done

    with ThreadPoolExecutor(at_once) as pool:
        try:
            for done in pool.map(one, wanted):
                found.runs.append(done)
                results.write_json(found, folder / "results.json")
        except BaseException:  # a control-C, too, is the end of all
            pool.shutdown(cancel_futures=True)
            raise
    results.refuse_twice(found)
    results.write_json(found, folder / "results.json")
    results.write_csv(found, folder / "results.csv")
