"""published.toml: the figures of others, checked as they are read."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

PATH = Path(__file__).with_name("published.toml")
CURVES = ("page_map", "wakes", "message")


class Wrong(Exception):
    pass


@dataclass(frozen=True)
class Source:
    title: str
    conditions: str


@dataclass(frozen=True)
class Curve:
    harts: int
    name: str
    source: str
    points: list = field(default_factory=list)
    level: list = field(default_factory=list)
    judged: bool = False
    look: str = ""  # the source whose colour it has, if not its own's
    marker: str = "*"  # of points, as matplotlib names it

    def __post_init__(self):
        if bool(self.points) == bool(self.level):
            raise Wrong(f"{self.name}: either points or a level")


@dataclass(frozen=True)
class Rows:
    unit: str
    harts: int
    source: str
    rows: dict
    judged: bool = False


@dataclass(frozen=True)
class Published:
    sources: dict
    curves: dict  # family -> [Curve]
    ipc: list  # [Rows]

    def of(self, family, harts):
        return [curve for curve in self.curves[family] if curve.harts == harts]

    def judged(self, unit):
        """{row: the least figure of upstream's on the same machine}"""
        least = {}
        for table in self.ipc:
            for row, value in table.rows.items() if table.unit == unit and table.judged else ():
                least[row] = min(value, least.get(row, value))
        return least


def read(path=PATH):
    with path.open("rb") as file:
        data = tomllib.load(file)
    try:
        sources = {name: Source(**source) for name, source in data.pop("source").items()}
        curves = {family: [Curve(**curve) for curve in data.pop(family)] for family in CURVES}
        found = Published(sources, curves, [Rows(**table) for table in data.pop("ipc")])
    except (KeyError, TypeError) as error:
        raise Wrong(f"{path}: {error}") from error
    used = {entry.source for entry in [*found.ipc, *(curve for family in curves.values() for curve in family)]}
    if data or used != set(sources):
        raise Wrong(f"{path}: {sorted(data)}, sources {sorted(used ^ set(sources))}")
    return found
