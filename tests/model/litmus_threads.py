"""One thread by itself: all its runs, a load giving any of the values that the location may ever hold. A run is its
memory accesses and fences in program order, with their syntactic dependencies, and its registers at the end.
Source: RISC-V unprivileged manual, chapter "RVWMO" (syntactic dependencies), chapter "A" for LR, SC and AMO."""

import re
from dataclasses import dataclass, field, replace

from litmus_text import LitmusError, register

NOTHING = frozenset()
NOWHERE = "?"  # what a wrong pointer leads to; an error if it is no wrong guess only

ALU = {"add": lambda a, b: a + b, "addi": lambda a, b: a + b, "sub": lambda a, b: a - b,
       "xor": lambda a, b: a ^ b, "xori": lambda a, b: a ^ b, "or": lambda a, b: a | b, "ori": lambda a, b: a | b,
       "and": lambda a, b: a & b, "andi": lambda a, b: a & b}
AMO = {"amoswap": lambda old, new: new, "amoadd": lambda old, new: old + new, "amoxor": lambda old, new: old ^ new,
       "amoor": lambda old, new: old | new, "amoand": lambda old, new: old & new, "amomax": max, "amomin": min}
BRANCH = {"beq": lambda a, b: a == b, "bne": lambda a, b: a != b}


