"""Reads what rocket-sim --profile writes, and says it by function, by instruction, by cache line, or as folded stacks."""

import collections
import dataclasses

MODES = {0: "user", 1: "kernel", 3: "firmware"}
COUNTS = ("retired", "stalled", "asleep", "traps", "data_misses", "fetch_misses", "walk_misses", "data_walks", "fetch_walks",
          "devices", "crossings")
HEADS = ("retired", "stalled", "asleep", "traps", "miss-D", "miss-I", "miss-W", "walk-D", "walk-I", "device", "cross")
LEGEND = """  stalled: cycles waited until the instruction retired    miss-D, miss-I: lines awaited by the data, instruction cache
  walk-D, walk-I: page walks for data, for fetch          miss-W: lines that page walks awaited
  device: accesses past the caches                        cross: lines that the other hart's data cache gave up for it"""


@dataclasses.dataclass(frozen=True)
class Node:
    parent: int
    hart: int
    privilege: int
    site: int


class Counts(list):
    """The counts of COUNTS, in their order."""

    def __init__(self, values=None):
        super().__init__(values or [0] * len(COUNTS))

    def add(self, other):
        for i, value in enumerate(other):
            self[i] += value

    @property
    def cycles(self):
        return sum(self[:3])


class Profile:
    def __init__(self, text):
        self.nodes, self.rows, self.lines, self.facts = {}, [], {}, {}
        for line in text.splitlines():
            kind, *words = line.split()
            if kind == "node":
                number, parent, hart, privilege = map(int, words[:4])
                self.nodes[number] = Node(parent, hart, privilege, int(words[4], 16))
            elif kind == "row":
                self.rows.append((self.nodes[int(words[0])], int(words[1], 16), Counts(map(int, words[2:]))))
            elif kind == "line":
                self.lines[int(words[0], 16)] = int(words[1])
            else:
                self.facts[kind] = int(words[0])
        if self.facts.get("profile") != 2:
            raise ValueError("this is no profile")

    @property
    def cycles(self):
        return self.facts["cycles"]

    def harts(self):
        return range(self.facts["harts"])

    def total(self, hart):
        total = Counts()
        for node, _, counts in self.rows:
            if node.hart == hart:
                total.add(counts)
        return total

    def sum_by(self, hart, key):
        """{key(node, counter): Counts} of a hart."""
        sums = collections.defaultdict(Counts)
        for node, counter, counts in self.rows:
            if node.hart == hart:
                sums[key(node, counter)].add(counts)
        return sums

    def path(self, node):
        """The nodes from the root to this one."""
        nodes = [node]
        while self.nodes[node.parent] is not node:
            node = self.nodes[node.parent]
            nodes.append(node)
        return nodes[::-1]


def number(value, per):
    return f"{value / per:.2f}" if per != 1 else str(value)


