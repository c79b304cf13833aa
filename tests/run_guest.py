#!/usr/bin/env python3
"""Runs rows of guest*.toml one after the other on top of tools/run and judges what they print.

  run_guest.py --build build/debug boot.1hart     one row
  run_guest.py --build build/release --group bench
  run_guest.py --list debug                       rows of a preset for ctest, one a line

Leaves per row <build>/guest/<row>.log and, where there are figures, <build>/guest/<row>.csv.
"""

import argparse
import csv
import dataclasses
import itertools
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SOURCE / "tests" / "tools"))

import guest_inputs  # noqa: E402
import guest_serial  # noqa: E402
import protocol  # noqa: E402

TABLES = [SOURCE / "tests" / f"{name}.toml" for name in ("guest", "guest_machines", "guest_bench")]  # defaults: the first
RUN = SOURCE / "tools" / "run"
CHECK = re.compile(r"(?:^|\s)check=[1-9]")  # the kernel's boot argument: its invariant checker is on
STOCK_QEMU = Path("/usr/bin/qemu-system-riscv64")  # of Debian's package qemu-system-misc: without our devices
# What the kernel says at boot about the devices that a row asked for (kernel/boot/main.cpp, tools/qemu/README.md).
DEVICES = {
    "taic": {"thesis": "TAIC with 4 global queues, 32 slots, 32 lines",
             "rtl": "TAIC with 4 global queues, 6 slots, 6 lines",
             "off": "no TAIC: .*"},
    "uintc": {"on": "UINTC with 512 receivers",
              "off": "no UINTC: .*"},
}


@dataclasses.dataclass
class Row:
    name: str
    harts: int = 1
    memory: str = "512M"
    timeout: int = 180
    preset: str = "debug"
    taic: str = "thesis"
    uintc: str = "on"
    plic: str = "edge"
    sockets: int = 1
    qemu: str = ""
    cpu: str = ""
    abi: str = ""
    icount: bool = False
    append: str = ""
    root: str = ""
    image: str = ""
    dtb: str = ""
    groups: list = dataclasses.field(default_factory=list)
    skips: dict = dataclasses.field(default_factory=dict)
    figures: bool = False
    lines: list = dataclasses.field(default_factory=list)
    checks: int = 0
    error: str = ""
    exit: object = None
    stop_on: str = ""

    def __post_init__(self):
        if self.exit is None:
            self.exit = "nonzero" if self.error else "any"
        if self.qemu not in ("", "stock"):
            raise ValueError(f"{self.name}: qemu is \"stock\" or nothing")
        if self.qemu:
            self.taic = self.uintc = "off"
        if self.plic not in ("edge", "level") or (self.qemu and self.plic == "level"):
            raise ValueError(f"{self.name}: plic is \"edge\" or, not on Debian's QEMU, \"level\"")
        if self.harts % self.sockets or (self.sockets > 1 and (self.taic, self.uintc) != ("off", "off")):
            raise ValueError(f"{self.name}: sockets share the harts evenly and have neither TAIC nor UINTC")
        if self.root and self.root not in guest_inputs.ROOTS:
            raise ValueError(f"{self.name}: no root '{self.root}' in guest_inputs.py")
        if self.dtb and self.dtb not in guest_inputs.DEVICE_TREES:
            raise ValueError(f"{self.name}: no device tree '{self.dtb}' in guest_inputs.py")
        if self.exit not in ("any", "nonzero") and not isinstance(self.exit, int):
            raise ValueError(f"{self.name}: exit is \"any\", \"nonzero\" or a number")
        if self.lines and (self.error or self.figures):
            raise ValueError(f"{self.name}: lines go with neither error nor figures")
        if bool(self.checks) != bool(CHECK.search(self.append)):
            raise ValueError(f"{self.name}: append has check=N if and only if the row has checks")
        if self.checks and (self.error or self.lines):
            raise ValueError(f"{self.name}: checks go with a suite")
        for device, settings in DEVICES.items():
            if getattr(self, device) not in settings:
                raise ValueError(f"{self.name}: {device} is one of {', '.join(settings)}")
        for pattern in (self.error, self.stop_on, *self.lines):
            re.compile(pattern)


def combinations(entry):
    """The rows an entry stands for: with `over`, one for each combination of its values."""
    over = entry.get("over", {})
    plain = {key: value for key, value in entry.items() if key != "over"}
    fields = {field.name for field in dataclasses.fields(Row)}
    for values in itertools.product(*over.values()):
        chosen = dict(zip(over, values))
        harts = chosen.get("harts", 1)
        words = chosen | {"harts": f"{harts}hart{'s' if harts > 1 else ''}"}
        row = plain | {key: value for key, value in chosen.items() if key in fields}
        for key in ("name", "append") if over else ():
            row[key] = row.get(key, "").format(**words)
        yield row


