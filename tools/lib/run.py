"""Builds TaiL4 and boots it on QEMU; ends with the guest's own exit status.

  tools/run                                 tests and figures: one hart in instructions (--icount), then two harts
  tools/run --harts 1                       one hart, TAIC as in the thesis
  tools/run --harts 4 --taic rtl            four harts, TAIC as the published hardware
  tools/run --icount --until 'END'          countable instructions, ends at a line
  tools/run --bench ipc                     suites of the benchmark task, one hart, in instructions (page_map, messages, ...)
  tools/run --trace it.json --bench ipc     what happens between the lines BEGIN and END, for Perfetto
  tools/run --gdb --preset debug            waits for gdb
  QEMU=path tools/run                       another QEMU; without TAIC and UINTC if it knows none

Exit status: the guest's (written to the test device); 1 after a line 'TaiL4: panic:' or 'TaiL4: error:', or a line
that matches --fail; 0 at a line that matches --until; 124 after --timeout; 2 for a wrong call or a failed build.
"""

import argparse
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import guest_process  # noqa: E402
import images  # noqa: E402
import qemu_trace  # noqa: E402
import trace_events  # noqa: E402
from images import FIRMWARE, SOURCE, Trouble  # noqa: E402

PROFILES = ("thesis", "rtl", "off")


def memory(text):
    match = re.fullmatch(r"(\d+)([KMG]?)(i?B)?", text, re.IGNORECASE)
    if not match:
        raise argparse.ArgumentTypeError(f"not a size: {text}")
    return match[1] + (match[2].upper() or "M")


def regex(text):
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"not a regular expression: {error}") from error
    return text


