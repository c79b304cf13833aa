#!/usr/bin/env python3
"""C and C++ files are as .clang-format says. With --fix they are made so.

usage: check_format.py [--fix] [FOLDER...]
"""

import subprocess
import sys

import check_common


def main(root=check_common.SOURCE, fix=False, folders=()):
    paths = check_common.chosen(check_common.cxx_files(root), folders)
    mode = ["-i"] if fix else ["--dry-run", "-Werror"]

    def one(path):
        result = subprocess.run(["clang-format", *mode, "--style=file", str(path)], cwd=root, capture_output=True,
                                text=True)
        return result.stderr.splitlines()[0] if result.returncode else None

    findings = [finding for finding in check_common.in_parallel(one, paths) if finding]
    return check_common.report("format", findings, len(paths))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(main(fix="--fix" in arguments, folders=[word for word in arguments if word != "--fix"]))
