"""tools/run --trace: QEMU's log, with what tools/qemu/trace_plugin.cpp, its own `-d int` and the devices' trace events say, as
the lines that trace_events.py reads.
"""

import contextlib
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import symbols
import trace_events
from images import SOURCE, Trouble, cache_folder

PLUGIN = SOURCE / "tools" / "qemu" / "trace_plugin.cpp"
COMPILE = ["g++", "-std=c++20", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden", f"-I{SOURCE}"]
EVENTS = ("taic_*", "serial_write")
TRAP = re.compile(r"riscv_cpu_do_interrupt: hart:(\d+), async:(\d), cause:(\w+), epc:0x(\w+)")
STAMP = re.compile(r"(\d+)@(\d+)\.(\d+):")  # thread and time, where harts are threads of the host
DEVICE = re.compile(r"taic_(\w+) (.*)")
CHARACTER = re.compile(r"serial_write write addr 0x00 val 0x(\w+)")
NUMBER = re.compile(r"\b(0x[0-9a-f]+|\d+)\b")
ACCESSES = ("read", "write", "external")  # said again as what they do, or of no interest


class Window:
    """As rocket::WindowState."""

    def __init__(self, begin=None, end=None, from_mark=None, to_mark=None):
        self.begin, self.end, self.from_mark, self.to_mark = begin, end, from_mark, to_mark
        self.in_lines, self.in_marks = begin is None, from_mark is None

    def line(self, text):
        if self.begin is not None:
            self.in_lines = self.end not in text if self.in_lines else self.begin in text

    def mark(self, number):
        if self.from_mark is not None:
            self.in_marks = number != self.to_mark if self.in_marks else number == self.from_mark

    @property
    def open(self):
        return self.in_lines and self.in_marks


class Log:
    """Events out of the log, one after the other."""

    def __init__(self, window, harts, unit="instructions"):
        self.window, self.harts, self.unit = window, harts, unit
        self.first, self.now, self.running, self.was_open = None, 0, "0", False
        self.threads = {}
        self.console, self.causes, self.modes = "", {}, {}

    def lines(self, log):
        yield f"trace 1 {self.unit} 1 {self.harts}"
        for text in log:
            said = self.event(text)
            if self.window.open != self.was_open:
                yield from self.change_window()
            if said and self.was_open:
                yield said

    def change_window(self):
        self.was_open = not self.was_open
        if self.was_open:
            yield from (f"m {self.now} {hart} {mode} - 0" for hart, mode in self.modes.items())
        else:
            yield f"g {self.now}"

    def pass_time(self, time):
        self.first = time if self.first is None else self.first
        self.now = max(self.now, time - self.first)

    def event(self, text):
        """The event of a line; None: it is none, or not yet."""
        if text[1:2] == " " and text[0] in "nvmfsk":
            words = text.split()
            self.pass_time(int(words[1]))
            words[1] = str(self.now)
            return {"m": self.mode, "v": self.run, "k": self.mark}.get(words[0], self.plain)(words)
        if trap := TRAP.match(text):
            cause = int(trap[3], 16) | (trace_events.INTERRUPT if trap[2] == "1" else 0)
            self.causes[trap[1]] = f"{cause:x} {trap[4]}"
            return None
        if stamp := STAMP.match(text):
            text = text[stamp.end():]
            self.running = self.threads.get(stamp[1], self.running)
            self.pass_time(int(stamp[2]) * 1_000_000_000 + int(stamp[3]) * 1000)
        if character := CHARACTER.match(text):
            return self.character(chr(int(character[1], 16)))
        if device := DEVICE.match(text):
            return self.device(device[1], device[2])
        return None

    def plain(self, words):
        return " ".join(words) if words[0] in "fs" else None

    def run(self, words):
        self.running = words[2]
        self.threads[words[3]] = words[2]

    def mark(self, words):
        self.window.mark(int(words[3]))

    def mode(self, words):
        hart, mode = words[2:4]
        cause = self.causes.pop(hart, None)
        self.modes[hart] = mode
        return f"m {self.now} {hart} {mode} {cause if cause and mode != '0' else ' '.join(words[4:])}"

    def character(self, letter):
        if letter != "\n":
            self.console += letter.strip("\r")
            return None
        line, self.console = self.console, ""
        self.window.line(line)
        return f"c {self.now} {line}"

    def device(self, event, text):
        if event in ACCESSES or event == "guest_error":
            return None
        numbers = [int(number, 0) for number in NUMBER.findall(text)]
        if event == "set_line":
            return f"l {self.now} {numbers[0]} {numbers[1]}" if " ssip " in text else None
        local = numbers.pop(1) if " lq " in text and "from lq" not in text[:text.index(" lq ") + 1] else 0
        queue, *rest = [*numbers, 0, 0]
        return f"t {self.now} {self.running} {event} {queue} {local} {rest[0]:x} {rest[1]:x}"


def plugin():
    """The path of the compiled plugin."""
    sources = [PLUGIN, SOURCE / "tools" / "rocket" / "mark.hpp"]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    result = cache_folder() / f"qemu-trace-{key}.so"
    if not result.is_file():
        cache_folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_folder()) as name:
            new = Path(name) / "trace.so"
            made = subprocess.run([*COMPILE, str(PLUGIN), "-o", str(new)], stderr=subprocess.PIPE, text=True)
            if made.returncode:
                sys.stderr.write(made.stderr)
                raise Trouble("the trace plugin does not compile")
            new.rename(result)
    return result


class Recording:
    """What becomes of the log of one run while it is written: it passes through a pipe, however long it gets."""

    def __init__(self, options, kernel, root):
        self.options = options
        self.folder = tempfile.TemporaryDirectory(prefix="run-")
        self.pipe = Path(self.folder.name) / "log"
        os.mkfifo(self.pipe)
        self.ranges = trace_events.ranges_of([symbols.Image(path) for path in (kernel, root, *options.user)])
        self.trouble = None
        self.thread = threading.Thread(target=self.write, daemon=True)
        self.thread.start()

    def arguments(self):
        list_of_ranges = Path(self.folder.name) / "ranges"
        trace_events.write_ranges(self.ranges, list_of_ranges)
        events = [word for event in EVENTS for word in ("-trace", event)]
        clock = [] if self.options.icount else ["-msg", "timestamp=on"]
        loaded = f"{plugin()},ranges={list_of_ranges}" + (",clock=host" if clock else "")
        return ["-d", "plugin,int", "-D", str(self.pipe), "-plugin", loaded, *events, *clock]

    def write(self):
        options = self.options
        unit = "instructions" if options.icount else "host-ns"
        with open(self.pipe, errors="replace") as log:
            try:
                events = Log(Window(*trace_events.window_of(options)), options.harts, unit)
                trace_events.write(options, self.ranges, events.lines(log))
            except (OSError, ValueError, Trouble) as trouble:
                self.trouble = trouble
            for _ in log:  # so that QEMU goes on
                pass

    def finish(self):
        """After the run."""
        while self.thread.is_alive():  # ends the pipe if nobody has ever opened it, once the thread has
            with contextlib.suppress(OSError):
                os.close(os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK))
            self.thread.join(0.02)
        self.folder.cleanup()
        if self.trouble:
            raise self.trouble
