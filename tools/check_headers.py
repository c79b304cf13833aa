#!/usr/bin/env python3
"""Every header compiles alone, with the flags of the nearest source file.

usage: check_headers.py BUILD_TARGET BUILD_HOST [FOLDER...]   (both configured and built, for generated headers)
Where both builds have one as near, the target's counts. A .h is tried as C and as C++, a .hpp as C++.
"""

import subprocess
import sys
from pathlib import Path

import check_common


def nearest(header, builds):
    """Arguments of the source file that shares the longest path with the header; the first build wins a tie."""

    def shared(path):
        count = 0
        for left, right in zip(path.parts, header.parts):
            if left != right:
                break
            count += 1
        return count

    candidates = [(path, commands) for commands in builds for path in sorted(commands) if path.suffix == ".cpp"]
    path, commands = max(candidates, key=lambda candidate: shared(candidate[0]))
    return commands[path]


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


def check(header, builds):
    for language in ("c++", "c") if header.suffix == ".h" else ("c++",):
        arguments = as_header_check(nearest(header, builds), language)
        if header.suffix == ".h" and language == "c++":
            arguments.insert(-1, "-Wno-old-style-cast")  # C has no other
        result = subprocess.run(arguments, input=f'#include "{header}"\n', cwd=check_common.SOURCE,
                                capture_output=True, text=True)
        if result.returncode:
            return f"{header}: does not compile alone as {language}\n{result.stderr}"
    return None


def main(build_target, build_host, folders=()):
    builds = [check_common.compile_commands(build_target), check_common.compile_commands(build_host)]
    headers = [path for path in check_common.chosen(check_common.cxx_files(), folders) if path.suffix in (".h", ".hpp")]
    findings = check_common.in_parallel(lambda header: check(header, builds), headers)
    return check_common.report("headers", [finding for finding in findings if finding], len(headers))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
