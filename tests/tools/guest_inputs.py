"""Bad inputs for guest runs, made on the spot: rootserver images and altered device trees.

ROOTS[name]() gives the bytes of an image. DEVICE_TREES[name](source) gets the device tree that QEMU
itself would pass, as dts text, and gives the altered text.
"""

import re
import struct

EM_X86_64 = 62
EM_RISCV = 243
ENTRY = 0x10000


def elf(machine, memory_size, body=b"\x13\x00\x00\x00" * 16):
    """A 64-bit little-endian executable with one loadable segment."""
    header_size, entry_size = 64, 56
    offset = 4096
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, ENTRY, header_size, 0, 0,
                                 header_size, entry_size, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, offset, ENTRY, ENTRY, len(body), memory_size, 4096)
    return (header + segment).ljust(offset, b"\0") + body


def without_memory(source):
    """The memory node is gone: firmware does not mind, a kernel must."""
    altered, count = re.subn(r"^\tmemory@[0-9a-f]+ \{\n(?:\t\t.*\n)*\t\};\n", "", source, flags=re.M)
    if count != 1:
        raise ValueError(f"expected one memory node, found {count}")
    return altered


ROOTS = {
    "not_elf": lambda: b"This is no ELF image.\n" * 512,
    "x86_elf": lambda: elf(EM_X86_64, 64),
    "too_big": lambda: elf(EM_RISCV, 1 << 36),
}

DEVICE_TREES = {
    "no_memory": without_memory,
}
