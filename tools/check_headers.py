#!/usr/bin/env python3
"""Every header compiles alone, with the flags of the nearest source file of its family.

usage: check_headers.py BUILD_TARGET BUILD_HOST [FOLDER...]   (both configured and built, for generated headers)
A .h is tried as C and as C++, a .hpp as C++.
"""

import subprocess
import sys
from pathlib import Path

import check_common

HOST_ONLY = ("tests/host", "tests/tools")


def under(path, folders):
    return any(path.is_relative_to(folder) for folder in folders)


def nearest(header, commands):
    """Arguments of the source file that shares the longest path with the header."""

    def shared(path):
        count = 0
        for left, right in zip(path.parts, header.parts):
            if left != right:
                break
            count += 1
        return count

    return commands[max(sorted(commands), key=shared)]


def as_header_check(arguments, language):
    """The compile command turned into a syntax check of standard input."""
    kept, skip = [], False
    for argument in arguments[:-1]:  # the last one is the source file
        if skip:
            skip = False
        elif argument in ("-o", "-MF", "-MT", "-MQ"):
            skip = True
        elif argument not in ("-c", "-MD", "-MMD") and not argument.endswith("/ccache"):
            kept.append(argument)
    if language == "c":
        cxx_only = ("-fno-rtti", "-fno-exceptions", "-fno-threadsafe-statics", "-std=", "-W")
        kept = [argument for argument in kept if not argument.startswith(cxx_only)]
        kept = [kept[0].removesuffix("g++") + "gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", *kept[1:]]
    return kept + ["-fsyntax-only", "-x", language, "-"]


def check(header, commands):
    for language in ("c++", "c") if header.suffix == ".h" else ("c++",):
        arguments = as_header_check(nearest(header, commands), language)
        result = subprocess.run(arguments, input=f'#include "{header}"\n', cwd=check_common.SOURCE,
                                capture_output=True, text=True)
        if result.returncode:
            return f"{header}: does not compile alone as {language}\n{result.stderr}"
    return None


def main(build_target, build_host, folders=()):
    target = {path: arguments for path, arguments in check_common.compile_commands(build_target).items()
              if path.suffix == ".cpp"}
    host = {path: arguments for path, arguments in check_common.compile_commands(build_host).items()
            if path.suffix == ".cpp"}
    headers = [path for path in check_common.chosen(check_common.cxx_files(), folders) if path.suffix in (".h", ".hpp")]
    findings = check_common.in_parallel(
        lambda header: check(header, host if under(header, HOST_ONLY) else target), headers)
    return check_common.report("headers", [finding for finding in findings if finding], len(headers))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
