"""tools/rtl: TaiL4 on the Verilog of a Rocket core, where a cycle is a cycle (tools/rocket/README.md).

  tools/rtl run                             the suite of figures on one hart
  tools/rtl run --harts 2 --append suite=page_map --until END
  tools/rtl run --root my_task.elf          another root task
  tools/rtl run --trace it.json             the same, and what happened between the lines BEGIN and END, for Perfetto
  tools/rtl profile --append suite=ipc      where the cycles between the lines BEGIN and END went, by function
  tools/rtl setup                           only what has to be there: packages, the simulated machines

A run ends when the guest powers off, at a line with --until, or after --max cycles (status 124).
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import images  # noqa: E402
import profile_report  # noqa: E402
import rocket  # noqa: E402
import symbols  # noqa: E402
import trace_events  # noqa: E402

ROOT_AT, TREE_AT = 0x84000000, 0x83F00000
QUICK_UNTIL = "harts, arguments"
ROOT = "bench.elf"
REPORTS = ("function", "instruction", "line")


def add_run_options(run):
    run.add_argument("--harts", type=int, choices=sorted(rocket.verilog.TILES), default=1)
    run.add_argument("--whole", action="store_true",
                     help="with real tiles, asleep, where two harts have stubs beside them (half the speed)")
    run.add_argument("--append", default="suite=ipc", metavar="STR", help="kernel command line (suite=ipc); unit=cycles is added")
    run.add_argument("--until", default="END", metavar="TEXT", help="end with 0 at a line with it (END)")
    run.add_argument("--latency", type=int, default=30, metavar="N", help="cycles to the first beat of a memory read (30)")
    run.add_argument("--quick-until", default=QUICK_UNTIL, metavar="TEXT",
                     help=f"memory answers at once up to a line with it ({QUICK_UNTIL!r}); empty: never")
    run.add_argument("--taic", choices=sorted(rocket.GEOMETRY), default="thesis")
    run.add_argument("--max", type=int, default=0, metavar="N", help="cycles after which the run ends with 124")
    run.add_argument("--progress", type=int, default=5_000_000, metavar="N", help="a line on stderr each N cycles")
    images.add_options(run, ROOT)


def add_profile_options(profile):
    add_run_options(profile)
    trace_events.add_window_options(profile)
    profile.add_argument("--by", choices=REPORTS, default="function", help="function (default), instruction, or line of memory")
    profile.add_argument("--function", metavar="NAME", help="by instruction: the whole of this one, disassembled")
    profile.add_argument("--per", type=float, default=1, metavar="N", help="divide all by it, as by a number of calls")
    profile.add_argument("--top", type=int, default=40, metavar="N", help="rows of a table (40)")
    profile.add_argument("--folded", type=Path, metavar="FILE", help="also write call stacks for a flame graph there")
    profile.add_argument("--user", type=Path, action="append", default=[], metavar="ELF", help="another program that runs")
    profile.add_argument("--save", type=Path, metavar="FILE", help="keep what was counted there")
    profile.add_argument("--load", type=Path, metavar="FILE", help="report what was kept; nothing is run")


def arguments(words=None):
    parser = argparse.ArgumentParser(prog="tools/rtl", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("setup", help="installs and builds what a run needs")
    run = commands.add_parser("run", help="boots OpenSBI, the kernel and a root task")
    add_run_options(run)
    trace_events.add_options(run)
    add_profile_options(commands.add_parser("profile", help="the same, and says where the cycles went"))
    return parser.parse_args(words)


def window_words(options):
    """The options of rocket-sim for the part of the run that counts."""
    names = ("--from", "--to", "--from-mark", "--to-mark")
    return [word for name, value in zip(names, trace_events.window_of(options)) if value is not None
            for word in (name, str(value))]


def boot(options, kernel, root, more=()):
    if options.whole and options.harts == 1:
        raise images.Trouble("--whole is for --harts 2: with one hart there is no other tile")
    machine = rocket.simulator(options.harts, options.whole)
    with tempfile.TemporaryDirectory(prefix="rtl-") as name:
        tree = Path(name) / "tree.dtb"
        rocket.write_tree(tree, options.harts, root.stat().st_size, f"{options.append} unit=cycles".lstrip(), options.taic)
        command = [str(machine / "rocket-sim"), "--load", str(machine / "booted"), "--tree", f"{tree}@{TREE_AT:#x}",
                   "--kernel", str(kernel), "--place", f"{root}@{ROOT_AT:#x}", "--latency", str(options.latency),
                   "--until", options.until, "--progress", str(options.progress), *more]
        command += ["--fast-until", options.quick_until] if options.quick_until else []
        command += ["--taic", options.taic] if options.taic != "off" else []
        command += ["--max", str(options.max)] if options.max else []
        return subprocess.run(command, check=False).returncode


def profile(options):
    kernel, root = images.find(options, ROOT)
    with tempfile.TemporaryDirectory(prefix="rtl-") as name:
        file, status = options.load or options.save or Path(name) / "profile", 0
        if not options.load:
            status = boot(options, kernel, root, ["--profile", str(file), *window_words(options)])
        if not file.is_file():
            raise images.Trouble(f"no profile {file}")
        counted = profile_report.Profile(file.read_text())
    if not counted.cycles:
        print("rtl: nothing was counted: was there the line, or the mark, at which it begins?", file=sys.stderr)
    names = symbols.Names(symbols.Image(kernel), [symbols.Image(path) for path in (root, *options.user)])
    if options.function:
        said = profile_report.by_instruction(counted, names, options.function, options.per)
    else:
        report = getattr(profile_report, f"by_{options.by}")
        said = report(counted, names, per=options.per, top=options.top)
    print(f"{counted.cycles} cycles in {counted.facts['intervals']} interval(s)")
    print("\n".join(said))
    if options.folded:
        options.folded.write_text("".join(f"{line}\n" for line in profile_report.folded(counted, names)))
    return status


def run(options):
    kernel, root = images.find(options, ROOT)
    if not options.trace:
        return boot(options, kernel, root)
    with tempfile.TemporaryDirectory(prefix="rtl-") as name:
        events, list_of_ranges = Path(name) / "events", Path(name) / "ranges"
        ranges = trace_events.ranges_of([symbols.Image(path) for path in (kernel, root, *options.user)])
        trace_events.write_ranges(ranges, list_of_ranges)
        status = boot(options, kernel, root, ["--trace", str(events), "--ranges", str(list_of_ranges), "--trace-limit",
                                              str(options.trace_limit * 1_000_000), *window_words(options)])
        with open(events, errors="replace") as lines:
            trace_events.write(options, ranges, lines)
    return status


def main():
    options = arguments()
    if options.command == "setup":
        for harts in rocket.verilog.TILES:
            rocket.simulator(harts)
        return 0
    return profile(options) if options.command == "profile" else run(options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (images.Trouble, rocket.verilog.Changed) as trouble:
        sys.exit(f"rtl: {trouble}")
