"""What changed between two results: each figure that did, the worst first; worse past a threshold is a failure.

Thresholds: cycles 3 %, instructions 1 % (both can be set). Bytes, and counts under --icount, have none: they are the
same from run to run. Counts on the RTL move with timing, so they get that of cycles, and a hundredth a call. On QEMU with
several harts the host's timing makes the counts: how many changed is said, and nothing is judged. Sizes of images, which
every change moves, are shown and not judged.
"""

from dataclasses import dataclass

from bench.results import IMAGE

CYCLES, INSTRUCTIONS = 0.03, 0.01
SLACK = 0.01  # events a call on the RTL


@dataclass(frozen=True)
class Change:
    machine: str
    name: str
    unit: str
    old: int | float
    new: int | float
    verdict: str  # worse, better, within, unjudged

    @property
    def relative(self):
        if self.old == self.new:
            return 0.0
        return (self.new - self.old) / self.old if self.old else float("inf")

    def __str__(self):
        percent = "from 0" if self.relative == float("inf") else f"{100 * self.relative:+.1f} %"
        return f"{self.machine:<12} {self.name:<44} {self.old:>10g} -> {self.new:>10g} {self.unit:<8} {percent:>9}"


@dataclass(frozen=True)
class Limits:
    cycles: float = CYCLES
    insn: float = INSTRUCTIONS

    def of(self, machine, unit):
        """The relative change that is allowed; None: any."""
        if machine == IMAGE:
            return None
        if unit == "insn":
            return self.insn
        if unit == "cycles":
            return self.cycles
        if unit == "bytes" or machine == "qemu-icount":
            return 0.0
        return self.cycles if machine.startswith("rtl") else None


def judge(machine, name, old, new, limits):
    limit = limits.of(machine, old.unit)
    change = Change(machine, name, old.unit, old.value, new.value, "within")
    timed = machine.startswith("rtl") and old.unit == "per_call"
    if limit is None:
        verdict = "unjudged"
    elif abs(change.relative) <= limit or (timed and abs(new.value - old.value) <= SLACK):
        verdict = "within"
    else:
        verdict = "worse" if change.relative > 0 else "better"
    return Change(machine, name, old.unit, old.value, new.value, verdict)


@dataclass
class Comparison:
    changes: list
    vanished: list
    appeared: list
    notes: list
    failures: list

    def of(self, verdict):
        return [change for change in self.changes if change.verdict == verdict]

    @property
    def status(self):
        return 1 if self.of("worse") or self.failures else 0

    def lines(self):
        yield from (f"note: {note}" for note in self.notes)
        yield from (f"failed: {failure}" for failure in self.failures)
        moved = [change for change in self.of("unjudged") if change.relative]
        images = [change for change in moved if change.machine == IMAGE]
        for title, changed in (("worse", self.of("worse")), ("better", self.of("better")), ("images", images)):
            if changed:
                yield f"{title}:"
                yield from (f"  {change}" for change in changed)
        if len(moved) > len(images):
            yield f"changed as the host's timing has it: {len(moved) - len(images)} counts"
        for word, names in (("vanished", self.vanished), ("new", self.appeared)):
            yield from (f"{word}: {name}" for name in names)
        counts = [f"{len(self.of(verdict))} {verdict}" for verdict in ("worse", "better", "within", "unjudged")]
        yield f"compared {len(self.changes)} figures: {', '.join(counts)}; " \
              f"{len(self.vanished)} vanished, {len(self.appeared)} new"


def differences(title, old, new):
    """What of two flat tables is not the same, in words."""
    for key in sorted(set(old) | set(new)):
        if old.get(key) != new.get(key):
            yield f"{title} {key} was {old.get(key, 'absent')}, is {new.get(key, 'absent')}"


def boots(results):
    return {f"of {run.machine} {run.suite}": f"'{run.arguments}'" for run in results.runs}


def notes(old, new):
    yield from differences("configuration", old.configuration, new.configuration)
    yield from differences("tool", old.tools, new.tools)
    both = boots(old).keys() & boots(new).keys()
    yield from differences("arguments", *({key: boots(side)[key] for key in both} for side in (old, new)))


def compare(old, new, limits=Limits()):
    before, after = old.figures(), new.figures()
    changes, vanished, appeared = [], [], []
    for key in sorted(before.keys() | after.keys()):
        name = " ".join(key)
        if key not in after:
            vanished.append(name)
        elif key not in before:
            appeared.append(name)
        elif before[key].unit != after[key].unit:
            vanished.append(f"{name} in {before[key].unit}")
            appeared.append(f"{name} in {after[key].unit}")
        else:
            changes.append(judge(*key, before[key], after[key], limits))
    changes.sort(key=lambda change: (-change.relative, change.machine, change.name))
    better = [change for change in changes if change.verdict == "better"]
    others = [change for change in changes if change.verdict != "better"]
    changes = others + better[::-1]  # the greatest gain first
    return Comparison(changes, vanished, appeared, list(notes(old, new)), new.problems())
