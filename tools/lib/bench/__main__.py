"""The figures of TaiL4, and what a change did to them.

  tools/bench --compare OLD.json NEW.json   what changed from one results.json to another

Exit status: 1 when a figure got worse past its threshold, or a run of NEW had failed; 2 for a wrong call.
"""

import argparse
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import compare, results  # noqa: E402


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
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("OLD", "NEW"), required=True, help="two results.json")
    parser.add_argument("--cycles-limit", type=percent, default=compare.CYCLES, metavar="PERCENT",
                        help="more cycles than that are worse (3)")
    parser.add_argument("--insn-limit", type=percent, default=compare.INSTRUCTIONS, metavar="PERCENT",
                        help="more instructions than that are worse (1)")
    return parser.parse_args(words)


def main(words=None):
    options = arguments(words)
    old, new = (results.read_json(path) for path in options.compare)
    comparison = compare.compare(old, new, compare.Limits(options.cycles_limit, options.insn_limit))
    print("\n".join(comparison.lines()))
    return comparison.status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except results.Trouble as trouble:
        print(f"bench: {trouble}", file=sys.stderr)
        sys.exit(2)
