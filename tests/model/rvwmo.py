"""The memory model: which final states a litmus test can reach under RVWMO.

A candidate execution is a run of each thread, a write for each read (rf) and an order of the writes of each location
(co). It is allowed if it meets the axioms in their form as cycles: no cycle in co, rf, fr and program order of one
location; no cycle in co, rf between harts, fr and preserved program order (then a global memory order exists); no
other hart's store between a paired LR and SC. Source: RISC-V unprivileged manual, chapters "RVWMO" and "Zalrsc".
Devices (README.md) are outside of the manual's model: their accesses are ordered by fences and among each other."""

import itertools

from litmus_text import LitmusError, holds
from litmus_threads import NOWHERE, Thread

FENCE_TSO = ((frozenset("r"), frozenset("rw")), (frozenset("w"), frozenset("w")))


def letters(event):
    read, write = ("i", "o") if event.kind == "D" else ("r", "w")
    return (read if event.read is not None else "") + (write if event.written is not None else "")


def ordered_by_fences(events, i, j):
    before, after = letters(events[i]), letters(events[j])
    for event in events[i + 1:j]:
        for first, second in () if event.kind != "F" else FENCE_TSO if event.fence == ("tso",) else (event.fence,):
            if first.intersection(before) and second.intersection(after):
                return True
    return False


def is_synchronizing(event):
    return event.atomic != "" and (event.acquire or event.release)


def preserved(events, i, j):
    """Preserved program order between two accesses of one run, but rules 2, 3, 12, which depend on who is read."""
    a, b = events[i], events[j]
    if ordered_by_fences(events, i, j):
        return True  # rule 4
    if "D" in (a.kind, b.kind):
        return a.kind == b.kind  # the device's region is strongly ordered
    stores = b.written is not None
    return (stores and a.place == b.place  # rule 1
            or a.acquire or b.release  # rules 5, 6
            or is_synchronizing(a) and is_synchronizing(b)  # rule 7
            or b.pair == i  # rule 8
            or i in b.address  # rule 9
            or stores and (i in b.data or i in b.control)  # rules 10, 11
            or stores and any(i in events[m].address for m in range(i + 1, j)))  # rule 13


class Run:
    """One run of one thread, with what does not depend on the other threads."""

    def __init__(self, state):
        self.registers = state.registers
        events = state.events
        at = [i for i, event in enumerate(events) if event.kind != "F"]
        number = {i: n for n, i in enumerate(at)}
        self.events = [events[i] for i in at]
        self.order = [(number[i], number[j]) for i in at for j in at if i < j and preserved(events, i, j)]
        self.pairs = [(number[events[j].pair], number[j]) for j in at if events[j].pair is not None]
        # Rule 2: loads of one location with no store to it between; rules 3 and 12 want a load that reads this store.
        self.loads, self.forwards = [], []
        for i, j in itertools.combinations(at, 2):
            a, b = events[i], events[j]
            if a.kind == "D" or a.place != b.place or b.read is None:
                continue
            between = any(events[m].place == a.place and events[m].written is not None for m in range(i + 1, j))
            if a.read is not None and a.written is None and not between:
                self.loads.append((number[i], number[j]))
            if a.written is not None and a.atomic in ("amo", "sc"):
                self.forwards.append((number[i], number[j], number[i]))
            if a.written is not None:
                self.forwards += [(number[m], number[j], number[i]) for m in a.address | a.data
                                  if events[m].kind == "M"]
        self.needs = frozenset((e.place, e.read) for e in self.events if e.read is not None)
        self.gives = frozenset((e.place, e.written) for e in self.events if e.written is not None)


def has_cycle(after):
    """`after`: per event a mask of those behind it."""
    left = (1 << len(after)) - 1
    while left:
        ready = 0
        for i, mask in enumerate(after):
            if left >> i & 1 and not mask & left:
                ready |= 1 << i
        if not ready:
            return True
        left &= ~ready
    return False


