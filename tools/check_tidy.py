#!/usr/bin/env python3
"""clang-tidy over the code of the system (not its tests), with the checks of .clang-tidy.

usage: check_tidy.py BUILD_TARGET BUILD_HOST [FOLDER...]   (both configured and built, for generated headers)
A file that both families build is read as the host sees it. A clean result is remembered outside the
tree, by a hash of the preprocessed source, the command and .clang-tidy.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import check_common

LOOKED_AT = re.compile(r"(kernel|taic|uintr|libsel4async|rootserver|toolchains)/")
KEPT = re.compile(r"-(D|I|std=|isystem|f(no-)?(exceptions|rtti|freestanding|threadsafe-statics)\b|ffreestanding)")
# Clang 14 knows C++20 coroutines, but not yet the macro by which libstdc++ asks for them.
COMMON = ["-D__cpp_impl_coroutine=201902L", "-Wno-everything"]
TARGET = ["-march=rv64imac", "-mabi=lp64", "-mcmodel=medany", "-nostdinc++"]


@cache
def library_folders(compiler):
    """The C++ and C library folders of the cross compiler; clang brings its own compiler headers."""
    result = subprocess.run([compiler, "-x", "c++", "-E", "-v", "-"], input="", capture_output=True, text=True, check=True)
    listed = result.stderr.split("<...> search starts here:")[1].split("End of search list")[0].split()
    return [folder for folder in listed if not re.search(r"/gcc[^/]*/[^/]+/\d+/include(-fixed)?$", folder)]


def clang_arguments(arguments):
    """GCC's command as one that clang understands."""
    words = [word for word in arguments if not word.endswith("/ccache")]
    kept = []
    for index, word in enumerate(words):
        if KEPT.match(word):
            kept.append(word)
            if word in ("-D", "-I", "-isystem"):
                kept.append(words[index + 1])
    if "riscv" in words[0]:
        kept += ["--target=" + re.search(r"riscv64-\w+-\w+", words[0])[0], *TARGET]
        for folder in library_folders(words[0]):
            kept += ["-isystem", folder]
    return kept + COMMON


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "tail4" / "tidy"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def clang_driver():
    """The clang of the same LLVM as clang-tidy."""
    return str(Path(shutil.which("clang-tidy")).resolve().with_name("clang++"))


def fingerprint(path, arguments):
    """Hash of all that the result depends on; None if the file does not even preprocess."""
    result = subprocess.run([clang_driver(), *arguments, "-E", "-o", "-", str(path)], cwd=check_common.SOURCE,
                            capture_output=True)
    if result.returncode:
        return None
    configuration = (check_common.SOURCE / ".clang-tidy").read_bytes()
    # NOLINT comments count, and the preprocessor drops them.
    own = (check_common.SOURCE / path).read_bytes()
    return hashlib.sha256(b"\0".join([configuration, repr(arguments).encode(), own, result.stdout])).hexdigest()


def check(path, arguments, folder):
    key = fingerprint(path, arguments)
    marker = folder / key if key else None
    if marker and marker.exists():
        return None
    result = subprocess.run(["clang-tidy", "--quiet", str(path), "--", *arguments], cwd=check_common.SOURCE,
                            capture_output=True, text=True)
    if result.returncode == 0:
        if marker:
            marker.touch()
        return None
    return (result.stdout + result.stderr).strip()


def main(build_target, build_host, folders=()):
    commands = check_common.compile_commands(build_target) | check_common.compile_commands(build_host)
    chosen = {path: clang_arguments(commands[path]) for path in check_common.chosen(sorted(commands), folders)
              if path.suffix == ".cpp" and LOOKED_AT.match(path.as_posix())}
    folder = cache_folder()
    findings = check_common.in_parallel(lambda item: check(*item, folder), chosen.items())
    return check_common.report("tidy", [finding for finding in findings if finding], len(chosen))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
