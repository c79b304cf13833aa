"""tools/rtl: TaiL4 on the Verilog of a Rocket core, where a cycle is a cycle (tools/rocket/README.md).

  tools/rtl run                             the suite of figures on one hart
  tools/rtl run --harts 2 --append suite=page_map --until END
  tools/rtl run --root my_task.elf          another root task
  tools/rtl setup                           only what has to be there: packages, the simulated machine

A run ends when the guest powers off, at a line with --until, or after --max cycles (status 124).
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import rocket  # noqa: E402
import run as qemu_run  # noqa: E402

SOURCE = rocket.SOURCE
ROOT_AT, TREE_AT = 0x84000000, 0x83F00000
QUICK_UNTIL = "harts, arguments"


def arguments():
    parser = argparse.ArgumentParser(prog="tools/rtl", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("setup", help="installs and builds what a run needs")
    run = commands.add_parser("run", help="boots OpenSBI, the kernel and a root task")
    run.add_argument("--harts", type=int, choices=sorted(rocket.verilog.TILES), default=1)
    run.add_argument("--append", default="suite=ipc", metavar="STR", help="kernel command line (suite=ipc); unit=cycles is added")
    run.add_argument("--until", default="END", metavar="TEXT", help="end with 0 at a line with it (END)")
    run.add_argument("--latency", type=int, default=30, metavar="N", help="cycles to the first beat of a memory read (30)")
    run.add_argument("--quick-until", default=QUICK_UNTIL, metavar="TEXT",
                     help=f"memory answers at once up to a line with it ({QUICK_UNTIL!r}); empty: never")
    run.add_argument("--taic", choices=sorted(rocket.GEOMETRY), default="thesis")
    run.add_argument("--max", type=int, default=0, metavar="N", help="cycles after which the run ends with 124")
    run.add_argument("--progress", type=int, default=5_000_000, metavar="N", help="a line on stderr each N cycles")
    run.add_argument("--preset", default="release", metavar="NAME", help="CMake preset (release)")
    run.add_argument("--build", type=Path, metavar="DIR", help="default: build/<preset>")
    run.add_argument("--kernel", type=Path, metavar="ELF")
    run.add_argument("--root", type=Path, metavar="ELF", help="default: <build>/rootserver/bench.elf")
    run.add_argument("--no-build", action="store_true", help="boot what is there")
    return parser.parse_args()


def boot(options):
    folder = (options.build or SOURCE / "build" / options.preset).resolve()
    if not options.no_build:
        qemu_run.build(folder, options.preset)
    kernel = options.kernel or folder / "kernel" / "kernel.elf"
    root = options.root or folder / "rootserver" / "bench.elf"
    for image in (kernel, root):
        if not image.is_file():
            raise rocket.Trouble(f"no file {image}")
    machine = rocket.simulator(options.harts)
    with tempfile.TemporaryDirectory(prefix="rtl-") as name:
        tree = Path(name) / "tree.dtb"
        rocket.write_tree(tree, options.harts, root.stat().st_size, f"{options.append} unit=cycles".lstrip(), options.taic)
        command = [str(machine / "rocket-sim"), "--load", str(machine / "booted"), "--tree", f"{tree}@{TREE_AT:#x}",
                   "--kernel", str(kernel), "--place", f"{root}@{ROOT_AT:#x}", "--latency", str(options.latency),
                   "--until", options.until, "--progress", str(options.progress)]
        command += ["--fast-until", options.quick_until] if options.quick_until else []
        command += ["--taic", options.taic] if options.taic != "off" else []
        command += ["--max", str(options.max)] if options.max else []
        return subprocess.run(command, check=False).returncode


def main():
    options = arguments()
    if options.command == "setup":
        for harts in rocket.verilog.TILES:
            rocket.simulator(harts)
        return 0
    return boot(options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (rocket.Trouble, rocket.verilog.Changed, qemu_run.Trouble) as trouble:
        sys.exit(f"rtl: {trouble}")
