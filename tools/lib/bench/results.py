"""What the runs of a matrix gave: from a console's text, to JSON and CSV and back."""

import csv
import dataclasses
import json
import re
from dataclasses import dataclass, field

SCHEMA = 1
UNITS = ("insn", "cycles", "per_call", "bytes", "calls")
IMAGE = "image"
COLUMNS = ("revision", "machine", "suite", "name", "value", "unit")

ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
BENCHMARK = re.compile(r"BENCHMARK (\S+) (\d+(?:\.\d+)?) (\S+)")


class Trouble(Exception):
    """Said in one line, exit status 2."""


@dataclass(frozen=True)
class Figure:
    value: int | float
    unit: str


@dataclass
class Run:
    machine: str
    suite: str
    harts: int = 1
    arguments: str = ""
    status: int = 0
    seconds: float = 0.0
    problems: list = field(default_factory=list)
    figures: dict = field(default_factory=dict)


@dataclass
class Results:
    date: str = ""
    revision: dict = field(default_factory=dict)
    configuration: dict = field(default_factory=dict)
    tools: dict = field(default_factory=dict)
    images: dict = field(default_factory=dict)
    runs: list = field(default_factory=list)

    def rows(self):
        """(machine, suite, name, figure) of all runs, and the images' sizes as figures of a machine called image."""
        for image, sizes in self.images.items():
            yield from ((IMAGE, "", f"{image}.{part}", Figure(size, "bytes")) for part, size in sizes.items())
        for run in self.runs:
            yield from ((run.machine, run.suite, name, figure) for name, figure in run.figures.items())

    def figures(self):
        """{(machine, name): figure}"""
        return {(machine, name): figure for machine, _suite, name, figure in self.rows()}

    def problems(self):
        return [f"{run.machine} {run.suite}: {problem}" for run in self.runs for problem in run.problems]


def number(text):
    return float(text) if "." in text else int(text)


class Console:
    """Reads a guest's console line by line: its figures, and what is wrong with it."""

    def __init__(self):
        self.figures = {}
        self.problems = []
        self.begun = self.ended = False

    def hear(self, line):
        line = ESCAPE.sub("", line).strip()
        word, _, rest = line.partition(" ")
        if word == "BEGIN":
            self.begun = True
        elif word == "END":
            self.ended = True
        elif word == "FAIL":
            self.problems.append(line)
        elif line.startswith(("TaiL4: panic:", "TaiL4: error:")):
            self.problems.append(line)
        elif word == "BENCHMARK":
            self.add(line)

    def add(self, line):
        match = BENCHMARK.fullmatch(line)
        if not match or match[3] not in UNITS:
            self.problems.append(f"no figure: {line}")
        elif match[1] in self.figures:
            self.problems.append(f"twice: {match[1]}")
        else:
            self.figures[match[1]] = Figure(number(match[2]), match[3])

    def close(self):
        """To be called behind the last line."""
        if not self.begun or not self.ended:
            self.problems.append("the console ends before END" if self.begun else "no BEGIN on the console")
        elif not self.figures:
            self.problems.append("no figure at all")


def parse(text):
    console = Console()
    for line in text.splitlines():
        console.hear(line)
    console.close()
    return console


def refuse_twice(results):
    """The key of a figure is its machine and its name; a second run that gives it again has a problem."""
    seen = set()
    for run in results.runs:
        again = sorted(name for name in run.figures if (run.machine, name) in seen)
        if again:
            run.problems.append(f"another suite of this machine gives the same figures: {', '.join(again)}")
        for name in again:
            del run.figures[name]
        seen.update((run.machine, name) for name in run.figures)


def write_json(results, path):
    path.write_text(json.dumps({"schema": SCHEMA, **dataclasses.asdict(results)}, indent=1) + "\n")


def read_json(path):
    try:
        data = json.loads(path.read_text())
        schema = data.pop("schema")
        if schema != SCHEMA:
            raise Trouble(f"{path} has schema {schema}, this program reads {SCHEMA}")
        runs = [Run(**{**run, "figures": {name: Figure(**figure) for name, figure in run["figures"].items()}})
                for run in data.pop("runs")]
        return Results(runs=runs, **data)
    except OSError as error:
        raise Trouble(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Trouble(f"{path} is no results.json: {error}") from error


def value_text(figure):
    """As the guest wrote it: per_call has three decimals."""
    return f"{figure.value:.3f}" if isinstance(figure.value, float) else str(figure.value)


def write_csv(results, path):
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for machine, suite, name, figure in results.rows():
            writer.writerow((results.revision.get("commit", ""), machine, suite, name, value_text(figure), figure.unit))


def read_csv(path):
    """{(machine, name): figure}, as Results.figures()."""
    with path.open(newline="") as file:
        return {(row["machine"], row["name"]): Figure(number(row["value"]), row["unit"]) for row in csv.DictReader(file)}
