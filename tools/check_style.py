#!/usr/bin/env python3
"""Sizes, headers, macros, paths, and the subject of the last commit. Rules are the constants on top."""

import argparse
import ast
import re
import subprocess
import sys

import check_common

FILE_LINES = 400
FUNCTION_LINES = 60
ASSEMBLY_LINES = 250  # all of kernel/, without blank and comment lines
CONDITIONALS_PER_KLOC = 1  # #if in kernel/
HEADER_COMMENT = range(1, 11)  # lines a .hpp opens with
MACROS = {"TRY", "CO_TRY", "ASSERT"}
MACRO_FREE = re.compile(r"(kernel/(?!libsel4/)|taic/|uintr/|libsel4async/).*\.(cpp|hpp)$")

SIZED = {".cpp", ".hpp", ".c", ".h", ".S", ".py", ".cmake", ".lds", ".sh", "", ".toml"}
UNLIMITED = re.compile(r"kernel/api/.*\.toml$")  # one table stays one file
TEXT = SIZED | {".md", ".json", ".txt", ".yml"}

LEFT_OVER = re.compile(r"\b(?:TO(?:DO)|FIX(?:ME))\b(?!\(#\d+\)| #\d+)")
MACHINE_PATH = re.compile(r"(?<![\w.}$*-])/(?:work|home|root|Users)/")
REGISTRY = re.compile(r"\b(?:deb|security)\.debian\.org|\bpypi\.org|\bcrates\.io/|\bregistry\.npmjs|\bproxy\.golang")
CONDITIONAL = re.compile(r"^[ \t]*#[ \t]*if(?!.*__cplusplus|.*__ASSEMBLER__)", re.M)
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.M)
SUBJECT = re.compile(r"[a-z0-9_.-]+(/[a-z0-9_.-]+)*: [A-Z].*[^. ]")
BLOCK = re.compile(r"\b(?:namespace|enum|extern)\b[^;(){}]*$|\b(?:class|struct|union)\b[^;(){}=]*(?:alignas\([^)]*\)[^;(){}=]*)?$")


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def cxx_functions(text):
    """(first line, lines) of each function body: the outermost braces that open no namespace or type."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), check_common.code_only(text),
                  flags=re.M)
    stack, start, last = [], None, 0
    for match in re.finditer(r"[{};]", code):
        if match[0] == "{":
            head = code[last:match.start()]
            is_block = start is None and (BLOCK.search(head) is not None)
            stack.append(is_block)
            if not is_block and start is None:
                table = head.rstrip().endswith("=")  # the initialiser of data is no function
                start = (len(stack), match.start() - len(head.lstrip()), table)
        elif match[0] == "}" and stack:
            if start is not None and start[0] == len(stack):
                first = line_of(code, start[1])
                if not start[2]:
                    yield first, line_of(code, match.start()) - first + 1
                start = None
            stack.pop()
        last = match.end()


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def check_lines(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            yield number, "trailing space"
        if LEFT_OVER.search(line):
            yield number, "left-over without an issue number, as in TODO(#7)"
        if MACHINE_PATH.search(line):
            yield number, "path of one machine"
        if REGISTRY.search(line):
            yield number, "host of a registry"
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "no newline at the end"
    count = text.count("\n")
    if path.suffix in SIZED and count > FILE_LINES and not UNLIMITED.match(path.as_posix()):
        yield FILE_LINES + 1, f"{count} lines, {FILE_LINES} are allowed"


def check_header(path, text):
    if not re.search(r"^#pragma once$", text, re.M):
        yield 1, "no #pragma once"
    if path.suffix == ".hpp":
        comment = re.match(r"(?:#pragma once\n|\n)*((?://[^\n]*\n)*)", text)[1].count("\n")
        if comment not in HEADER_COMMENT:
            yield 1, f"opens with {comment} comment lines, {HEADER_COMMENT[0]} to {HEADER_COMMENT[-1]} are asked for"


def check_code(path, text):
    if path.suffix in check_common.CXX:
        functions = cxx_functions(text)
    elif path.suffix == ".py" or text.startswith("#!/usr/bin/env python3"):
        functions = python_functions(text)
    else:
        functions = ()
    for line, length in functions:
        if length > FUNCTION_LINES:
            yield line, f"function of {length} lines, {FUNCTION_LINES} are allowed"
    if path.suffix in (".h", ".hpp") and not check_common.FOREIGN.match(path.as_posix()):
        yield from check_header(path, text)
    if MACRO_FREE.match(path.as_posix()):
        for match in DEFINE.finditer(text):
            if match[1] not in MACROS:
                yield line_of(text, match.start()), f"macro {match[1]}"


def code_lines(text):
    return sum(1 for line in check_common.code_only(text).split("\n") if line.strip())


def check_kernel_budgets(texts):
    """Budgets over all of kernel/; texts is {path: text}."""
    kernel = {path: text for path, text in texts.items() if path.parts[0] == "kernel"}
    assembly = sum(sum(1 for line in check_common.code_only(text).split("\n") if line.strip()
                       and not line.lstrip().startswith("#")) for path, text in kernel.items() if path.suffix == ".S")
    if assembly > ASSEMBLY_LINES:
        yield f"kernel: {assembly} lines of assembly, {ASSEMBLY_LINES} are allowed"
    cxx = [text for path, text in kernel.items() if path.suffix in check_common.CXX]
    lines = sum(map(code_lines, cxx))
    conditionals = sum(len(CONDITIONAL.findall(text)) for path, text in kernel.items()
                       if path.suffix in check_common.CXX and path.parts[1] != "libsel4")  # C headers need them
    if conditionals and conditionals * 1000 >= CONDITIONALS_PER_KLOC * lines:
        yield f"kernel: {conditionals} #if in {lines} lines, fewer than {CONDITIONALS_PER_KLOC} per 1000 are allowed"


def check_subject(subject):
    if len(subject) > 72:
        return f"commit: subject has {len(subject)} columns, 72 are allowed: {subject}"
    if not SUBJECT.fullmatch(subject):
        return f"commit: subject is not 'area: Sentence' without a final period: {subject}"
    return None


def check_commits(root, commits):
    log = subprocess.run(["git", "-C", str(root), "log", "--no-merges", "--format=%s", *commits],
                         capture_output=True, text=True, check=True)
    return [finding for finding in map(check_subject, log.stdout.splitlines()) if finding]


def check_tree(root, folders=()):
    texts = {path: (root / path).read_text() for path in check_common.our_files(root) if path.suffix in TEXT}
    findings = []
    for path in check_common.chosen(texts, folders):
        text = texts[path]
        for line, what in [*check_lines(path, text), *check_code(path, text)]:
            findings.append(f"{path}:{line}: {what}")
    return findings + list(check_kernel_budgets(texts)), len(texts)


def main(root=check_common.SOURCE):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", default="-1", help="revisions whose subjects are checked (default: the last one)")
    parser.add_argument("folders", nargs="*", help="look only there (the budgets stay those of the whole kernel)")
    options = parser.parse_args()
    findings, looked_at = check_tree(root, options.folders)
    findings += check_commits(root, [options.commits])
    return check_common.report("style", findings, looked_at)


if __name__ == "__main__":
    sys.exit(main())
