"""Reads litmus tests in the RISC-V format of herd7, as far as the tests here need it: names, one table of
instructions, one condition. Whatever is not understood is an error, never skipped.

A location whose name begins with `dev` is a register of a device with a strongly ordered region (README.md)."""

import re
from dataclasses import dataclass, field

FIRST_ADDRESS, ADDRESS_STEP = 0x10000, 0x100

ABI_NAMES = ["zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", *(f"a{i}" for i in range(8)),
             *(f"s{i}" for i in range(2, 12)), *(f"t{i}" for i in range(3, 7))]
REGISTERS = {name: i for i, name in enumerate(ABI_NAMES)} | {f"x{i}": i for i in range(32)}


class LitmusError(Exception):
    pass


@dataclass
class Test:
    name: str
    about: str
    addresses: dict  # location -> address
    memory: dict  # location -> initial value
    registers: dict  # (thread, register) -> initial value
    threads: list  # of lists of (mnemonic, operands) and of labels ("name:", ())
    quantifier: str  # exists, ~exists, forall
    condition: tuple
    names: list  # what the condition looks at: (thread, register) or a location
    sizes: dict = field(default_factory=dict)  # location -> bits of its accesses, as the threads are read


def register(text):
    if text not in REGISTERS:
        raise LitmusError(f"no register: {text}")
    return REGISTERS[text]


class Condition:
    r"""`1:x5=1 /\ ~(x=2 \/ 0:t0=x)` as a tree of ("and" | "or", a, b), ("not", a), ("is", what, value), ("true",)."""

    TOKEN = re.compile(r"\s*(/\\|\\/|~|\(|\)|=|-?\w+:\w+|-?\w+)")

    def __init__(self, text, value_of):
        self.tokens = self.TOKEN.findall(text)
        if "".join(self.tokens) != "".join(text.split()):
            raise LitmusError(f"condition: {text}")
        self.value_of = value_of
        self.names = []
        self.tree = self.alternatives()
        if self.tokens:
            raise LitmusError(f"condition: left over {self.tokens}")

    def take(self, *wanted):
        if self.tokens and self.tokens[0] in wanted:
            return self.tokens.pop(0)
        return None

    def word(self):
        if not self.tokens or not re.match(r"-?\w", self.tokens[0]):
            raise LitmusError("condition: a name or value is missing")
        return self.tokens.pop(0)

    def alternatives(self):
        left = self.conjunction()
        while self.take("\\/"):
            left = ("or", left, self.conjunction())
        return left

    def conjunction(self):
        left = self.factor()
        while self.take("/\\"):
            left = ("and", left, self.factor())
        return left

    def factor(self):
        if self.take("~"):
            return ("not", self.factor())
        if self.take("("):
            inner = self.alternatives()
            if not self.take(")"):
                raise LitmusError("condition: ')' is missing")
            return inner
        name = self.word()
        if name == "true":
            return ("true",)
        if not self.take("="):
            raise LitmusError("condition: '=' is missing")
        what = name
        if ":" in name:
            thread, reg = name.split(":")
            what = (int(thread), register(reg))
        if what not in self.names:
            self.names.append(what)
        return ("is", what, self.value_of(self.word()))


def holds(tree, state):
    match tree:
        case ("true",):
            return True
        case ("not", inner):
            return not holds(inner, state)
        case ("and", left, right):
            return holds(left, state) and holds(right, state)
        case ("or", left, right):
            return holds(left, state) or holds(right, state)
        case ("is", what, value):
            return state[what] == value
    raise LitmusError(f"condition: {tree}")


def split_instruction(text):
    if re.fullmatch(r"\w+:", text):
        return (text, ())
    mnemonic, _, rest = text.partition(" ")
    return (mnemonic, tuple(part.strip() for part in rest.split(",") if part.strip()))


def read_table(lines):
    rows = [[cell.strip() for cell in line.rstrip().removesuffix(";").split("|")] for line in lines if line.strip()]
    head, body = rows[0], rows[1:]
    if head != [f"P{i}" for i in range(len(head))]:
        raise LitmusError(f"threads: {head}")
    if any(len(row) != len(head) for row in body):
        raise LitmusError("the rows have not all the same number of threads")
    return [[split_instruction(row[i]) for row in body if row[i]] for i in range(len(head))]


def read_test(text):
    text = re.sub(r"\(\*.*?\*\)", " ", text, flags=re.DOTALL)
    match = re.fullmatch(r'\s*RISCV (\S+)\s*(?:"([^"]*)")?\s*\{(.*?)\}(.*?)(~exists|exists|forall)\b(.*)', text,
                         re.DOTALL)
    if match is None:
        raise LitmusError("not of the form: RISCV name, \"about\", { initial values }, threads, condition")
    name, about, initial, table, quantifier, condition = match.groups()
    settings = []
    for item in filter(None, (item.strip() for item in initial.split(";"))):
        setting = re.fullmatch(r"(?:int \s*|int64_t \s*)?(?:(\d+):)?(\w+)\s*=\s*(-?\w+)", item)
        if setting is None:
            raise LitmusError(f"initial value: {item}")
        settings.append(setting.groups())
    locations = [name for thread, name, _ in settings if thread is None]
    locations += [value for *_, value in settings if re.match(r"[A-Za-z_]", value)]
    addresses = {name: FIRST_ADDRESS + ADDRESS_STEP * i for i, name in enumerate(dict.fromkeys(locations))}

    def value_of(word):
        if word in addresses:
            return addresses[word]
        try:
            return int(word, 0)
        except ValueError:
            raise LitmusError(f"neither a number nor a location: {word}") from None

    memory = dict.fromkeys(addresses, 0)
    registers = {}
    for thread, item, value in settings:
        if thread is None:
            memory[item] = value_of(value)
        else:
            registers[int(thread), register(item)] = value_of(value)
    goal = Condition(condition, value_of)
    unknown = [what for what in goal.names if isinstance(what, str) and what not in addresses]
    if unknown:
        raise LitmusError(f"condition: unknown location {unknown[0]}")
    return Test(name, " ".join((about or "").split()), addresses, memory, registers, read_table(table.splitlines()),
                quantifier, goal.tree, goal.names)
