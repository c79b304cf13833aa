"""tools/rtl: TaiL4 on the Verilog of a Rocket core, where a cycle is a cycle (tools/rocket/README.md).

  tools/rtl run                             the suite of figures on one hart
  tools/rtl run --harts 2 --append suite=page_map --until END
  tools/rtl run --root my_task.elf          another root task
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

ROOT_AT, TREE_AT = 0x84000000, 0x83F00000
QUICK_UNTIL = "harts, arguments"
ROOT = "bench.elf"
REPORTS = ("function", "instruction", "line")


def add_run_options(run):
    run.add_argument("--harts", type=int, choices=sorted(rocket.verilog.TILES), default=1)
    run.add_argument("--append", default="suite=ipc", metavar="STR", help="kernel command line (suite=ipc); unit=cycles is added")
    run.add_argument("--until", default="END", metavar="TEXT", help="end with 0 at a line with it (END)")
    run.add_argument("--latency", type=int, default=30, metavar="N", help="cycles to the first beat of a memory read (30)")
    run.add_argument("--quick-until", default=QUICK_UNTIL, metavar="TEXT",
                     help=f"memory answers at once up to a line with it ({QUICK_UNTIL!r}); empty: never")
    run.add_argument("--taic", choices=sorted(rocket.GEOMETRY), default="thesis")
    run.add_argument("--max", type=int, default=0, metavar="N", help="cycles after which the run ends with 124")
    run.add_argument("--progress", type=int, default=5_000_000, metavar="N", help="a line on stderr each N cycles")
    images.add_options(run, ROOT)


def add_window_options(parser):
    parser.add_argument("--from", dest="begin", metavar="TEXT", help="count from a line of the console with it (BEGIN)")
    parser.add_argument("--to", dest="end", metavar="TEXT", help="up to a line with it (END)")
    parser.add_argument("--from-mark", type=int, metavar="N", help="count from rocket::mark<N>() on, each time")
    parser.add_argument("--to-mark", type=int, metavar="N", help="up to that one; the same: it begins and ends")


def add_profile_options(profile):
    add_run_options(profile)
    add_window_options(profile)
    profile.add_argument("--by", choices=REPORTS, default="function", help="function (default), instruction, or line of memory")
    profile.add_argument("--function", metavar="NAME", help="by instruction: the whole of this one, disassembled")
    profile.add_argument("--per", type=float, default=1, metavar="N", help="divide all by it, as by a number of calls")
    profile.add_argument("--top", type=int, default=40, metavar="N", help="rows of a table (40)")
    profile.add_argument("--folded", type=Path, metavar="FILE", help="also write call stacks for a flame graph there")
    profile.add_argument("--user", type=Path, action="append", default=[], metavar="ELF", help="another program with symbols")
    profile.add_argument("--save", type=Path, metavar="FILE", help="keep what was counted there")
    profile.add_argument("--load", type=Path, metavar="FILE", help="report what was kept; nothing is run")


def arguments(words=None):
    parser = argparse.ArgumentParser(prog="tools/rtl", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("setup", help="installs and builds what a run needs")
    add_run_options(commands.add_parser("run", help="boots OpenSBI, the kernel and a root task"))
    add_profile_options(commands.add_parser("profile", help="the same, and says where the cycles went"))
    return parser.parse_args(words)


def window_words(options):
    """The options of rocket-sim for the part of the run that counts."""
    marks = options.from_mark is not None
    if marks != (options.to_mark is not None):
        raise images.Trouble("--from-mark and --to-mark go together")
    lines = options.begin is not None or options.end is not None or not marks
    words = ["--from", options.begin or "BEGIN", "--to", options.end or "END"] if lines else []
    return words + (["--from-mark", str(options.from_mark), "--to-mark", str(options.to_mark)] if marks else [])


def boot(options, kernel, root, more=()):
    machine = rocket.simulator(options.harts)
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


def main():
    options = arguments()
    if options.command == "setup":
        for harts in rocket.verilog.TILES:
            rocket.simulator(harts)
        return 0
    return profile(options) if options.command == "profile" else boot(options, *images.find(options, ROOT))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (images.Trouble, rocket.verilog.Changed) as trouble:
        sys.exit(f"rtl: {trouble}")
