"""Names for program counters: of ELF files, by nm and objdump of the cross binutils."""

import bisect
import re
import subprocess

TOOLS = "riscv64-linux-gnu-"
LOAD = re.compile(r"^\s*LOAD\s+0x\w+\s+0x(\w+)\s+0x(\w+)\s+0x\w+\s+0x(\w+)", re.M)
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(.*)$")


def output(tool, *arguments):
    return subprocess.run([TOOLS + tool, *map(str, arguments)], capture_output=True, text=True, check=True).stdout


def short(name):
    """A C++ name without its arguments and its result; what is behind them, as of a coroutine's parts, stays."""
    clones = re.findall(r"\[clone \.(\w+)", name)
    name = name.replace("(anonymous namespace)::", "")
    depth, begin, end = 0, 0, len(name)
    for i, letter in enumerate(name):
        if letter == "<" or letter == ">":
            depth += 1 if letter == "<" else -1
        elif depth == 0 and letter == " " and "operator" not in name[begin:i]:
            begin = i + 1
        elif depth == 0 and letter == "(" and not name[:i].endswith("operator"):
            end = i
            break
    return (name[begin:end] or name) + (f" [{' '.join(clones)}]" if clones else "")


class Image:
    """The functions of one ELF file. Addresses may also be those at which it lies in memory before paging is on."""

    def __init__(self, path):
        self.path = path
        functions = {}
        for line in output("nm", "-C", "--defined-only", path).splitlines():
            words = line.split(None, 2)
            if len(words) == 3 and words[1] in "tTwW" and not words[2].startswith((".L", "$")):
                functions.setdefault(int(words[0], 16), short(words[2]))
        self.starts = sorted(functions)
        self.names = [functions[start] for start in self.starts]
        self.segments = [tuple(int(word, 16) for word in found) for found in LOAD.findall(output("readelf", "-lW", path))]

    def linked(self, address):
        """The address as the file has it; None: it is none of the file's."""
        for virtual, physical, size in self.segments:
            for start in (virtual, physical):
                if start <= address < start + size:
                    return virtual + address - start
        return None

    def name(self, address):
        linked = self.linked(address)
        at = bisect.bisect_right(self.starts, linked) - 1 if linked is not None else -1
        return self.names[at] if at >= 0 else None

    def end(self, start):
        at = bisect.bisect_right(self.starts, start)
        return self.starts[at] if at < len(self.starts) else start + 4096

    def extent(self, name):
        """The first function of that name, or with it in its name: (start, end)."""
        found = [i for i, known in enumerate(self.names) if known == name] or \
                [i for i, known in enumerate(self.names) if name in known]
        if not found:
            return None
        return self.starts[found[0]], self.end(self.starts[found[0]])

    def instructions(self, start, end):
        """[(address, text)] of what is between."""
        text = output("objdump", "-d", "-C", "--no-show-raw-insn", f"--start-address={start}", f"--stop-address={end}", self.path)
        found = filter(None, map(INSTRUCTION.match, text.splitlines()))
        return [(int(match[1], 16), re.sub(r"\s+", " ", match[2])) for match in found]


class Names:
    """Names by privilege: user programs, the kernel, the firmware (which has no symbols)."""

    def __init__(self, kernel=None, users=()):
        self.kernel, self.users = kernel, list(users)

    def image(self, privilege, address):
        images = {0: self.users, 1: [self.kernel] if self.kernel else []}.get(privilege, [])
        return next((image for image in images if image.linked(address) is not None), None)

    def name(self, privilege, address):
        if privilege == 3:
            return "firmware"
        image = self.image(privilege, address)
        return (image.name(address) if image else None) or f"{address & ~0xFFF:#x}"
