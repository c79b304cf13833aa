#!/usr/bin/env python3
"""The linked images keep the rules of freestanding code: nothing runs before entry or after exit, nothing
is linked at run time, no segment is writable and executable.

usage: check_image.py BUILD_TARGET
"""

import re
import subprocess
import sys
from pathlib import Path

import check_common

IMAGES = ["kernel/kernel.elf", "rootserver/rootserver.elf"]
# Static constructors and destructors, thread-local storage, dynamic linking, unwinding.
SECTIONS = {".init_array", ".fini_array", ".preinit_array", ".ctors", ".dtors", ".tdata", ".tbss", ".interp", ".dynamic",
            ".gcc_except_table"}


def check(image):
    if not image.exists():
        yield f"{image}: is not built"
        return
    listing = subprocess.run(["readelf", "-SlW", str(image)], capture_output=True, text=True, check=True).stdout
    for name in re.findall(r"^\s+\[\s*\d+\] (\.\S+)", listing, re.M):
        if name in SECTIONS:
            yield f"{image}: has a section {name}"
    for flags in re.findall(r"^\s+LOAD(?:\s+0x[0-9a-f]+){5} ([R ][W ][E ])", listing, re.M):
        if "W" in flags and "E" in flags:
            yield f"{image}: has a segment both writable and executable"


def main(build):
    return check_common.report("image", [finding for name in IMAGES for finding in check(build / name)], len(IMAGES))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
