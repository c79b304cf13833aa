"""Generates TaiL4's interface from kernel/api/sel4.toml: gen_api.py TABLE OUTPUT_DIRECTORY

  api/labels.hpp          kernel: canonical labels, wire tables for UP and SMP, system calls, object types, shapes
  sel4/*.h                user: the numbers and the C stubs under seL4's names
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
class Piece:  # an argument, or one register of the register set, at its place in the message
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
        self.registers = api.registers
        self.pieces, self.words = pack([a for a in self.args if a.bits], api.registers)
        self.result_words = sum(argument.bits // WORD for argument in self.results)
        self.min_words = entry.get("min_words", self.words)
        self.min_caps = entry.get("min_caps", len(self.caps))

    def c_name(self):
        return f"{self.interface['c']}_{self.name}"

    def result_struct(self):  # libsel4's name of it; None where the error code says it all
        return f"{self.c_name()}_t" if self.results and not self.results[0].by_pointer else None


class Api:
    def __init__(self, path):
        table = tomllib.loads(Path(path).read_text())
        self.types, self.registers = table["types"], table["registers"]["names"]
        self.syscalls, self.objects, self.sizes = table["syscall"], table["object"], table["sizes"]
        self.operations, self.faults = table["operation"], table["fault"]
        self.interfaces = {entry["name"]: entry for entry in table["interface"]}
        self.all_methods = [Method(entry, self) for entry in table["method"]]
        self.methods = [method for method in self.all_methods if set(method.only) & set(CANONICAL)]
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
    const std::size_t count = smp ? std::size(smp_labels) : std::size(up_labels);
    return wire >= count ? Label::Invalid : smp ? smp_labels[wire] : up_labels[wire];
}

// What a method looks like; Invalid belongs to Interface::None.
struct Shape {
    Label label;
    Interface interface;
    std::uint8_t words;      // as libsel4 sends them
    std::uint8_t min_words;  // fewer: TruncatedMessage
    std::uint8_t caps;
    std::uint8_t min_caps;
    std::uint8_t results;    // most result words of a success
};

inline constexpr Shape shapes[] = {
"""
UNUSED_SHAPE = "    {Label::Invalid, Interface::None, 0, 0, 0, 0, 0},\n"
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


def regular_methods(api):
    return sorted((m for m in api.methods if not m.fixed), key=lambda m: m.id)


def operations(api):
    return [(m.label, m.id) for m in regular_methods(api)] + [(o["name"], o["id"]) for o in api.operations]


def kernel_header(api):
    regular, fixed = regular_methods(api), [m for m in api.methods if m.fixed]
    if [m.id for m in regular] != list(range(1, 1 + len(regular))) or fixed != sorted(fixed, key=lambda m: m.id):
        raise ValueError("the labels from 1 on must follow one another, and the fixed ones must rise")
    out = head("The numbers of the binary interface as the kernel sees them. A Label is config-independent; one\n"
               "// kernel serves the wire labels of seL4's UP and SMP interfaces (sel4-abi-riscv64.md 2, 3, 7).")
    out += "#include <cstdint>\n#include <iterator>\n\nnamespace api {\n\n"
    out += enumeration("enum class Syscall : std::int64_t", [(s["name"], s["number"]) for s in api.syscalls])
    out += enumeration("enum class ObjectType : std::uint64_t", [(o["name"], o["type"]) for o in api.objects])
    count = len([o for o in api.objects if not o.get("extension")])
    out += f"inline constexpr std::uint64_t sel4_object_types = {count};\n\n"
    for name, value in api.sizes.items():
        name = name.replace("TaiL4_", "").replace("ASID", "Asid").replace("VSpace", "Vspace")
        out += f"inline constexpr unsigned {snake(name)} = {value};\n"
    names = [(m.label, m.id) for m in regular + fixed]
    out += enumeration("\nenum class Label : std::uint16_t", [("Invalid", 0)] + names)
    out += ("// The op word of an async slot: an invocation's canonical label, or one of the additional operations.\n"
            + enumeration("enum class AsyncOp : std::uint32_t", operations(api)))
    interfaces = [name for name in api.interfaces if any(m.interface["name"] == name for m in api.methods)]
    out += enumeration("enum class Interface : std::uint8_t", zip(["None"] + interfaces, range(len(interfaces) + 1)))
    out += (f"inline constexpr std::uint64_t first_fixed_label = {fixed[0].id};\n"
            f"inline constexpr std::uint64_t last_fixed_label = {fixed[-1].id};\n\n")
    out += "\n".join(wire_table(api, configuration) for configuration in CANONICAL) + LABEL_FUNCTIONS
    rows = {m.id: m for m in regular + fixed}
    for m in [None] + regular + [rows.get(number) for number in range(fixed[0].id, fixed[-1].id + 1)]:
        out += (f"    {{Label::{m.label}, Interface::{m.interface['name']}, {m.words}, {m.min_words}, {len(m.caps)}, "
                f"{m.min_caps}, {m.result_words}}},\n" if m else UNUSED_SHAPE)
    out += f"}};\ninline constexpr std::size_t first_fixed_shape = {len(regular) + 1};\n" + SHAPE_OF
    return out