def signed(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


@dataclass(slots=True)
class Event:
    kind: str  # M: memory, D: device, F: fence
    place: str = ""
    read: int | None = None  # the value read, None: reads nothing
    written: int | None = None
    acquire: bool = False
    release: bool = False
    atomic: str = ""  # "amo", "lr", "sc"
    pair: int | None = None  # of an SC: the LR before it
    address: frozenset = NOTHING  # syntactic dependencies: earlier events of this run, by position
    data: frozenset = NOTHING
    control: frozenset = NOTHING
    fence: tuple = ()  # before, after: sets of r, w, i, o


@dataclass(slots=True)
class State:
    at: int = 0
    registers: dict = field(default_factory=dict)  # number -> value
    sources: dict = field(default_factory=dict)  # number -> events it depends on
    events: list = field(default_factory=list)
    control: frozenset = NOTHING
    reserved: int | None = None  # the LR whose reservation stands

    def copy(self):
        return State(self.at, dict(self.registers), dict(self.sources), list(self.events), self.control, self.reserved)

    def get(self, name):
        return self.registers.get(register(name), 0)

    def origin(self, name):
        return self.sources.get(register(name), NOTHING)

    def put(self, name, value, sources):
        if register(name) != 0:
            self.registers[register(name)] = signed(value, 64)
            self.sources[register(name)] = sources


class Thread:
    def __init__(self, test, number):
        self.code = test.threads[number]
        self.places = {address: name for name, address in test.addresses.items()}
        self.initial = {reg: value for (thread, reg), value in test.registers.items() if thread == number}
        self.sizes = test.sizes
        self.labels = {name[:-1]: i for i, (name, _) in enumerate(self.code) if name.endswith(":")}

    def runs(self, values):
        """`values`: location -> what it may hold."""
        waiting = [State(registers=dict(self.initial))]
        while waiting:
            state = waiting.pop()
            while state is not None and state.at < len(self.code):
                mnemonic, operands = self.code[state.at]
                state.at += 1
                if mnemonic.endswith(":"):
                    continue
                try:
                    others = self.step(state, mnemonic, operands, values)
                except (IndexError, ValueError) as error:
                    raise LitmusError(f"operands: {mnemonic} {', '.join(operands)}") from error
                waiting.extend(others[1:])
                state = others[0] if others else None
            if state is not None:
                yield state

    def step(self, state, mnemonic, operands, values):
        """The states after one instruction."""
        base, *suffix = mnemonic.split(".")
        if base in ALU or base in ("li", "mv", "nop"):
            self.compute(state, base, operands)
        elif base in BRANCH or base == "j":
            self.branch(state, base, operands)
        elif base == "fence":
            state.events.append(Event("F", fence=self.fence_sets(suffix, operands)))
        else:
            return self.access(state, base, suffix, operands, values)
        return [state]

    def compute(self, state, base, operands):
        if base == "nop":
            return
        if base == "li":
            state.put(operands[0], int(operands[1], 0), NOTHING)
        elif base == "mv":
            state.put(operands[0], state.get(operands[1]), state.origin(operands[1]))
        elif base.endswith("i"):
            state.put(operands[0], ALU[base](state.get(operands[1]), int(operands[2], 0)), state.origin(operands[1]))
        else:
            value = ALU[base](state.get(operands[1]), state.get(operands[2]))
            state.put(operands[0], value, state.origin(operands[1]) | state.origin(operands[2]))

    def branch(self, state, base, operands):
        target = self.labels.get(operands[-1])
        if target is None or target < state.at:
            raise LitmusError(f"{base} {operands[-1]}: not a label further down")
        if base == "j":
            state.at = target
            return
        state.control |= state.origin(operands[0]) | state.origin(operands[1])
        if BRANCH[base](state.get(operands[0]), state.get(operands[1])):
            state.at = target

    @staticmethod
    def fence_sets(suffix, operands):
        if suffix == ["tso"]:
            return ("tso",)
        before, after = operands or ("iorw", "iorw")
        if suffix or not re.fullmatch("i?o?r?w?", before) or not re.fullmatch("i?o?r?w?", after):
            raise LitmusError(f"fence {operands}")
        return (frozenset(before), frozenset(after))

    def event(self, state, operand, size, **fields):
        match = re.fullmatch(r"(-?\d*)\((\w+)\)", operand)
        if match is None:
            raise LitmusError(f"address: {operand}")
        place = self.places.get(state.get(match.group(2)) + int(match.group(1) or 0), NOWHERE)
        if place != NOWHERE and self.sizes.setdefault(place, size) != size:
            raise LitmusError(f"{place} is accessed with two sizes")
        kind = "D" if place.startswith("dev") else "M"
        return Event(kind, place, address=state.origin(match.group(2)), control=state.control, **fields)

    def access(self, state, base, suffix, operands, values):
        size = {"w": 32, "d": 64}.get(suffix[0] if suffix else base[-1:])
        flags = "".join(suffix[1:])
        if size is None or flags not in ("", "aq", "rl", "aqrl"):
            raise LitmusError(f"unknown instruction: {base}.{'.'.join(suffix)} {', '.join(operands)}")
        order = {"acquire": "aq" in flags, "release": "rl" in flags}
        if base in ("lw", "ld") and not suffix:
            return self.load(state, self.event(state, operands[1], size), operands[0], values, size)
        if base in ("sw", "sd") and not suffix:
            value = signed(state.get(operands[0]), size)
            event = self.event(state, operands[1], size, written=value, data=state.origin(operands[0]))
            state.events.append(event)
            return [state]
        if base == "lr":
            event = self.event(state, operands[1], size, atomic="lr", **order)
            after = self.load(state, event, operands[0], values, size)
            for one in after:
                one.reserved = len(one.events) - 1
            return after
        if base == "sc":
            return self.store_conditional(state, operands, order, size)
        if base in AMO:
            return self.atomic(state, base, operands, order, values, size)
        raise LitmusError(f"unknown instruction: {base} {', '.join(operands)}")

    @staticmethod
    def load(state, event, target, values, size):
        after = []
        for value in values[event.place]:
            one = state.copy()
            one.events.append(replace(event, read=value))
            one.put(target, signed(value, size), frozenset([len(one.events) - 1]))
            after.append(one)
        return after

    def atomic(self, state, base, operands, order, values, size):
        event = self.event(state, operands[2], size, atomic="amo", data=state.origin(operands[1]), **order)
        operand = state.get(operands[1])
        after = self.load(state, event, operands[0], values, size)
        for one in after:
            done = one.events[-1]
            done.written = signed(AMO[base](signed(done.read, size), signed(operand, size)), size)
        return after

    def store_conditional(self, state, operands, order, size):
        """Fails at will; succeeds only after an LR of the same address without another SC between."""
        reserved, state.reserved = state.reserved, None
        failed = state.copy()
        failed.put(operands[0], 1, NOTHING)
        value = signed(state.get(operands[1]), size)
        event = self.event(state, operands[2], size, atomic="sc", pair=reserved, written=value,
                           data=state.origin(operands[1]), **order)
        if reserved is None or state.events[reserved].place != event.place:
            return [failed]
        state.events.append(event)
        state.put(operands[0], 0, frozenset([len(state.events) - 1]))
        return [state, failed]