def read_table(text):
    table = tomllib.loads(text)
    defaults = table.pop("defaults", {})
    entries = table.pop("run", [])
    if table:
        raise ValueError(f"unknown tables: {', '.join(table)}")
    rows = []
    known = {field.name for field in dataclasses.fields(Row)}
    for entry in (row for entry in entries for row in combinations(entry)):
        unknown = set(entry | defaults) - known
        if unknown:
            raise ValueError(f"{entry.get('name', '?')}: unknown fields {', '.join(sorted(unknown))}")
        rows.append(Row(**(defaults | entry)))
    names = [row.name for row in rows]
    if len(set(names)) != len(names):
        raise ValueError("two rows have one name")
    return rows


def base_command(row, build):
    command = [str(RUN), "--no-build", "--build", str(build), "--harts", str(row.harts),
               "--memory", row.memory, "--taic", row.taic, "--uintc", row.uintc, "--plic", row.plic]
    # The runner keeps the time itself; this one ends QEMU should the runner be killed.
    command += ["--timeout", str(guest_serial.LONGEST + 2 * guest_serial.GRACE)]
    for option in ("abi", "append"):
        if getattr(row, option):
            command += [f"--{option}", getattr(row, option)]
    if row.icount:
        command.append("--icount")
    if row.cpu:
        command += ["--qemu-arg=-cpu", f"--qemu-arg={row.cpu}"]
    return command + socket_arguments(row)


def socket_arguments(row):
    """One NUMA node a socket, with its share of the harts and of the memory."""
    if row.sockets == 1:
        return []
    harts, memory = row.harts // row.sockets, int(row.memory.removesuffix("M")) // row.sockets
    words = []
    for i in range(row.sockets):
        words += ["-object", f"memory-backend-ram,id=node{i},size={memory}M",
                  "-numa", f"node,memdev=node{i},cpus={harts * i}-{harts * (i + 1) - 1}"]
    return [f"--qemu-arg={word}" for word in words]


def altered_device_tree(row, build, path):
    """Asks QEMU for the device tree of exactly this machine, alters it, writes it to `path`."""
    original = path.with_suffix(".orig.dtb")
    original.unlink(missing_ok=True)
    dump = base_command(row, build) + ["--qemu-arg=-machine", f"--qemu-arg=dumpdtb={original}"]
    result = subprocess.run(dump, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=row.timeout)
    if not original.exists():
        raise RuntimeError(f"QEMU wrote no device tree:\n{result.stdout}{result.stderr}")
    source = subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", str(original)], check=True,
                            capture_output=True, text=True).stdout
    altered = guest_inputs.DEVICE_TREES[row.dtb](source)
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(path), "-"], input=altered, check=True, text=True)


def command_for(row, build, folder):
    command = base_command(row, build)
    if row.image:
        command += ["--root", str(build / row.image)]
    if row.root:
        image = folder / f"{row.name}.root"
        image.write_bytes(guest_inputs.ROOTS[row.root]())
        command += ["--root", str(image)]
    if row.dtb:
        tree = folder / f"{row.name}.dtb"
        altered_device_tree(row, build, tree)
        command += ["--qemu-arg=-dtb", f"--qemu-arg={tree}"]
    return command


def environment_for(row):
    """None: the runner's own."""
    return os.environ | {"QEMU": str(STOCK_QEMU)} if row.qemu == "stock" else None


def watch(row, guest, suite):
    """Feeds the suite until it ends, the expected error or lines have come, or the guest stops. Gives problems."""
    missing = list(row.lines)
    checks_done = 0
    for line in guest.lines(row.timeout):
        if row.error:
            if re.match(r"BEGIN \d", line):
                return ["the suite began, an error was expected"]
            if re.search(row.error, line):
                return check_exit(row, guest)
            continue
        if missing:
            if re.search(missing[0], line):
                missing.pop(0)
            if not missing:
                return check_exit(row, guest)
        else:
            suite.feed(line)
        if match := guest_serial.CHECKS_DONE.match(line):
            checks_done = int(match[1])
        if suite.ended:
            return check_exit(row, guest) + check_checks(row, checks_done)
        if row.stop_on and re.search(row.stop_on, line):
            return [f"the guest stopped: {line}"]
    what = guest.why_stopped()
    expected = row.error or (missing[0] if missing else "")
    return [f"no line matches /{expected}/: {what}"] if expected else [what]


