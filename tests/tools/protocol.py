"""The line protocol of a guest suite.

BEGIN n, then per case `CASE name` and one of `SUCCESS name`, `FAIL name message`, `SKIP name reason`;
`BENCHMARK name value unit` anywhere between; END. Every other line is a print and means nothing.
"""

import re
from dataclasses import dataclass, field

KEYWORDS = {"BEGIN", "CASE", "SUCCESS", "FAIL", "SKIP", "BENCHMARK", "END"}
ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass
class Suite:
    """Reads lines one by one; `problems` says what is wrong so far, `verdict()` what is wrong at the end."""

    skips: dict = field(default_factory=dict)
    expected: int | None = None
    ended: bool = False
    open_case: str | None = None
    results: dict = field(default_factory=dict)
    benchmarks: list = field(default_factory=list)
    problems: list = field(default_factory=list)

    def feed(self, line):
        keyword, _, rest = ESCAPE.sub("", line).strip().partition(" ")
        if keyword not in KEYWORDS:
            return
        if keyword != "BEGIN" and (self.expected is None or self.ended):
            # Plain prints may start with such a word before the suite does; only a result is suspicious.
            if keyword in ("SUCCESS", "FAIL", "SKIP"):
                self.problems.append(f"{keyword} outside BEGIN and END: {rest}")
            return
        getattr(self, "on_" + keyword.lower())(rest.strip())

    def on_begin(self, rest):
        if self.expected is not None:
            self.problems.append("second BEGIN (did the guest restart?)")
        elif not re.fullmatch(r"\d+", rest):
            self.problems.append(f"BEGIN needs a number, got '{rest}'")
            self.expected = 0
        else:
            self.expected = int(rest)

    def on_case(self, name):
        if self.open_case is not None:
            self.problems.append(f"case {self.open_case} has no result")
        if name in self.results:
            self.problems.append(f"case {name} ran twice")
        self.open_case = name

    def close(self, rest, result):
        name, _, message = rest.partition(" ")
        if name != self.open_case:
            self.problems.append(f"{result} for {name}, but the open case is {self.open_case}")
        self.open_case = None
        self.results[name] = result
        return name, message

    def on_success(self, rest):
        self.close(rest, "SUCCESS")

    def on_fail(self, rest):
        name, message = self.close(rest, "FAIL")
        self.problems.append(f"FAIL {name}: {message or 'no message'}")

    def on_skip(self, rest):
        name, reason = self.close(rest, "SKIP")
        if name not in self.skips:
            self.problems.append(f"SKIP {name} is not declared in the table: {reason or 'no reason'}")

    def on_benchmark(self, rest):
        match = re.fullmatch(r"(\S+) (-?\d+(?:\.\d+)?) (\S+)", rest)
        if match:
            self.benchmarks.append((match[1], match[2], match[3]))
        else:
            self.problems.append(f"malformed BENCHMARK: '{rest}'")

    def on_end(self, _rest):
        self.ended = True
        if self.open_case is not None:
            self.problems.append(f"case {self.open_case} has no result")

    def verdict(self):
        """All problems; an empty list means that the suite passed."""
        if self.expected is None:
            return self.problems + ["no BEGIN"]
        found = list(self.problems)
        if not self.ended:
            where = f" (in case {self.open_case})" if self.open_case else ""
            found.append("no END" + where)
        if self.expected == 0:
            found.append("BEGIN announced no test")
        if len(self.results) != self.expected:
            found.append(f"BEGIN announced {self.expected} cases, {len(self.results)} gave a result")
        unused = set(self.skips) - {name for name, result in self.results.items() if result == "SKIP"}
        if self.ended and unused:
            found.append(f"declared skips that ran or do not exist: {', '.join(sorted(unused))}")
        return found

    def summary(self):
        counts = [f"{sum(r == kind for r in self.results.values())} {word}"
                  for kind, word in (("SUCCESS", "passed"), ("FAIL", "failed"), ("SKIP", "skipped"))]
        return ", ".join(counts) + f", {len(self.benchmarks)} figures"
