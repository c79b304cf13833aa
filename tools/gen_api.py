"""Generates TaiL4's interface from kernel/api/sel4.toml: gen_api.py TABLE OUTPUT_DIRECTORY

  api/labels.hpp          kernel: canonical labels, wire tables for UP and SMP, system calls, object types, shapes
  sel4/*.h, interfaces/*  user: the numbers and the C stubs under seL4's names
  sel4async/methods.hpp   user: one request builder per invocation and operation

The table says what the entries mean. Output is a function of the table alone; kernel/api/goldens/ holds a copy.
"""

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

WORD = 64
REGISTERS = 4  # message registers in CPU registers
CANONICAL = ("up", "smp")  # configurations one TaiL4 kernel serves

@dataclass(frozen=True)
class Argument:
    name: str
    type: str
    c: str
    bits: int  # 0: an extra capability

    @property
    def by_pointer(self):
        return self.bits > WORD

    def declaration(self):
        return f"{self.c} {'*' if self.by_pointer else ''}{self.name}"


@dataclass(frozen=True)
class Piece:
    """One argument, or one register of the register set, at its place in the message."""
    argument: Argument
    word: int
    shift: int
    member: str = ""


class Method:
    def __init__(self, entry, api):
        self.id, self.label, self.name = entry["id"], entry["label"], entry["name"]
        self.interface = api.interfaces[entry["of"]]
        self.only = entry.get("only", ["up", "smp", "mcs"])
        self.fixed = entry.get("fixed", False)
        self.args = [api.argument(text) for text in entry.get("args", [])]
        self.results = [api.argument(text) for text in entry.get("results", [])]
        self.caps = [argument for argument in self.args if not argument.bits]
        self.pieces, self.words = pack([a for a in self.args if a.bits], api.registers)
        self.result_words = sum(argument.bits // WORD for argument in self.results)
        self.min_words = entry.get("min_words", self.words)
        self.min_caps = entry.get("min_caps", len(self.caps))

    @property
    def canonical(self):
        return any(configuration in CANONICAL for configuration in self.only)

    def c_name(self):
        return f"{self.interface['c']}_{self.name}"

    def result_struct(self):
        """libsel4's name of the result, or None where the error code says it all."""
        return f"{self.c_name()}_t" if self.results and not self.results[0].by_pointer else None


class Api:
    def __init__(self, path):
        table = tomllib.loads(Path(path).read_text())
        self.version, self.types, self.registers = table["version"], table["types"], table["registers"]["names"]
        self.syscalls, self.objects, self.sizes = table["syscall"], table["object"], table["sizes"]
        self.operations = table["operation"]
        self.interfaces = {entry["name"]: entry for entry in table["interface"]}
        self.all_methods = [Method(entry, self) for entry in table["method"]]
        self.methods = [method for method in self.all_methods if method.canonical]
        for what, values in (("method", [m.id for m in self.all_methods] + [o["id"] for o in self.operations]),
                             ("label", [m.label for m in self.all_methods]),
                             ("system call", [s["number"] for s in self.syscalls]),
                             ("MCS system call", [s["mcs"] for s in self.syscalls if s["mcs"]]),
                             ("object", [o["type"] for o in self.objects])):
            if len(set(values)) != len(values):
                raise ValueError(f"the same {what} number or name twice")

    def argument(self, text):
        kind, name = text.split()
        return Argument(name, kind, self.types[kind]["c"], self.types[kind].get("bits", 0))

    def wire(self, configuration):
        """The methods of a configuration by wire label; index 0 is the invalid one."""
        return [None] + [m for m in self.all_methods if configuration in m.only and not m.fixed]

    def c_interface_methods(self):
        """In the order of the interfaces: stubs of one object stand together."""
        return [m for name in self.interfaces for m in self.methods if m.interface["name"] == name]


def pack(arguments, registers):
    """Places arguments in message words; returns the pieces and the number of words."""
    pieces, position = [], 0
    for argument in arguments:
        unit = min(argument.bits, WORD)
        position = (position + unit - 1) // unit * unit
        if argument.by_pointer:
            pieces += [Piece(argument, position // WORD + i, 0, name) for i, name in enumerate(registers)]
        else:
            pieces.append(Piece(argument, position // WORD, position % WORD))
        position += argument.bits
    return pieces, (position + WORD - 1) // WORD


def snake(name):
    """BindNotification -> bind_notification, SetMCPriority -> set_mc_priority, SetTLSBase -> set_tls_base."""
    out = ""
    for i, character in enumerate(name):
        boundary = i and character.isupper() and (name[i - 1].islower() or name[i + 1 : i + 2].islower())
        out += ("_" if boundary else "") + character.lower()
    return out


def head(purpose):
    return (f"// {purpose}\n// Made by tools/gen_api.py from kernel/api/sel4.toml; change the table, not this file.\n"
            "#pragma once\n\n")


# --- kernel


def enumeration(title, pairs):
    return title + " {\n" + "".join(f"    {name} = {value},\n" for name, value in pairs) + "};\n\n"


def wire_table(api, configuration):
    cells = [f"Label::{m.label if m else 'Invalid'}" for m in api.wire(configuration)]
    return (f"inline constexpr Label {configuration}_labels[{len(cells)}] = {{\n"
            + "".join(f"    {cell},\n" for cell in cells) + "};\n")


LABEL_FUNCTIONS = """
// The canonical label of a wire label; Invalid if there is none.
constexpr Label label_of(bool smp, std::uint64_t wire) {
    if (wire >= first_fixed_label && wire <= last_fixed_label) {
        return static_cast<Label>(wire);
    }
    if (smp) {
        return wire < std::size(smp_labels) ? smp_labels[wire] : Label::Invalid;
    }
    return wire < std::size(up_labels) ? up_labels[wire] : Label::Invalid;
}

// What a method of the interface may look like at most; Invalid has no words and belongs to Interface::None.
struct Shape {
    Label label;
    Interface interface;
    std::uint8_t words;      // as libsel4 sends them
    std::uint8_t min_words;  // fewer: TruncatedMessage
    std::uint8_t caps;
    std::uint8_t min_caps;
    std::uint8_t results;    // most result words of a success
};

"""

SHAPE_OF = """
constexpr Shape shape_of(Label label) {
    const auto id = static_cast<std::uint16_t>(label);
    if (id >= first_fixed_label && id <= last_fixed_label) {
        return shapes[first_fixed_shape + (id - first_fixed_label)];
    }
    return id < first_fixed_shape ? shapes[id] : shapes[0];
}

} // namespace api
"""


def kernel_header(api):
    regular = sorted((m for m in api.methods if not m.fixed), key=lambda m: m.id)
    fixed = [m for m in api.methods if m.fixed]
    if [m.id for m in regular] != list(range(1, len(regular) + 1)):
        raise ValueError("canonical labels of the regular methods must be 1, 2, 3...")
    if [m.id for m in fixed] != list(range(fixed[0].id, fixed[0].id + len(fixed))):
        raise ValueError("fixed labels must follow one another")
    out = head("The numbers of the binary interface as the kernel sees them. A Label is config-independent; one kernel\n"
               "// serves the wire labels of both the UP and the SMP interface of seL4 (sel4-abi-riscv64.md 2, 3, 7).")
    out += "#include <cstdint>\n#include <iterator>\n\nnamespace api {\n\n"
    out += enumeration("enum class Syscall : std::int64_t", [(s["name"], s["number"]) for s in api.syscalls])
    out += enumeration("enum class ObjectType : std::uint64_t", [(o["name"], o["type"]) for o in api.objects])
    count = len([o for o in api.objects if not o.get("extension")])
    out += f"inline constexpr std::uint64_t sel4_object_types = {count};\n\n"
    for name, value in api.sizes.items():
        out += f"inline constexpr unsigned {snake(name.replace('TaiL4_', '').replace('ASID', 'Asid').replace('VSp', 'Vsp'))} = {value};\n"
    names = [(m.label, m.id) for m in regular + fixed]
    out += enumeration("\nenum class Label : std::uint16_t", [("Invalid", 0)] + names)
    out += ("// The op word of an async slot: the canonical label of an invocation, or one of the additional operations.\n"
            + enumeration("enum class AsyncOp : std::uint32_t",
                          [(m.label, m.id) for m in regular] + [(o["name"], o["id"]) for o in api.operations]))
    interfaces = [name for name in api.interfaces if any(m.interface["name"] == name for m in api.methods)]
    out += enumeration("enum class Interface : std::uint8_t", zip(["None"] + interfaces, range(len(interfaces) + 1)))
    out += (f"inline constexpr std::uint64_t first_fixed_label = {fixed[0].id};\n"
            f"inline constexpr std::uint64_t last_fixed_label = {fixed[-1].id};\n\n")
    out += "\n".join(wire_table(api, configuration) for configuration in CANONICAL) + LABEL_FUNCTIONS
    out += "inline constexpr Shape shapes[] = {\n    {Label::Invalid, Interface::None, 0, 0, 0, 0, 0},\n"
    for m in regular + fixed:
        out += (f"    {{Label::{m.label}, Interface::{m.interface['name']}, {m.words}, {m.min_words}, "
                f"{len(m.caps)}, {m.min_caps}, {m.result_words}}},\n")
    out += f"}};\ninline constexpr std::size_t first_fixed_shape = {len(regular) + 1};\n" + SHAPE_OF
    return out


def main():
    api, directory = Api(sys.argv[1]), Path(sys.argv[2])
    files = {"api/labels.hpp": kernel_header(api)}
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


if __name__ == "__main__":
    main()
