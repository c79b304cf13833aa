"""The table of faults (tests/mutants/*.toml): reads it, checks it against the tree, and writes a copy of the tree that
holds all of them. In the copy a fault is a branch: `if (tail4_mutant(7)) { fault } else { what stands there }`."""

import dataclasses
import re
import tomllib
from pathlib import Path

HEADER = "tail4_mutant.hpp"
MAGIC = b"TaiL4 mutant is:"  # in a kernel image: a 32-bit number follows, 0 for none
WARNINGS = "-Werror -Wall"  # of toolchains/flags.cmake: a fault may leave something unused
FIELDS = ("name", "file", "find", "with", "killed_by", "survives")

# Which tests can show a fault in a file: all host tests whose name fits. The first that fits the path counts.
FITTING = [
    (r"kernel/boot/", r"host\.boot"),
    (r"kernel/arch/", r"host\.arch"),
    (r"kernel/trap/", r"host\.kernel_(fastpath|irq)"),
    (r"kernel/", r"host\.kernel_.*"),
    (r"taic/", r"host\.(taic|kernel_devices)"),
    (r"uintr/", r"host\.(uintr|kernel_user_interrupts|kernel_devices)"),
    (r"libsel4async/", r"host\.libsel4async.*"),
]

# A fault's number is a hash of its name: with one fault more only the file that has it is compiled anew.
CHOOSER = """// Written by tools/mutate: which fault this run has.
#pragma once
#if __STDC_HOSTED__
#include <cstdlib>
inline const unsigned tail4_chosen_mutant = [] {
    const char* name = std::getenv("TAIL4_MUTANT");
    if (name == nullptr || *name == 0) return 0U;
    unsigned hash = 2166136261U;
    for (; *name != 0; ++name) hash = (hash ^ static_cast<unsigned char>(*name)) * 16777619U;
    return hash;
}();
inline unsigned tail4_mutant_of_run() { return tail4_chosen_mutant; }
#else
// tools/mutate writes the number into the image.
struct Tail4Mutant {
    char magic[16];
    volatile unsigned number;
};
[[gnu::used]] inline Tail4Mutant tail4_chosen_mutant = {
    {'T', 'a', 'i', 'L', '4', ' ', 'm', 'u', 't', 'a', 'n', 't', ' ', 'i', 's', ':'}, 0};
inline unsigned tail4_mutant_of_run() { return tail4_chosen_mutant.number; }
#endif
constexpr bool tail4_mutant(unsigned number) {
    if (__builtin_is_constant_evaluated()) return false;
    return tail4_mutant_of_run() == number;
}
"""


def number_of(name):
    """FNV-1a, as in the header above."""
    value = 2166136261
    for byte in name.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


@dataclasses.dataclass
class Mutant:
    name: str
    file: str
    find: str
    fault: str
    killed_by: list
    survives: str
    start: int = -1  # of `find` in the file
    line: int = 0

    @property
    def number(self):
        return number_of(self.name)

    @property
    def end(self):
        return self.start + len(self.find)

    @property
    def is_statement(self):
        code = re.sub(r"//[^\n]*", "", self.find).rstrip()
        return code[-1] == ";" or code[-1] == "}" and re.match(r"\s*(if|for|while|switch|else)\b|[^}]*;", code) is not None

    @property
    def place(self):
        return f"{self.file}:{self.line}"


@dataclasses.dataclass(frozen=True)
class Killer:
    """`host.kernel_ipc: Ipc.CallAndReply` (a ctest and a filter of GoogleTest), or `guest.NAME`."""
    test: str
    filter: str

    @classmethod
    def of(cls, text):
        test, _, which = text.partition(":")
        return cls(test.strip(), which.strip())

    def __str__(self):
        return f"{self.test}: {self.filter}" if self.filter else self.test


def read_tables(folder):
    """([Mutant], [problem])"""
    mutants, problems = [], []
    for path in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(path.read_text()).get("mutant", []):
            name = entry.get("name", "?")
            unknown = set(entry) - set(FIELDS)
            missing = {"name", "file", "find", "with"} - set(entry)
            if unknown or missing:
                problems.append(f"{path.name}: {name}: fields {', '.join(sorted(unknown | missing))}")
                continue
            mutant = Mutant(name, entry["file"], entry["find"].strip("\n"), entry["with"].strip("\n"),
                            [Killer.of(text) for text in entry.get("killed_by", [])], entry.get("survives", ""))
            mutants.append(mutant)
            if bool(mutant.killed_by) == bool(mutant.survives):
                problems.append(f"{path.name}: {name}: either killed_by, or why it survives")
            if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
                problems.append(f"{path.name}: {name}: a name is of small letters, digits and single dashes")
    for what in ("name", "number"):
        values = [getattr(mutant, what) for mutant in mutants]
        problems += [f"two mutants have one {what}: {value}" for value in {v for v in values if values.count(v) > 1}]
    return mutants, problems