def arguments():
    parser = argparse.ArgumentParser(prog="tools/run", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harts", type=int, metavar="N", help="default: 1; without any choice of root, first 1, then 2")
    parser.add_argument("--memory", type=memory, default="1024M", metavar="M", help="MiB, or with a suffix")
    parser.add_argument("--taic", choices=PROFILES, help="default: thesis, or off if QEMU has no TAIC")
    parser.add_argument("--uintc", choices=("on", "off"), help="default: on, or off if QEMU has no UINTC")
    parser.add_argument("--plic", choices=("edge", "level"), default="edge",
                        help="its sources: latched edges as QEMU's, or levels as on hardware (also told the guest)")
    parser.add_argument("--abi", choices=("up", "smp"), help="passed to the kernel as abi=...")
    parser.add_argument("--append", default="", metavar="STR", help="kernel command line")
    parser.add_argument("--icount", action="store_true", help="one instruction is 1 ns of virtual time")
    parser.add_argument("--bench", metavar="SUITE[,...]", help="bench.elf as root task, one hart, --icount: "
                        "page_map, ipc, messages, unmap, clients, sizes")
    parser.add_argument("--timeout", type=float, metavar="S", help="seconds until the run fails with 124")
    parser.add_argument("--until", type=regex, metavar="REGEX", help="end with 0 at such a serial line")
    parser.add_argument("--fail", type=regex, metavar="REGEX", help="end with 1 at such a serial line")
    parser.add_argument("--log", type=Path, metavar="FILE", help="also write the serial output there")
    images.add_options(parser)
    parser.add_argument("--gdb", action="store_true", help="wait for a debugger")
    parser.add_argument("--qemu-trace", action="append", default=[], metavar="PATTERN", help="QEMU events, as 'taic_*'")
    parser.add_argument("--qemu-arg", action="append", default=[], metavar="ARG", help="passed to QEMU")
    trace_events.add_options(parser)
    options = parser.parse_args()
    if options.harts is not None and options.harts < 1:
        parser.error("--harts must be at least 1")
    if options.trace:
        options.harts = options.harts or 1
        options.icount = options.icount or options.harts == 1
    if options.bench:
        options.icount = True
        options.harts = options.harts or 1
        options.append = f"suite={options.bench} {options.append}".rstrip()
    return options


def find_qemu():
    if os.environ.get("QEMU"):
        return os.environ["QEMU"]
    setup = subprocess.run([SOURCE / "tools" / "setup", "--qemu-path"], stdout=subprocess.PIPE, text=True)
    if setup.returncode:
        raise Trouble("tools/setup failed")
    return setup.stdout.strip()


def choose_machine(qemu, taic, uintc, plic):
    """The -M value. Asks QEMU, since a foreign one may not know the properties."""
    try:
        known = subprocess.run([qemu, "-M", "virt,help"], capture_output=True, text=True, timeout=300).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Trouble(f"cannot run {qemu}: {error}") from error
    machine = "virt"
    for name, wanted, usual in (("taic", taic, "thesis"), ("uintc", uintc, "on")):
        if re.search(rf"^\s*{name}=", known, re.MULTILINE):
            machine += f",{name}={wanted or usual}"
        elif wanted not in (None, "off"):
            raise Trouble(f"{qemu} has no {name.upper()}, so --{name} {wanted} cannot be had")
    if plic == "level":
        if not re.search(r"^\s*plic-level=", known, re.MULTILINE):
            raise Trouble(f"{qemu} has no level-sensitive PLIC, so --plic level cannot be had")
        machine += ",plic-level=on"
    return machine


def debug_arguments(kernel):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    gdb = ["gdb-multiarch", str(kernel), "-ex", f"target remote 127.0.0.1:{port}"]
    print(f"run: waiting for: {shlex.join(gdb)}", file=sys.stderr)
    return ["-S", "-gdb", f"tcp:127.0.0.1:{port}"]


def qemu_command(options, qemu, machine, kernel, root):
    # No network card: its host side keeps timers that, under --icount, run without end while the guest sleeps.
    command = [qemu, "-M", machine, "-smp", str(options.harts), "-m", options.memory, "-bios", str(FIRMWARE),
               "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none", "-no-reboot",
               "-kernel", str(kernel), "-initrd", str(root)]
    words = ([f"abi={options.abi}"] if options.abi else []) + ([options.append] if options.append else [])
    words += ["plic=level"] if options.plic == "level" else []  # the conformance suite asks
    words += ["unit=insn"] if options.icount else []  # else the cycle counter counts nothing that means anything
    if words:
        command += ["-append", " ".join(words)]
    if options.icount:
        command += ["-icount", "shift=0,sleep=off", "-rtc", "clock=vm"]  # no clock that the host's load would shift
    for pattern in options.qemu_trace:
        command += ["-trace", pattern]
    if options.gdb:
        command += debug_arguments(kernel)
    return command + options.qemu_arg


def main():
    options = arguments()
    qemu = find_qemu()
    machine = choose_machine(qemu, options.taic, options.uintc, options.plic)
    kernel, root = images.find(options, "bench.elf" if options.bench else "rootserver.elf")
    log = options.log.open("wb") if options.log else None

    def boot(**changes):
        for name, value in changes.items():
            setattr(options, name, value)
        command = qemu_command(options, qemu, machine, kernel, root)
        recording = qemu_trace.Recording(options, kernel, root) if options.trace else None
        command += recording.arguments() if recording else []
        try:
            return guest_process.GuestProcess(command, options.until, options.fail, options.timeout, log).run()
        finally:
            if recording:
                recording.finish()

    if options.harts is None and not (options.root or options.gdb or options.until):
        # One hart in instructions, which are the same on every machine; then real overlap on two.
        return boot(harts=1, icount=True) or boot(harts=2, icount=False)
    return boot(harts=options.harts or 1)


def on_signal(number, _frame):
    sys.exit(128 + number)


if __name__ == "__main__":
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, on_signal)
    try:
        sys.exit(main())
    except (Trouble, OSError) as trouble:
        print(f"run: {trouble}", file=sys.stderr)
        sys.exit(2)
