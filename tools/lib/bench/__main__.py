"""The figures of TaiL4: runs benchmarks on QEMU (instructions, counts) and on Rocket's Verilog (cycles), writes them as
JSON and CSV, draws a report, compares.

  tools/bench                               the whole matrix into build/bench: hours; results.json, results.csv, report.html
  tools/bench --quick --no-rtl              a minute
  tools/bench --machine rtl-1 --suite ipc   one run
  tools/bench --compare OLD.json            the matrix, and what changed since OLD
  tools/bench --compare OLD.json NEW.json   what changed from one to the other
  tools/bench --from FILE.json --output DIR --plots DIR    report.html of a results.json; the two plots of README.md

Exit status: 1 when a run failed (the others run all the same) or a figure got worse past its threshold; 2 for a wrong
call. What is in a results.json: lib/bench/__init__.py.
"""

import argparse
import datetime
import signal
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import images  # noqa: E402
import rocket  # noqa: E402
import run as qemu_run  # noqa: E402
from bench import compare, facts, matrix, results  # noqa: E402
from bench.machines import MACHINES  # noqa: E402

SOURCE = facts.SOURCE


def percent(text):
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"not a percentage: {text}")
    return value / 100


def names_of(known):
    def read(text):
        words = text.split(",")
        if wrong := [word for word in words if word not in known]:
            raise argparse.ArgumentTypeError(f"no {wrong[0]} among {', '.join(known)}")
        return words
    return read


def arguments(words=None):
    parser = argparse.ArgumentParser(prog="tools/bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machine", type=names_of(matrix.MATRIX), metavar="NAME,...", help=", ".join(matrix.MATRIX))
    parser.add_argument("--suite", type=names_of(matrix.SUITES), metavar="NAME,...", help=", ".join(matrix.SUITES))
    parser.add_argument("--quick", action="store_true", help="fewer tasks and processes")
    parser.add_argument("--no-rtl", action="store_true", help="QEMU alone")
    parser.add_argument("--no-build", action="store_true", help="boot what is there")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="runs at once (1)")
    parser.add_argument("--latency", type=int, default=30, metavar="N", help="of memory, as of tools/rtl (30)")
    parser.add_argument("--preset", default="release", metavar="NAME", help="CMake preset (release)")
    parser.add_argument("--build", type=Path, metavar="DIR", help="default: build/<preset>")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where results, consoles and report go (build/bench)")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="also write the two plots of README.md there")
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE", help="run nothing: take this results.json")
    parser.add_argument("--compare", nargs="+", type=Path, metavar="FILE", help="OLD, or OLD and NEW")
    parser.add_argument("--cycles-limit", type=percent, default=compare.CYCLES, metavar="PERCENT",
                        help="more cycles than that are worse (3)")
    parser.add_argument("--insn-limit", type=percent, default=compare.INSTRUCTIONS, metavar="PERCENT",
                        help="more instructions than that are worse (1)")
    options = parser.parse_args(words)
    if options.compare and len(options.compare) > 2:
        parser.error("--compare takes OLD, or OLD and NEW")
    if options.compare and len(options.compare) == 2 and options.source:
        parser.error("--from is NEW already")
    if options.source and not (options.output or options.plots or options.compare):
        parser.error("--from wants --output, --plots or --compare")
    return options


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def set_up(*what):
    if subprocess.run([SOURCE / "tools" / "setup", *what], stdout=subprocess.DEVNULL, check=False).returncode:
        raise results.Trouble("tools/setup failed")


def draw(found, folder, plots):
    """The report and the plots that are asked for."""
    set_up("--bench")
    from bench import published, report  # matplotlib takes its time, and is not there for who only compares

    others = published.read()
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.html").write_text(report.html(found, others))
        say(f"wrote {folder / 'report.html'}")
    for path in report.main_plots(found, others, plots) if plots else ():
        say(f"wrote {path}")


def measure(options):
    """Runs what is asked for."""
    wanted = [job for job in matrix.jobs(options.machine, options.suite, options.quick)
              if not (options.no_rtl and job.machine.startswith("rtl"))]
    if not wanted:
        raise results.Trouble("nothing in the matrix is that")
    rtl = sorted({MACHINES[job.machine].harts for job in wanted if job.machine.startswith("rtl")})
    set_up(*(["--rtl-packages"] if rtl else []))
    for harts in rtl:
        rocket.simulator(harts)  # before the runs, some of which may begin at once
    build = (options.build or SOURCE / "build" / options.preset).resolve()
    if not options.no_build:
        say(f"building {options.preset}")
        images.build(build, options.preset)
    booted = [build / "kernel" / "kernel.elf", matrix.image(build)]
    for path in booted:
        if not path.is_file():
            raise results.Trouble(f"no file {path}")
    date = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    found = results.Results(date, facts.revision(), facts.configuration(build, options.preset, options.latency),
                            facts.tools(qemu_run.find_qemu(), bool(rtl)), {path.name: facts.image_sizes(path) for path in booted})
    matrix.run_all(found, wanted, options.output, lambda job: matrix.command(job, build, options.latency), say, options.jobs)
    return found


def get(options):
    """The results of this call: read, or measured and drawn; None if two files are all there is to it."""
    if options.compare and len(options.compare) == 2:
        return None
    if options.source:
        found = results.read_json(options.source)
        if options.output or options.plots:
            draw(found, options.output, options.plots)
        return found
    options.output = options.output or SOURCE / "build" / "bench"
    found = measure(options)
    draw(found, options.output, options.plots)
    return found


def main(words=None):
    options = arguments(words)
    old = results.read_json(options.compare[0]) if options.compare else None
    found = get(options) or results.read_json(options.compare[1])
    failed = found.problems()
    if not old:
        for problem in failed:
            say(f"failed: {problem}")
        return 1 if failed else 0
    comparison = compare.compare(old, found, compare.Limits(options.cycles_limit, options.insn_limit))
    print("\n".join(comparison.lines()))
    return comparison.status


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as any program behind whose output is `head`
    try:
        sys.exit(main())
    except (results.Trouble, images.Trouble, rocket.verilog.Changed) as trouble:
        say(trouble)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