def lines_of(rows):
    """Rows of text as lines whose columns fit; the last column is not padded."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    return ["  ".join([word.rjust(width) for word, width in zip(row, widths)] + [row[-1]]) for row in rows]


def hart_line(profile, hart, per):
    total = profile.total(hart)
    retired = total[COUNTS.index("retired")]
    said = [f"{number(total[i], per)} {COUNTS[i]}" for i in range(3)] if total.cycles else ["nothing"]
    awake = total.cycles - total[COUNTS.index("asleep")]
    return f"hart {hart}: {number(total.cycles, per)} cycles: {', '.join(said)}" + \
        (f"; {awake / retired:.2f} cycles an instruction" if retired else "")


def table(sums, whole, per, top, title):
    rows = [("cycles", "share", *HEADS, title)]
    ordered = sorted(sums.items(), key=lambda item: (-item[1].cycles, item[0]))
    rest = Counts()
    for _, counts in ordered[top:]:
        rest.add(counts)
    shown = ordered[:top] + ([(f"({len(ordered) - top} more)", rest)] if ordered[top:] else [])
    total = Counts()
    for name, counts in shown:
        total.add(counts)
    for name, counts in [*shown, ("all", total)]:
        share = f"{100 * counts.cycles / whole:.1f} %" if whole else "-"
        rows.append((number(counts.cycles, per), share, *(number(value, per) for value in counts), name))
    return lines_of(rows)


def by_function(profile, names, per=1, top=40):
    for hart in profile.harts():
        yield hart_line(profile, hart, per)
        sums = profile.sum_by(hart, lambda node, counter: f"{MODES[node.privilege]} {names.name(node.privilege, counter)}")
        yield from table(sums, profile.total(hart).cycles, per, top, "function")
        yield ""
    yield LEGEND


def by_instruction(profile, names, function=None, per=1, top=40):
    for hart in profile.harts():
        yield hart_line(profile, hart, per)
        sums = profile.sum_by(hart, lambda node, counter: (node.privilege, counter))
        if function:
            yield from annotated(sums, names, function, per)
        else:
            named = {f"{counter:#x} {MODES[privilege]} {names.name(privilege, counter)}": counts
                     for (privilege, counter), counts in sums.items()}
            yield from table(named, profile.total(hart).cycles, per, top, "instruction")
        yield ""
    yield LEGEND


def annotated(sums, names, function, per):
    """The disassembly of a function with what each instruction cost."""
    for privilege, images in ((1, [names.kernel] if names.kernel else []), (0, names.users)):
        for image in images:
            extent = image.extent(function)
            if extent is None:
                continue
            counts = {image.linked(counter): value for (mode, counter), value in sums.items()
                      if mode == privilege and image.linked(counter) is not None}
            rows = [("cycles", *HEADS, "instruction")]
            total = Counts()
            for address, text in image.instructions(*extent):
                found = counts.get(address, Counts())
                total.add(found)
                rows.append((number(found.cycles, per), *(number(value, per) if value else "." for value in found),
                             f"{address:x} {text}"))
            rows.append((number(total.cycles, per), *(number(value, per) for value in total), "all"))
            yield f"{MODES[privilege]} {image.name(extent[0])}"
            yield from lines_of(rows)
            return
    yield f"no function {function}"


def by_line(profile, _names, per=1, top=40):
    """Reads of memory by line and by set of a first-level cache."""
    whole = sum(profile.lines.values())
    sets = collections.Counter()
    for address, reads in profile.lines.items():
        sets[address >> 6 & 63] += reads
    yield f"{number(whole, per)} lines read from memory; by cache set:"
    yield "  " + ", ".join(f"{place}: {number(reads, per)}" for place, reads in sets.most_common(16))
    ordered = sorted(profile.lines.items(), key=lambda item: (-item[1], item[0]))[:top]
    yield from lines_of([("reads", "set", "physical address"),
                         *((number(reads, per), str(address >> 6 & 63), f"{address:#x}") for address, reads in ordered)])


def frames(profile, names, node):
    """The names on the way to a place, from the hart on."""
    words, below = [f"hart{node.hart}"], None
    for step in profile.path(node):
        if below is None:
            words.append(MODES[step.privilege])
        else:
            words += [names.name(below.privilege, step.site)]
            words += [MODES[step.privilege]] if step.privilege != below.privilege else []
        below = step
    return [word for i, word in enumerate(words) if i == 0 or word != words[i - 1] or word != "firmware"]


def folded(profile, names):
    """A stack a line with its cycles: what flamegraph.pl and speedscope read."""
    sums = collections.Counter()
    known = {}
    for node, counter, counts in profile.rows:
        if node not in known:
            known[node] = frames(profile, names, node)
        name = names.name(node.privilege, counter)
        words = [*known[node], *([name] if name != known[node][-1] else [])]
        asleep = counts[COUNTS.index("asleep")]
        sums[";".join(word.replace(";", ",") for word in words)] += counts.cycles - asleep
        sums[";".join([word.replace(";", ",") for word in words] + ["asleep"])] += asleep
    return [f"{stack} {cycles}" for stack, cycles in sorted(sums.items()) if cycles]