# --- user, C


def numbers_files(api):
    call_pairs = [(f"seL4_Sys{s['name']}", s["number"]) for s in api.syscalls]
    object_pairs = [(o["c"], o["type"]) for o in api.objects if not o.get("extension")]
    extension_pairs = [(o["c"], o["type"]) for o in api.objects if o.get("extension")]
    object_pairs += [("seL4_ObjectTypeCount", len(object_pairs))] + extension_pairs
    objects = enumeration("typedef enum", object_pairs)
    context = "#include <sel4/simple_types.h>\n\ntypedef struct seL4_UserContext_ {\n"
    context += "".join(f"    seL4_Word {name};\n" for name in api.registers) + "} seL4_UserContext;\n"
    return {
        "sel4/syscall.h": head("Numbers of the system calls (a7).")
        + enumeration("typedef enum", call_pairs).replace("};\n\n", "} seL4_Syscall_ID;\n"),
        "sel4/objecttype.h": head("Object types of seL4_Untyped_Retype.")
        + objects.replace("};\n\n", "} seL4_ObjectType;\n"),
        "sel4/sizes.h": head("Sizes of objects and fields, log2.")
        + "".join(f"#define seL4_{name} {value}\n" for name, value in api.sizes.items()),
        "sel4/user_context.h": head("The registers of a thread, in the order of the messages.") + context,
        "sel4/fault_types.h": fault_header(api.faults),
    }


def fault_header(faults):
    out = head("Fault types, the words of their messages, and accessors.") + "#include <sel4/types.h>\n\n"
    out += enumeration("typedef enum", [(f"seL4_Fault_{f['name']}", f["type"]) for f in faults])
    out = out.replace("};\n\n", "} seL4_FaultType;\n\n")
    for fault in faults[1:]:
        pairs = [(f"seL4_{fault['name']}_{word}", i) for i, word in enumerate(fault["words"])]
        pairs += [(f"seL4_{fault['name']}_{word}", i) for word, i in fault.get("also", {}).items()]
        pairs += [(f"seL4_{fault['name']}_Length", len(fault["words"]))]
        out += enumeration("typedef enum", pairs).replace("};\n\n", f"}} seL4_{fault['name']}_Msg;\n\n")
    most = max(len(fault["words"]) for fault in faults)
    out += ("/* words[0] is the type, the message follows. */\n"
            f"typedef struct seL4_Fault {{\n    seL4_Word words[{most + 1}];\n}} seL4_Fault_t;\n\n"
            "/* The longest message of a fault label; 0 for a label that is none. */\n"
            "static inline int sel4_fault_length(seL4_Word label) {\n    switch (label) {\n")
    out += "".join(f"    case seL4_Fault_{f['name']}: return {len(f['words'])};\n" for f in faults[1:])
    out += "    default: return 0;\n    }\n}\n\n"
    for fault in faults:
        out += (f"static inline seL4_Bool seL4_is{fault['name']}_tag(seL4_MessageInfo_t tag) {{\n"
                f"    return seL4_MessageInfo_get_label(tag) == seL4_Fault_{fault['name']};\n}}\n")
        name, words = f"seL4_Fault_{fault['name']}", fault["words"]
        out += (f"static inline seL4_Fault_t {name}_new({', '.join(f'seL4_Word {w}' for w in words) or 'void'}) {{\n"
                f"    seL4_Fault_t fault = {{{{{', '.join([name, *words])}}}}};\n    return fault;\n}}\n")
        out += "".join(f"SEL4_FIELD_OF(seL4_Fault_t, {name}, {w}, {i}, 0, 64)\n" for i, w in enumerate(words, 1))
    return out