class Combination:
    """One run of each thread; events are numbered through."""

    def __init__(self, runs, memory):
        self.memory = memory
        self.events, self.thread, self.order, self.same_place, self.pairs = [], [], [], [], []
        self.loads, self.forwards = [], []
        for t, run in enumerate(runs):
            n = len(self.events)
            self.events += run.events
            self.thread += [t] * len(run.events)
            self.order += [(n + a, n + b) for a, b in run.order]
            self.pairs += [(n + a, n + b) for a, b in run.pairs]
            self.loads += [(n + a, n + b) for a, b in run.loads]
            self.forwards += [tuple(n + i for i in triple) for triple in run.forwards]
            self.same_place += [(a, b) for a, b in itertools.combinations(range(n, len(self.events)), 2)
                                if self.events[a].place == self.events[b].place]
        self.reads = [i for i, e in enumerate(self.events) if e.read is not None]
        self.writes = {place: [i for i, e in enumerate(self.events) if e.place == place and e.written is not None]
                       for place in memory}

    def sources(self):
        """All rf: for each read a write of its value, or -1 for the initial value."""
        choices = []
        for i in self.reads:
            event = self.events[i]
            initial = [-1] if self.memory[event.place] == event.read else []
            choices.append(initial + [w for w in self.writes[event.place]
                                      if w != i and self.events[w].written == event.read])
        for choice in itertools.product(*choices):
            yield dict(zip(self.reads, choice))

    def orders(self):
        """All co, for the locations in the order of `memory`; program order is kept."""
        own = {(a, b) for a, b in self.same_place}
        for choice in itertools.product(*(itertools.permutations(self.writes[place]) for place in self.memory)):
            if not any((b, a) in own for order in choice for a, b in itertools.combinations(order, 2)):
                yield dict(zip(self.memory, choice))

    def allowed(self, source, order):
        common, outside, inside = [], [], []
        for writes in order.values():
            common += itertools.pairwise(writes)
        for read, write in source.items():
            writes = order[self.events[read].place]
            later = writes[writes.index(write) + 1:] if write >= 0 else writes
            common += [(read, w) for w in later if w != read]
            if write >= 0:
                (outside if self.thread[read] != self.thread[write] else inside).append((write, read))
        if self.broken_pair(source, order) or self.cyclic(common + outside + inside + self.same_place):
            return False
        local = [(a, b) for a, b in self.loads if source[a] != source[b]]  # rule 2
        local += [(a, b) for a, b, write in self.forwards if source[b] == write]  # rules 3, 12
        return not self.cyclic(common + outside + self.order + local)

    def broken_pair(self, source, order):
        for load, store in self.pairs:
            writes = order[self.events[store].place]
            first = writes.index(source[load]) + 1 if source[load] >= 0 else 0
            if any(self.thread[w] != self.thread[store] for w in writes[first:writes.index(store)]):
                return True
        return False

    def cyclic(self, edges):
        after = [0] * len(self.events)
        for a, b in edges:
            after[a] |= 1 << b
        return has_cycle(after)


def possible_values(test, threads, memory):
    """Location -> what it may hold. A value passes through one write after another: so many rounds are enough."""
    values = {place: {initial} for place, initial in memory.items()}
    writes = sum(name.startswith(("sw", "sd", "sc", "amo")) for thread in test.threads for name, _ in thread)
    for _ in range(writes + 1):
        found = {place: set(old) for place, old in values.items()}
        for thread in threads:
            for state in thread.runs(values):
                for event in state.events:
                    if event.written is not None:
                        found[event.place].add(event.written)
        if found == values:
            break
        values = found
    return values


def final_states(test):
    """All reachable states of what the condition looks at, as tuples in the order of test.names."""
    threads = [Thread(test, number) for number in range(len(test.threads))]
    memory = test.memory | {NOWHERE: 0}
    values = possible_values(test, threads, memory)
    runs = [[Run(state) for state in thread.runs(values)] for thread in threads]
    initial = frozenset(memory.items())
    states = set()
    for choice in itertools.product(*runs):
        given = initial.union(*(run.gives for run in choice))
        if not all(run.needs <= given for run in choice):
            continue
        combination = Combination(choice, memory)
        for order in combination.orders():
            state = tuple(last_value(combination, order, name) if isinstance(name, str)
                          else choice[name[0]].registers.get(name[1], 0) for name in test.names)
            if state not in states and any(combination.allowed(source, order) for source in combination.sources()):
                if any(e.place == NOWHERE for e in combination.events):
                    raise LitmusError("an access to an address that is no location")
                states.add(state)
    return states


def last_value(combination, order, place):
    return combination.events[order[place][-1]].written if order[place] else combination.memory[place]


def judge(test, states):
    """Whether the condition holds, and in how many of the reachable states what it names is so."""
    hits = sum(holds(test.condition, dict(zip(test.names, state))) for state in states)
    return {"exists": hits > 0, "~exists": hits == 0, "forall": hits == len(states)}[test.quantifier], hits
