"""Where TaiL4 loses: asynchronous calls that cost more than synchronous ones, and rows slower than upstream seL4's."""

from dataclasses import dataclass

from bench import families
from bench.machines import MACHINES, WORDS, present


@dataclass(frozen=True)
class Point:
    at: int
    ours: float
    other: float

    @property
    def ratio(self):
        return self.ours / self.other


@dataclass(frozen=True)
class Loss:
    machine: str
    what: str
    against: str
    unit: str
    among: str  # what a point counts; empty: there is only one
    points: list  # where it is so, in their order
    measured: int  # at how many points both were measured

    @property
    def worst(self):
        return max(self.points, key=lambda point: point.ratio)

    @property
    def where(self):
        """At all, at those from one point on, or at single ones."""
        labels = [f"{point.at:,}" for point in self.points]
        if len(labels) == 1:
            return f"at {labels[0]} {self.among}"
        if len(labels) == self.measured:
            return f"at {labels[0]} to {labels[-1]} {self.among}, all that were measured"
        return f"at {', '.join(labels)} {self.among}"

    def __str__(self):
        worst = self.worst
        figures = f"{worst.ours:,} against {worst.other:,} {WORDS[self.unit]}"
        if not self.among:
            return f"{worst.ratio:.2f} times {self.against}: {self.what}, {figures}"
        where = self.where if len(self.points) == 1 else f"{self.where}, the most at {worst.at:,}"
        return f"{worst.ratio:.2f} times {self.against}: {self.what}, {where}: {figures}"


# family: what is compared, what its points count
ASYNCHRONOUS = {
    "page_map": ("PageMap/PageUnmap by {}", "tasks at once"),
    "message": ("a message by {}", "in flight"),
    "clients": ("PageMap/PageUnmap of several processes, {}", "processes"),
    "unmap": ("PageUnmap of many pages, {}", "pages"),
}


def slower(machine, what, against, among, ours, others):
    """The loss of a curve to another one, or none; another one with a single point holds everywhere."""
    other = dict(others)
    everywhere = next(iter(other.values())) if len(other) == 1 else None
    both = [Point(at, value, other.get(at, everywhere)) for at, value in ours if other.get(at, everywhere)]
    lost = [point for point in both if point.ours > point.other]
    return [Loss(machine, what, against, MACHINES[machine].unit, among, lost, len(both))] if lost else []


def asynchronous(results, machine):
    """Asynchronous series beside the synchronous one of the same calls."""
    for name, (what, among) in ASYNCHRONOUS.items():
        found = families.family(results, machine, name)
        sync = families.curve(found.pop("sync", {}))
        for series, points in found.items():
            yield from slower(machine, what.format(series), "our synchronous calls", among, families.curve(points), sync)


def upstream(results, machine, published):
    """Everything beside upstream's on the same machine."""
    entry = MACHINES[machine]
    limits = published.judged(entry.unit) if entry.harts == 1 else {}
    for row, figure in families.ipc(results, machine).items():
        if row in limits:
            yield from slower(machine, f"ipc.{row}", "upstream seL4", "", [(1, figure.value)], [(1, limits[row])])
    what, among = ASYNCHRONOUS["page_map"]
    for curve in published.of("page_map", entry.harts):
        for series, points in families.family(results, machine, "page_map").items() if curve.judged else ():
            if entry.unit == "cycles":
                yield from slower(machine, what.format(series), curve.name, among, families.curve(points),
                                  [(1, curve.level[0])])


def losses(results, published):
    """{machine: its losses, the worst first}"""
    found = {}
    for machine, entry in present(results).items():
        if entry.unit:
            lost = [*asynchronous(results, machine), *upstream(results, machine, published)]
            found |= {machine: sorted(lost, key=lambda loss: -loss.worst.ratio)} if lost else {}
    return found
