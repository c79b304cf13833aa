"""The figures of TaiL4, and what a change did to them.

  tools/bench --compare OLD.json NEW.json   what changed from one results.json to another
  tools/bench --from FILE.json --output DIR --plots DIR    its report.html; the two plots of README.md

Exit status: 1 when a figure got worse past its threshold, or a run of NEW had failed; 2 for a wrong call.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import compare, results  # noqa: E402

SOURCE = Path(__file__).resolve().parents[3]


def percent(text):
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"not a percentage: {text}")
    return value / 100


def arguments(words=None):
    parser = argparse.ArgumentParser(prog="tools/bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("OLD", "NEW"), help="two results.json")
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE", help="the results.json to draw")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where report.html goes")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="where the plots of README.md go")
    parser.add_argument("--cycles-limit", type=percent, default=compare.CYCLES, metavar="PERCENT",
                        help="more cycles than that are worse (3)")
    parser.add_argument("--insn-limit", type=percent, default=compare.INSTRUCTIONS, metavar="PERCENT",
                        help="more instructions than that are worse (1)")
    options = parser.parse_args(words)
    if not options.compare and not (options.source and (options.output or options.plots)):
        parser.error("--compare OLD NEW, or --from FILE with --output or --plots")
    return options


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def set_up(*what):
    if subprocess.run([SOURCE / "tools" / "setup", *what], stdout=subprocess.DEVNULL, check=False).returncode:
        raise results.Trouble("tools/setup failed")


def draw(found, options):
    """The report and the plots that are asked for."""
    set_up("--bench")
    from bench import published, report  # matplotlib takes its time, and is not there for who only compares

    others = published.read()
    if options.output:
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "report.html").write_text(report.html(found, others))
        say(f"wrote {options.output / 'report.html'}")
    for path in report.main_plots(found, others, options.plots) if options.plots else ():
        say(f"wrote {path}")


def main(words=None):
    options = arguments(words)
    if options.source:
        draw(results.read_json(options.source), options)
    if not options.compare:
        return 0
    old, new = (results.read_json(path) for path in options.compare)
    comparison = compare.compare(old, new, compare.Limits(options.cycles_limit, options.insn_limit))
    print("\n".join(comparison.lines()))
    return comparison.status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except results.Trouble as trouble:
        say(trouble)
        sys.exit(2)