def invocation_header(api):
    def labels(configuration):
        methods = api.wire(configuration)
        pairs = [("InvalidInvocation", 0)] + [(m.label, i) for i, m in enumerate(methods) if m]
        return enumeration("enum invocation_label", pairs + [("nInvocationLabels", len(methods))]).rstrip()

    fixed = [(m.label, m.id) for m in api.methods if m.fixed]
    return (head("Labels of the invocations; they depend on the kernel's configuration.")
            + f"#include <sel4/config.h>\n\n#ifdef CONFIG_ENABLE_SMP_SUPPORT\n{labels('smp')}\n#else\n{labels('up')}"
            + "\n#endif\n\n/* TaiL4's own, the same for both. */\n"
            + enumeration("enum tail4_invocation_label", fixed).rstrip() + "\n")


def c_value(piece):
    argument = piece.argument
    if argument.by_pointer:
        return f"{argument.name}->{piece.member}"
    if argument.type == "rights":
        return f"{argument.name}.words[0]"
    value = argument.name if argument.bits == WORD and argument.type != "attributes" else f"(seL4_Word){argument.name}"
    if argument.bits < WORD:
        value = f"({value} & {hex((1 << argument.bits) - 1)})"
    return f"{value} << {piece.shift}" if piece.shift else value


def words_of(method, value):
    """One expression for each message word."""
    return [" | ".join(value(p) for p in method.pieces if p.word == i) for i in range(method.words)]


def c_stub(method):
    parameters = [f"{method.interface['c']} _service"] + [argument.declaration() for argument in method.args]
    parameters += [argument.declaration() for argument in method.results if argument.by_pointer]
    words = words_of(method, c_value)
    first = words[:REGISTERS] + ["0"] * (REGISTERS - len(words))
    struct, out = method.result_struct(), ""
    if struct:
        out += "typedef struct {\n    int error;\n"
        out += "".join(f"    {argument.declaration()};\n" for argument in method.results) + f"}} {struct};\n\n"
    out += f"static inline {struct or 'seL4_Error'} {method.c_name()}({', '.join(parameters)}) {{\n"
    out += f"    seL4_Word mr[{REGISTERS}] = {{{', '.join(first)}}};\n"
    out += "".join(f"    seL4_SetCap({i}, {cap.name});\n" for i, cap in enumerate(method.caps))
    out += "".join(f"    seL4_SetMR({i}, {word});\n" for i, word in enumerate(words) if i >= REGISTERS)
    call = f"sel4_invoke(_service, {method.label}, {len(method.caps)}, {method.words}, mr)"

    def result(i):
        return f"mr[{i}]" if i < REGISTERS else f"seL4_GetMR({i})"

    pieces, _ = pack(method.results, method.registers)
    if struct:
        out += f"    {struct} result;\n    result.error = (int){call};\n"
        out += "".join(f"    result.{p.argument.name} = result.error ? 0 : {result(p.word)};\n" for p in pieces)
        out += "    return result;\n"
    else:
        copies = "".join(f"    {p.argument.name}->{p.member} = {result(p.word)};\n" for p in pieces)
        keep = f"    const seL4_Error error = {call};\n{copies}    return error;\n"
        out += keep if copies else f"    return {call};\n"
    out += "}\n"
    return f"#ifdef CONFIG_ENABLE_SMP_SUPPORT\n{out}#endif\n" if "up" not in method.only else out