def locate(root, mutants):
    """Finds each in its file; gives the problems."""
    problems = []
    for mutant in mutants:
        path = root / mutant.file
        text = path.read_text() if path.is_file() else ""
        count = text.count(mutant.find)
        if count != 1:
            problems.append(f"{mutant.name}: its text is {count} times in {mutant.file}, expected once")
            continue
        mutant.start = text.index(mutant.find)
        mutant.line = text.count("\n", 0, mutant.start) + 1
    for file in {mutant.file for mutant in mutants}:
        here = sorted((m for m in mutants if m.file == file and m.start >= 0), key=lambda m: (m.start, -m.end))
        for first, second in zip(here, here[1:]):
            if second.start < first.end < second.end:
                problems.append(f"{first.name} and {second.name} overlap: one may only contain the other")
    return problems


def branch(mutant, original):
    # A text may end in a comment: the rest goes on a new line.
    if mutant.is_statement:
        return f"{{ if (tail4_mutant({mutant.number}U)) [[unlikely]] {{ {mutant.fault}\n}} else {{ {original}\n}} }}"
    return f"(tail4_mutant({mutant.number}U) ? ({mutant.fault}) : ({original}\n))"


def rewrite(text, mutants):
    """The text of one file with all its faults as branches; one that stands inside another is in the sound branch."""
    def expand(start, end, inside):
        out, at = [], start
        while inside:
            first, inside = inside[0], inside[1:]
            nested = [m for m in inside if m.end <= first.end]
            inside = inside[len(nested):]
            out += [text[at:first.start], branch(first, expand(first.start, first.end, nested))]
            at = first.end
        return "".join(out) + text[at:end]

    ordered = sorted(mutants, key=lambda m: (m.start, -m.end))
    return f'#include "{HEADER}"\n#line 1\n' + expand(0, len(text), ordered)


def write_if_other(path, data):
    """So that the build sees only what has changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_bytes() != data:
        path.write_bytes(data)


def write_copy(root, files, mutants, copy):
    """The tree with all faults in it, under `copy`."""
    by_file = {}
    for mutant in mutants:
        by_file.setdefault(mutant.file, []).append(mutant)
    for name in files:
        data = (root / name).read_bytes()
        if name.as_posix() in by_file:
            data = rewrite(data.decode(), by_file[name.as_posix()]).encode()
        if name.as_posix() == "toolchains/flags.cmake":
            if data.count(WARNINGS.encode()) != 1:
                raise ValueError(f"{name} does not have '{WARNINGS}' once")
            data = data.replace(WARNINGS.encode(), b"-w")
        write_if_other(copy / name, data)
        (copy / name).chmod((root / name).stat().st_mode)
    write_if_other(copy / HEADER, CHOOSER.encode())
    wanted = {copy / name for name in files} | {copy / HEADER}
    for path in copy.rglob("*"):
        if path.is_file() and not path.is_relative_to(copy / "build") and path not in wanted:
            path.unlink()


def choose_in_image(image, number):
    """The bytes of a kernel image that has this fault."""
    at = image.find(MAGIC)
    if at < 0 or image.find(MAGIC, at + 1) >= 0:
        raise ValueError("the image has no place, or more than one, for the number of a fault")
    at += len(MAGIC)
    return image[:at] + number.to_bytes(4, "little") + image[at + 4:]


def known_tests(root):
    """{Suite.Name} of the host tests' sources."""
    found = set()
    for path in (root / "tests" / "host").rglob("*_test.cpp"):
        found |= {f"{suite}.{name}" for suite, name in
                  re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", path.read_text(), re.M)}
    return found


def check_killers(root, mutants, guest_rows):
    """Problems of the names of tests: each must exist. A filter is Suite.Name, Suite.*, or Prefix/Suite.Name/*."""
    tests = known_tests(root)
    suites = {name.split(".")[0] for name in tests}
    lists = "\n".join(path.read_text() for path in (root / "tests" / "host").rglob("CMakeLists.txt"))
    for mutant in mutants:
        for killer in mutant.killed_by:
            kind, _, name = killer.test.partition(".")
            if kind == "guest":
                if name not in guest_rows:
                    yield f"{mutant.name}: no row '{name}' among the guests'"
                continue
            stem = re.sub(r"^kernel_", "", name)
            if kind != "host" or not re.search(rf"\b(?:kernel_test|tail4_host_test)\(({stem}|{name})\b|host\.{name}\b", lists):
                yield f"{mutant.name}: no host test '{killer.test}'"
            suite, _, case = re.sub(r"^\w+/", "", killer.filter).partition(".")
            case = re.sub(r"/(\*|\w+)$", "", case)
            if killer.filter and (suite not in suites or case != "*" and f"{suite}.{case}" not in tests):
                yield f"{mutant.name}: no test {killer.filter}"


def check(root, folder, guest_rows):
    """(mutants, problems): is the table in step with the tree?"""
    mutants, problems = read_tables(folder)
    problems += locate(root, mutants)
    problems += check_killers(root, mutants, guest_rows)
    return mutants, problems


def fitting(mutant, tests):
    """Of the names of ctests, those that can show this fault."""
    pattern = next(tests for path, tests in FITTING if Path(mutant.file).as_posix().startswith(path.rstrip("\\")))
    return [test for test in tests if re.fullmatch(pattern, test)]
