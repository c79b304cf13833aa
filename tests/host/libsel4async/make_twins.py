"""Writes a test with one case for each invocation of kernel/api/sel4.toml that UP or SMP has, and for the operations
that are none: `co_await op::...` with distinct 64-bit arguments must put operation, words and capabilities into the slot
as the table says. The packing is worked out here, from the table's own description, not by tools/gen_api.py.

Usage: make_twins.py sel4.toml OUTPUT.cpp"""

import re
import sys
import tomllib
from pathlib import Path

SERVICE = 0x9000_0000_0000_0001
REGISTERS = 3  # that are sent
# TaiL4's own methods set up the queue and its wake-ups, for the thread that calls: synchronous only.
SYNCHRONOUS = {"AsyncQueue", "Notification"}


def snake(name):
    name = name.replace("CNode", "Cnode")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def value(kind, bits, index):
    if kind == "bool":
        return index % 2
    return (0xf123_4567_89ab_cd00 + 0x11 * index) & ((1 << bits) - 1) if bits else 0xc000_0000_0000_0000 + index


def twin(method, types):
    """Arguments of the call, expected words and capabilities. Narrow neighbours share a word, each aligned to itself."""
    arguments, words, caps, position = [f"{SERVICE:#x}"], [], [], 0
    for index, text in enumerate(method.get("args", [])):
        kind, name = text.split()
        bits = types[kind].get("bits", 0)
        if bits > 64:  # the register set, by pointer
            arguments.append("registers")
            words += [(0xe000_0000_0000_0000 + i) for i in range(REGISTERS)]
            continue
        number = REGISTERS if name == "count" else value(kind, min(bits, 64), index)
        arguments.append(("true" if number else "false") if kind == "bool" else f"{number:#x}")
        if not bits:
            caps.append(number)
            continue
        position = (position + bits - 1) // bits * bits
        while len(words) <= position // 64:
            words.append(0)
        words[position // 64] |= number << position % 64
        position += bits
    return arguments, words, caps


def case(name, label, number, arguments, words, caps):
    def braced(values):
        return "{" + ", ".join(f"{v:#x}u" for v in values) + "}"
    service = arguments[0] + "u" if arguments and arguments[0].startswith("0x9") else "0"
    return (f"Task<> twin_{name}(World& w) {{\n"
            f"    const Reply reply = co_await op::{name}({', '.join(arguments)});\n"
            f"    EXPECT_TRUE(reply.ok());\n"
            f"    expect_slot(w, {number}, {service}, {braced(words)}, {braced(caps)});\n}}\n"
            f"TEST(Twins, {label}) {{ run(twin_{name}); }}\n\n")


HEAD = '''// Made by make_twins.py from kernel/api/sel4.toml.
#include "tests/host/libsel4async/twins.hpp"

namespace {

using namespace sel4async;

'''


def main(table_path, output):
    table = tomllib.loads(Path(table_path).read_text())
    text, count = HEAD, 0
    for method in table["method"]:
        if not set(method.get("only", ["up", "smp"])) & {"up", "smp"}:
            continue
        if method.get("fixed", False) and method["of"] in SYNCHRONOUS:
            continue
        name = snake(method["of"]) + "_" + snake(method["name"])
        text += case(name, method["label"], method["id"], *twin(method, table["types"]))
        count += 1
    arguments = {"Nop": ([], []), "DebugPutChar": (["'X'"], [ord("X")]),
                 "DebugPutString": (['"12345678"', "8"], [8, int.from_bytes(b"12345678", "little")])}
    for operation in table["operation"]:
        given, words = arguments[operation["name"]]
        text += case(snake(operation["name"]), operation["name"], operation["id"], given, words, [])
        count += 1
    Path(output).write_text(f"{text}}} // namespace\n")
    return count


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