def check_machine(row, kernel_lines):
    """The kernel must have found the harts and devices of the row; else its suite would test something else."""
    if row.dtb or (row.cpu and row.error):
        return []  # the device tree is not the machine's, or the kernel does not come that far
    expected = {r"^\d+ harts,": rf"{row.harts} harts, boot hart \d+"}
    expected |= {rf"\b{name.upper()}\b": settings[getattr(row, name)] for name, settings in DEVICES.items()}
    problems = []
    for about, pattern in expected.items():
        said = [line for line in kernel_lines if re.search(about, line)]
        if len(said) != 1 or not re.fullmatch(pattern, said[0]):
            problems.append(f"expected '{guest_serial.KERNEL}{pattern}', the kernel said {' and '.join(said) or 'nothing'}")
    return problems


def check_checks(row, done):
    return [f"{done} checks of the kernel's invariants, expected {row.checks}"] if done < row.checks else []


def check_exit(row, guest):
    if row.exit == "any":
        return []
    for _line in guest.lines(guest_serial.GRACE):
        pass
    status = None if guest.timed_out else guest.wait(guest_serial.GRACE)
    if status is None:
        return [f"the guest did not stop within {guest_serial.GRACE} s"]
    if row.exit == "nonzero":
        return [] if status != 0 else ["exit status 0, expected an error"]
    return [] if status == row.exit else [f"exit status {status}, expected {row.exit}"]


def write_figures(row, suite, path):
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["run", "preset", "harts", "taic", "icount", "name", "value", "unit"])
        for figure in suite.benchmarks:
            out.writerow([row.name, row.preset, row.harts, row.taic, int(row.icount), *figure])


def run_row(row, build):
    folder = build / "guest"
    folder.mkdir(parents=True, exist_ok=True)
    figures = folder / f"{row.name}.csv"
    figures.unlink(missing_ok=True)
    suite = protocol.Suite(skips=row.skips)
    log_path = folder / f"{row.name}.log"
    start = time.monotonic()
    with log_path.open("wb") as log:
        guest = guest_serial.Guest(command_for(row, build, folder), log, environment_for(row))
        try:
            problems = watch(row, guest, suite)
            problems += check_machine(row, guest.kernel_lines)
        finally:
            guest.stop()
    if not row.error and not row.lines:
        problems = problems + suite.verdict()
        if row.figures and not suite.benchmarks:
            problems.append("no BENCHMARK line")
        if row.figures and row.icount and "insn" not in {unit for _, _, unit in suite.benchmarks}:
            problems.append("no figure in instructions: the guest does not know that they are counted")
        if suite.benchmarks:
            write_figures(row, suite, figures)
    seconds = time.monotonic() - start
    silence, line = guest.progress.longest
    verdict = "FAILED" if problems else "passed"
    print(f"guest.{row.name}: {verdict} in {seconds:.1f} s" + ("" if row.error or row.lines else f" ({suite.summary()})"))
    print(f"  longest silence: {silence:.1f} s after '{line}'")
    for problem in problems:
        print(f"  {problem}")
    if problems:
        tail = log_path.read_text(errors="replace").splitlines()[-40:]
        print(f"  log: {log_path}", *("  | " + line for line in tail), sep="\n")
    return not problems


def list_rows(rows, preset):
    """For CMake: name|limit of the whole run|harts|labels with commas, one row a line."""
    for row in rows:
        if row.preset == preset:
            print(row.name, guest_serial.LONGEST + 5 * guest_serial.GRACE, row.harts, ",".join(row.groups), sep="|")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", help="names of rows")
    parser.add_argument("--table", type=Path, nargs="+", default=TABLES)
    parser.add_argument("--build", type=Path, help="target build directory")
    parser.add_argument("--group", help="all rows of this group")
    parser.add_argument("--list", metavar="PRESET", help="print the rows of a preset for CMake")
    options = parser.parse_args(arguments)
    rows = read_table("\n".join(path.read_text() for path in options.table))
    if options.list:
        list_rows(rows, options.list)
        return 0
    if not options.build:
        parser.error("--build is needed")
    chosen = [row for row in rows if row.name in options.rows or options.group in row.groups]
    missing = set(options.rows) - {row.name for row in rows}
    if missing or not chosen:
        parser.error(f"no such row: {', '.join(sorted(missing)) or options.group}")
    passed = sum([run_row(row, options.build.resolve()) for row in chosen])
    print(f"{passed} passed, {len(chosen) - passed} failed")
    return 0 if passed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
