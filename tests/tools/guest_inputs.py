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


def put_text(text):
    """RV64 code: each character by DebugPutChar, then an endless loop."""
    put_char = -9
    code = []
    for character in text:
        code += [0x513 | ord(character) << 20, 0x893 | (put_char & 0xfff) << 20, 0x73]  # li a0; li a7; ecall
    return struct.pack(f"<{len(code) + 1}I", *code, 0x6f)  # j .


def without_memory(source, instead=""):
    """The memory node is gone: firmware does not mind, a kernel must."""
    altered, count = re.subn(r"^\tmemory@[0-9a-f]+ \{\n(?:\t\t.*\n)*\t\};\n", instead, source, flags=re.M)
    if count != 1:
        raise ValueError(f"expected one memory node, found {count}")
    return altered


def cpu_nodes(source):
    nodes = re.findall(r"^\t\tcpu@[0-9a-f]+ \{\n(?:\t\t\t.*\n|\n)*\t\t\};\n", source, flags=re.M)
    if not nodes:
        raise ValueError("no cpu nodes")
    return nodes


def boot_hart_last(source):
    """QEMU's boot hart is mostly 0, else any: the cpu nodes from the last to the first."""
    nodes = cpu_nodes(source)
    for node in nodes[1:]:
        source = source.replace(node, "")
    return source.replace(nodes[0], "".join(reversed(nodes)))


def with_nodes(source, text):
    """More nodes under the root."""
    end = source.rindex("};")
    return source[:end] + text + source[end:]


def cells(*words):
    return " ".join(f"{word >> 32:#x} {word & 0xffffffff:#x}" for word in words)


def reserved(*nodes):
    """Nodes under /reserved-memory: (name, cells of reg as text). The firmware adds its own to them."""
    text = "\n".join(f"\t\t{name} {{ reg = <{reg}>; }};" for name, reg in nodes)
    return f"\treserved-memory {{ #address-cells = <2>; #size-cells = <2>; ranges;\n{text}\n\t}};\n"


def with_holes(source, count):
    """Reservations between 0x8a000000 and 0x8f000000, not aligned to pages."""
    starts = [0x8a000000 + i * 0x60000 + 0x345 for i in range(count)]
    return with_nodes(source, reserved(*((f"hole{i}@{start:x}", cells(start, 0x1111)) for i, start in enumerate(starts))))


def with_regions(source, count):
    """Of 512 MiB the first half in one region, the rest in small ones with gaps between them."""
    words = [0x80000000, 0x10000000]
    for i in range(count - 1):
        words += [0x91000000 + i * 0x100000, 0x1000 * (i + 1)]
    return without_memory(source, f"\tmemory@80000000 {{ device_type = \"memory\"; reg = <{cells(*words)}>; }};\n")


def unfit_hart(source):
    """Hart 1 has no atomic operations, says the tree."""
    node = cpu_nodes(source)[-1]
    if not node.lstrip().startswith("cpu@1 "):
        node = cpu_nodes(source)[0]
    altered = re.sub(r'riscv,isa = "rv64ima', 'riscv,isa = "rv64im', node)
    if not node.lstrip().startswith("cpu@1 ") or altered == node:
        raise ValueError("hart 1 not found, or without A")
    return source.replace(node, altered)


ROOTS = {
    "not_elf": lambda: b"This is no ELF image.\n" * 512,
    "x86_elf": lambda: elf(EM_X86_64, 64),
    "too_big": lambda: elf(EM_RISCV, 1 << 36),
    "of_40_mib": lambda: elf(EM_RISCV, 40 << 20, put_text("40 MiB\n")),
}

DEVICE_TREES = {
    "no_memory": without_memory,
    "boot_hart_last": boot_hart_last,
    "many_regions": lambda source: with_holes(with_regions(source, 64), 60),
    "too_many_regions": lambda source: with_holes(with_regions(source, 100), 200),
    "malformed_reservation": lambda source: with_nodes(source, reserved(("broken@9e000000", "0x0 0x9e000000 0x1"))),
    "reservation_of_anything": lambda source: with_nodes(source, reserved(("broken", ""))),
    "unfit_hart": unfit_hart,
}
