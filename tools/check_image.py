#!/usr/bin/env python3
"""The linked images keep the rules of freestanding code: nothing runs before entry or after exit, nothing
is linked at run time, no segment is writable and executable, constants are in a read-only one. Each kernel segment has
pages of its own. No path of a source file is among the loaded bytes: images would differ with the folder they were built in,
and a string that is longer moves what is measured behind it.

usage: check_image.py BUILD_TARGET
"""

import re
import subprocess
import sys
from pathlib import Path

import check_common

PAGE_BITS = 12
IMAGES = ["kernel/kernel.elf", "rootserver/rootserver.elf", "rootserver/bench.elf"]
# Static constructors and destructors, thread-local storage, dynamic linking, unwinding.
SECTIONS = {".init_array", ".fini_array", ".preinit_array", ".ctors", ".dtors", ".tdata", ".tbss", ".interp", ".dynamic",
            ".gcc_except_table"}
SOURCE_PATH = re.compile(rb"[\w.-]*/[\w./-]+\.(?:[ch]pp|[chS])\b")


def check(image):
    if not image.exists():
        yield f"{image}: is not built"
        return
    listing = subprocess.run(["readelf", "-SlW", str(image)], capture_output=True, text=True, check=True).stdout
    for name in re.findall(r"^\s+\[\s*\d+\] (\.\S+)", listing, re.M):
        if name in SECTIONS:
            yield f"{image}: has a section {name}"
    section = re.search(r"^\s+\[\s*\d+\] \.rodata\s+\S+\s+([0-9a-f]+)", listing, re.M)
    constants = int(section[1], 16) if section else 0
    loads = [(*(int(number, 16) for number in numbers), flags) for *numbers, flags in re.findall(
        r"^\s+LOAD\s+(0x[0-9a-f]+)\s+(0x[0-9a-f]+)\s+0x[0-9a-f]+\s+(0x[0-9a-f]+)\s+(0x[0-9a-f]+) ([R ][W ][E ])",
        listing, re.M)]
    content = image.read_bytes()
    for offset, start, stored, size, flags in loads:
        for path in SOURCE_PATH.findall(content[offset:offset + stored]):
            yield f"{image}: has the path {path.decode()}"
        if "W" in flags and "E" in flags:
            yield f"{image}: has a segment both writable and executable"
        if "W" in flags and start <= constants < start + size:
            yield f"{image}: .rodata is in a writable segment"
    if image.name != "kernel.elf":
        return
    pages = [page for _, start, _, size, _ in loads for page in range(start >> PAGE_BITS, (start + size - 1 >> PAGE_BITS) + 1)]
    if len(pages) != len(set(pages)):
        yield f"{image}: two segments share a page"


def main(build):
    return check_common.report("image", [finding for name in IMAGES for finding in check(build / name)], len(IMAGES))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