def operations_header(api):
    pairs = [(f"TAIL4_OP_{name}", value) for name, value in operations(api)]
    return head("Operations of an asynchronous slot.") + enumeration("enum tail4_AsyncOp", pairs).rstrip() + "\n"


def client_header(api):
    stubs = "\n".join(c_stub(method) for method in api.c_interface_methods())
    return (head("One function for each invocation, as libsel4 has them.")
            + "#include <sel4/invocation.h>\n#include <sel4/invoke.h>\n#include <sel4/types.h>\n\n" + stubs)


# --- user, C++: libsel4async

CXX_TYPES = {"bool": "bool", "u8": "std::uint8_t", "registers": "const std::uint64_t*"}


def cxx_value(piece):
    argument = piece.argument
    if argument.bits == WORD:
        return argument.name
    value = f"std::uint64_t{{{argument.name}}}"
    return f"{value} << {piece.shift}" if piece.shift else value


def cxx_name(method):
    return snake(method.interface["name"].replace("CNode", "Cnode")) + "_" + snake(method.name)


def cxx_declaration(argument):
    kind = CXX_TYPES.get(argument.type, "std::uint64_t") if argument.bits else "CPtr"
    return f"{kind} {snake(argument.name)}"


def cxx_builder(method):
    parameters = ["CPtr service"] + [cxx_declaration(argument) for argument in method.args]
    fixed = [p for p in method.pieces if not p.argument.by_pointer]
    count = 1 + max([p.word for p in fixed], default=-1)
    words = [" | ".join(cxx_value(p) for p in fixed if p.word == i) for i in range(count)]
    fields = [f".op = TAIL4_OP_{method.label}", ".cptr = service"]
    fields += [f".words = {{{', '.join(words)}}}"] if words else []
    fields += [f".caps = {{{', '.join(snake(cap.name) for cap in method.caps)}}}"] if method.caps else []
    out = f"constexpr Request {cxx_name(method)}({', '.join(parameters)}) {{\n"
    if len(fixed) < len(method.pieces):  # registers: the first ones beside the words, the others in the slots behind
        registers = next(p.argument.name for p in method.pieces if p.argument.by_pointer)
        out += (f"    constexpr std::uint64_t inside = TAIL4_ASYNC_SLOT_WORDS - {len(words)};\n"
                f"    Request request{{{', '.join(fields)}}};\n"
                f"    for (std::uint64_t i = 0; i < count && i < inside; ++i) {{\n"
                f"        request.words[{len(words)} + i] = {registers}[i];\n    }}\n"
                f"    if (count > inside) {{\n        request.flags = TAIL4_ASYNC_SLOT_WIDE;\n"
                f"        request.more = {registers} + inside;\n"
                f"        constexpr std::uint64_t most = {len(method.registers)};\n"
                "        request.more_bytes = static_cast<std::uint32_t>((count < most ? count : most) - inside) * 8;\n"
                "    }\n    return request;\n")
        return out + "}\n"
    if method.result_words > 8:
        fields.insert(1, ".flags = count > TAIL4_ASYNC_SLOT_WORDS ? std::uint32_t{TAIL4_ASYNC_SLOT_WIDE} : 0")
    return out + f"    return {{{', '.join(fields)}}};\n}}\n"


def async_header(api):
    methods = [m for m in api.c_interface_methods() if not m.fixed]
    out = head("Builders of asynchronous requests: one for each invocation, with the arguments of libsel4's function.")
    out += "#include <sel4/async_request.hpp>\n\nnamespace sel4async {\n\n"
    return out + "\n".join(cxx_builder(m) for m in methods) + "\n} // namespace sel4async\n"


def main():
    api, directory = Api(sys.argv[1]), Path(sys.argv[2])
    files = {"api/labels.hpp": kernel_header(api), **numbers_files(api), "sel4/invocation.h": invocation_header(api),
             "sel4/client.h": client_header(api), "sel4/async_ops.h": operations_header(api),
             "sel4async/methods.hpp": async_header(api)}
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


if __name__ == "__main__":
    main()
