"""What is booted: the options, the build, and the files that have to be there. Shared by tools/run and tools/rtl."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
FIRMWARE = Path("/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin")


class Trouble(Exception):
    """Said in one line, exit status 2."""


def cache_folder():
    base = os.environ.get("TAIL4_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "tail4")
    return Path(base)


def add_options(parser, root="rootserver.elf"):
    parser.add_argument("--preset", default="release", metavar="NAME", help="CMake preset (release)")
    parser.add_argument("--build", type=Path, metavar="DIR", help="default: build/<preset>")
    parser.add_argument("--kernel", type=Path, metavar="ELF", help="default: <build>/kernel/kernel.elf")
    parser.add_argument("--root", type=Path, metavar="ELF", help=f"default: <build>/rootserver/{root}")
    parser.add_argument("--no-build", action="store_true", help="boot what is there")


def build(folder, preset):
    commands = [["ninja", "-C", str(folder)]]
    if not (folder / "build.ninja").exists():
        commands.insert(0, ["cmake", "-S", str(SOURCE), "--preset", preset, "-B", str(folder)])
    for command in commands:
        try:
            result = subprocess.run(command, cwd=SOURCE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        except OSError as error:
            raise Trouble(f"cannot run {command[0]}: {error}") from error
        if result.returncode:
            sys.stderr.write(result.stdout)
            raise Trouble(f"the build failed: {shlex.join(command)}")


def find(options, root="rootserver.elf"):
    """Kernel and root task, built unless that is not wanted."""
    folder = (options.build or SOURCE / "build" / options.preset).resolve()
    if not options.no_build:
        build(folder, options.preset)
    kernel = options.kernel or folder / "kernel" / "kernel.elf"
    root = options.root or folder / "rootserver" / root
    for image in (FIRMWARE, kernel, root):
        if not image.is_file():
            raise Trouble(f"no file {image}")
    return kernel, root
