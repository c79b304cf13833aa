"""What changed between two results: each figure that did, the worst first; worse past a threshold is a failure.

Thresholds: means in cycles 3 %, in instructions 1 % (both can be set). Medians, and map and unmap apart, have 20 %, p99 50 %:
of nearly the same code they moved by 14 % and 34 % when a tick of the clock fell elsewhere. Bytes have none, counts under --icount their last
digit. Counts on the RTL move with timing, so they get that of cycles, or a hundredth a call. On QEMU with several harts the
host's timing makes the counts: how many changed is said, and nothing is judged. Sizes of images, which every change moves,
are shown and not judged; nor is a run that was booted with other arguments.
"""

from dataclasses import dataclass

from bench.families import NAME
from bench.results import IMAGE

CYCLES, INSTRUCTIONS, SPREAD, TAIL = 0.03, 0.01, 0.2, 0.5
# Of counts: events a call that are no change, rounding included.
SLACK = {"qemu-icount": 0.0011, "rtl-1": 0.0101, "rtl-2": 0.0101}


def shown(value):
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}"


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
        return f"{self.machine:<12} {self.name:<44} {shown(self.old):>10} -> {shown(self.new):>10} {self.unit:<8} {percent:>9}"


@dataclass(frozen=True)
class Limits:
    cycles: float = CYCLES
    insn: float = INSTRUCTIONS

    def of(self, machine, name, unit):
        """The relative change that is allowed; None: any."""
        if machine == IMAGE:
            return None
        if unit in ("insn", "cycles"):
            parts = NAME.fullmatch(name)
            mean = self.insn if unit == "insn" else self.cycles
            if not parts or parts["measure"] in (None, "mean"):
                return mean
            return max(mean, TAIL if parts["measure"].endswith("p99") else SPREAD)
        if unit == "bytes" or machine == "qemu-icount":
            return 0.0
        return self.cycles if machine.startswith("rtl") else None


def judge(machine, name, old, new, limits):
    limit = limits.of(machine, name, old.unit)
    change = Change(machine, name, old.unit, old.value, new.value, "within")
    slack = SLACK.get(machine, 0) if old.unit == "per_call" else 0
    if limit is None:
        verdict = "unjudged"
    elif abs(change.relative) <= limit or abs(new.value - old.value) <= slack:
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
            yield from (f"{word}: {name}" for name in gathered(names))
        counts = [f"{len(self.of(verdict))} {verdict}" for verdict in ("worse", "better", "within", "unjudged")]
        yield f"compared {len(self.changes)} figures: {', '.join(counts)}; " \
              f"{len(self.vanished)} vanished, {len(self.appeared)} new"


def gathered(names):
    """The same, those that differ in their last word as one: page_map.taic.c8.* (11)."""
    stems = {}
    for name in names:
        stems.setdefault(name.rpartition(".")[0] or name, []).append(name)
    for stem, those in stems.items():
        yield f"{stem}.* ({len(those)})" if len(those) > 1 else those[0]


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
    yield from differences("not judged: arguments", *({key: boots(side)[key] for key in both} for side in (old, new)))


def otherwise_booted(old, new):
    """The figures of runs that both have, with other arguments."""
    before = {(run.machine, run.suite): run.arguments for run in old.runs}
    return {(run.machine, name) for run in new.runs for name in run.figures
            if before.get((run.machine, run.suite), run.arguments) != run.arguments}


def compare(old, new, limits=Limits()):
    before, after, others = old.figures(), new.figures(), otherwise_booted(old, new)
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
        elif key not in others:
            changes.append(judge(*key, before[key], after[key], limits))
    changes.sort(key=lambda change: (-change.relative, change.machine, change.name))
    better = [change for change in changes if change.verdict == "better"]
    others = [change for change in changes if change.verdict != "better"]
    changes = others + better[::-1]  # the greatest gain first
    return Comparison(changes, vanished, appeared, list(notes(old, new)), new.problems())
