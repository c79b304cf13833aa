"""What a result is the result of: revision, compiler and flags, versions of the machines' parts, sizes of the images."""

import json
import re
import subprocess
from pathlib import Path

import rocket

SOURCE = Path(__file__).resolve().parents[3]


def output(*command):
    """What the command prints; empty if there is no such command, or it fails."""
    try:
        result = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def first_line(*command):
    return (output(*command).splitlines() or ["unknown"])[0]


def revision():
    return {"commit": output("git", "rev-parse", "HEAD"), "dirty": bool(output("git", "status", "--porcelain"))}


def kernel_flags(build):
    """Compiler and flags of the kernel's files, without what only says where things are or what is a warning."""
    try:
        entries = json.loads((build / "compile_commands.json").read_text())
    except OSError:
        return "unknown", ""
    compiler, *words = next(entry["command"].split() for entry in entries if "/kernel_core.dir/" in entry["command"])
    place = re.compile(r"-(I|W|isystem$|o$|c$|ffile-prefix-map)|[^-]")
    return compiler, " ".join(word for word in words if not place.match(word))


def configuration(build, preset, latency):
    compiler, flags = kernel_flags(build)
    return {"compiler": first_line(compiler, "--version"), "flags": flags, "preset": preset, "latency": latency}


def package_version(name):
    return output("dpkg-query", "-W", "-f", "${Version}", name) or "unknown"


def tools(qemu, rtl):
    """qemu: the program; rtl: whether Rocket runs, too."""
    found = {"qemu": first_line(qemu, "--version"), "firmware": f"opensbi {package_version('opensbi')}"}
    if rtl:
        found |= {"rocket": f"{rocket.PACKAGE} {rocket.VERSION}", "verilator": first_line("verilator", "--version")}
    return found


def image_sizes(path):
    """Bytes of the file, and what of it is code, data and zeroes by binutils' size."""
    found = {"file": path.stat().st_size}
    lines = output("riscv64-linux-gnu-size", str(path)).splitlines()
    if len(lines) == 2:
        found |= dict(zip(("text", "data", "bss"), map(int, lines[1].split()[:3])))
    return found
