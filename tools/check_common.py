"""What the checks share: which files are ours, how findings are printed."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
CXX = {".cpp", ".hpp", ".c", ".h"}
# Written by a generator or by another project's rules.
NOT_OURS = re.compile(r"kernel/api/goldens/|tools/qemu/patches/")
# Ours, but compiled inside QEMU's tree and written in its style.
FOREIGN = re.compile(r"tools/qemu/devices/")


def our_files(root=SOURCE):
    """Tracked files and new ones that are not ignored, as paths from the root."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted(Path(name) for name in set(listed) if name and (root / name).is_file() and not NOT_OURS.match(name))


def cxx_files(root=SOURCE):
    return [path for path in our_files(root) if path.suffix in CXX and not FOREIGN.match(path.as_posix())]


def chosen(paths, folders):
    """Those of the paths that are one of the folders (or files) or lie below one; all if there are none."""
    wanted = [Path(folder) for folder in folders]
    unknown = [str(folder) for folder in wanted if not (SOURCE / folder).exists()]
    if unknown:
        sys.exit(f"no such path from the top of the tree: {', '.join(unknown)}")
    return [path for path in paths if not wanted or any(path.is_relative_to(folder) for folder in wanted)]


def in_parallel(function, items):
    """Results in the order of the items."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(function, items))


def compile_commands(build):
    """{path from the root: arguments} of a build directory, for our files only."""
    database = build / "compile_commands.json"
    if not database.exists():
        sys.exit(f"{database} is missing: configure that preset first")
    commands = {}
    for entry in json.loads(database.read_text()):
        path = Path(entry["file"]).resolve()
        if path.is_relative_to(SOURCE) and not path.is_relative_to(build.resolve()):
            commands[path.relative_to(SOURCE)] = entry["command"].split()
    return commands


def code_only(text):
    """The text with comments, strings and characters blanked; lines and columns stay."""
    pattern = r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\''
    return re.sub(pattern, lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.S)


def report(name, findings, looked_at):
    """Prints the findings and gives the exit status. A check that looked at nothing has failed."""
    for finding in findings:
        print(finding)
    if not looked_at:
        print(f"{name}: nothing to look at")
        return 1
    print(f"{name}: {len(findings)} findings in {looked_at} files")
    return 1 if findings else 0
