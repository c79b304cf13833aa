"""A run as Chrome trace events (JSON), which Perfetto and chrome://tracing open.

What is read, an event a line; T is a time in ticks, H a hart, numbers of a machine are hexadecimal:
  trace 1 UNIT TICK HARTS     UNIT cycles, instructions or host-ns, TICK in nanoseconds
  m T H MODE CAUSE COUNTER    the hart is now in user mode (0), the kernel (1) or the firmware (3), by a trap; without: -
  s T H ON                    it sleeps, or no longer
  f T H RANGE FIRST A0        it got into the code of a range, FIRST: through its begin; A0 there, or -
  t T H EVENT G L A B         what TAIC did (taic/model/taic_model.h), in local queue L of global queue G
  l T H ON                    TAIC's supervisor line of the hart
  c T TEXT                    a line of the console
  g T                         nothing is known from here to the next event
  x T                         the file was cut off
"""

import dataclasses
import json
import sys
from pathlib import Path

from images import Trouble

USER, KERNEL, FIRMWARE = 0, 1, 3
INTERRUPT = 1 << 63
EXCEPTIONS = {0: "misaligned fetch", 1: "fetch access fault", 2: "illegal instruction", 3: "breakpoint", 4: "misaligned load",
              5: "load access fault", 6: "misaligned store", 7: "store access fault", 8: "system call", 9: "firmware call",
              12: "fetch page fault", 13: "load page fault", 15: "store page fault"}
INTERRUPTS = {0: "user software interrupt", 1: "software interrupt", 3: "machine software interrupt", 5: "timer interrupt",
              7: "machine timer interrupt", 9: "external interrupt", 11: "machine external interrupt"}
MODE_TRACK, RUN_TRACK, TAIC_TRACK = 1, 2, 3
CONSOLE = 999  # its lines are on a track of their own
TRACKS = {MODE_TRACK: "mode", RUN_TRACK: "coroutines", TAIC_TRACK: "TAIC"}
COROUTINE, RESUMER, WORK = "coroutine", "resumer", "work"
RINGS = ("send", "enqueue", "extint")  # what may raise a line
NEAR = 50_000  # nanoseconds from there to the line: none, but where the host's clock is read for each
# Who resumes coroutines: back there, none runs. What the kernel does for a queue without its worker.
RESUMERS = ("sel4async::Executor::run_all", "sel4async::Executor::run_ready", "sel4async::Executor::drain",
            "sel4async::Executor::drive", "sel4async::Executor::watch", "async::resume", "async::run_ready")
WORKS = ("objects::drive", "async::execute_now")


def cause_name(cause):
    known = INTERRUPTS if cause & INTERRUPT else EXCEPTIONS
    return known.get(cause & ~INTERRUPT, f"cause {cause:#x}")


@dataclasses.dataclass(frozen=True)
class Range:
    begin: int
    end: int
    kind: str
    name: str


def ranges_of(images):
    """The code that is looked at, in ascending order and without overlap."""
    found = []
    for image in images:
        for begin, name in zip(image.starts, image.names):
            plain = name.split(" [")[0]
            kind = COROUTINE if "[actor" in name else RESUMER if name in RESUMERS else WORK if name in WORKS else None
            if kind:
                found.append(Range(begin, image.end(begin), kind, plain))
    ordered = []
    for one in sorted(found, key=lambda one: one.begin):
        if not ordered or one.begin >= ordered[-1].end:
            ordered.append(one)
    return ordered


def write_ranges(ranges, path):
    """As rocket-sim and QEMU's plugin read them."""
    path.write_text("".join(f"{one.begin:x} {one.end:x}\n" for one in ranges))


class Hart:
    def __init__(self):
        self.mode = None        # (name, begin) of the open span
        self.privilege = None
        self.kernel = "kernel"  # what it is in the kernel for
        self.sleep = None       # begin
        self.run = None         # (name, begin, arguments)
        self.broken = None      # a run that a trap broke off: name, arguments
        self.bell = None        # flow that is under way to it


class Converter:
    """Lines in, one JSON file out, at most so many bytes of it."""

    def __init__(self, ranges, file, most_bytes):
        self.ranges, self.file, self.most_bytes = ranges, file, most_bytes
        self.bytes, self.flows, self.now, self.last, self.cut = 0, 0, 0, None, False
        self.harts, self.tick, self.unit = [], 1, "cycles"
        self.words = {}  # flows that are under way, by the task word
        self.first = True

    # --- Writing

    def put(self, kind, name, time, hart=CONSOLE, track=MODE_TRACK, **more):
        # A thread with the number of its process would be its main thread, and stand first.
        event = {"ph": kind, "name": name, "ts": round(time * self.tick / 1000, 3), "pid": hart + 1,
                 "tid": 1000 * (hart + 1) + track, **more}
        text = json.dumps(event, separators=(",", ":"))
        if self.bytes + len(text) > self.most_bytes:
            self.cut = True
            return
        self.file.write(("[\n" if self.first else ",\n") + text)
        self.first = False
        self.bytes += len(text) + 2

    def span(self, name, begin, hart, track, **arguments):
        self.put("X", name, begin, hart, track, dur=round((self.now - begin) * self.tick / 1000, 3), args=arguments)

    # --- Reading

    def convert(self, lines):
        for line in lines:
            kind, *words = line.split()
            if kind == "trace":
                self.begin(words)
                continue
            if self.cut:
                break
            if kind == "c":
                self.now = int(words[0])
                self.put("i", line.split(" ", 2)[2].rstrip("\n"), self.now, s="t")
            elif kind in self.EVENTS:
                self.now = max(self.now, int(words[0]))
                self.EVENTS[kind](self, *words[1:])
        self.close()
        if self.cut:
            self.most_bytes += 200
            self.put("i", "the trace was cut off here", self.now, s="t")
        self.file.write(("[\n" if self.first else "\n") + "]\n")

    def begin(self, words):
        if words[0] != "1":
            raise ValueError("this is no trace")
        self.unit, self.tick = words[1], int(words[2])
        self.harts = [Hart() for _ in range(int(words[3]))]
        self.put("M", "process_name", 0, args={"name": f"console (1 us: {1000 // self.tick} {self.unit})"})
        self.put("M", "thread_name", 0, args={"name": "lines"})
        for hart in range(len(self.harts)):
            self.put("M", "process_name", 0, hart, args={"name": f"hart {hart}"})
            for track, name in TRACKS.items():
                self.put("M", "thread_name", 0, hart, track, args={"name": name})

    def close(self):
        for number, hart in enumerate(self.harts):
            self.end_run(number)
            self.end_sleep(number)
            self.end_mode(number)
            hart.privilege = hart.broken = hart.bell = None

    def cut_off(self):
        self.cut = True

    def end_mode(self, number):
        hart = self.harts[number]
        if hart.mode:
            self.span(hart.mode[0], hart.mode[1], number, MODE_TRACK)
        hart.mode = None

    def end_sleep(self, number):
        hart = self.harts[number]
        if hart.sleep is not None:
            self.span("asleep", hart.sleep, number, MODE_TRACK)
            self.end_bell(number)
        hart.sleep = None

    def end_run(self, number):
        hart = self.harts[number]
        if hart.run:
            name, begin, arguments = hart.run
            self.span(name, begin, number, RUN_TRACK, **arguments)
        hart.run = None

    def enter_mode(self, number, mode, cause, counter):
        number, mode, counter = int(number), int(mode), int(counter, 16)
        hart = self.harts[number]
        cause = None if cause == "-" else int(cause, 16)
        self.end_sleep(number)
        self.end_mode(number)
        self.change_run(hart, number, mode, counter)
        if mode == KERNEL and cause is not None:
            hart.kernel = cause_name(cause)
        elif mode == USER:
            hart.kernel = "kernel"
        names = {USER: "user", KERNEL: hart.kernel, FIRMWARE: f"firmware: {cause_name(cause)}" if cause else "firmware"}
        hart.mode, hart.privilege = (names.get(mode, f"mode {mode}"), self.now), mode
        if cause == INTERRUPT | 1:
            self.end_bell(number)

    def end_bell(self, number):
        """The doorbell has brought the hart an interrupt, or out of its sleep, or was found by itself."""
        hart = self.harts[number]
        if hart.bell is not None:
            self.put("f", "bell", self.now, number, cat="bell", id=hart.bell, bp="e")
        hart.bell = None

    def change_run(self, hart, number, mode, counter):
        """A trap breaks a coroutine off; if the hart comes back to where it was, it goes on."""
        run, below = hart.run, hart.privilege
        self.end_run(number)
        if run and below is not None and mode > below:
            hart.broken = (run[0], run[2], below, counter)
        elif hart.broken and hart.broken[2] == mode:
            name, arguments, _, interrupted = hart.broken
            if 0 <= counter - interrupted <= 4:
                hart.run = (name, self.now, arguments)
            hart.broken = None

    def sleep(self, number, on):
        number = int(number)
        if on == "1":
            self.harts[number].sleep = self.now
        else:
            self.end_sleep(number)

    def enter_range(self, number, which, first, frame="-"):
        number, found = int(number), self.ranges[int(which)]
        hart = self.harts[number]
        begins = first == "1" and found.kind != RESUMER and not (found.kind == WORK and hart.run)
        if begins or found.kind == RESUMER:
            self.end_run(number)
        if begins:
            what = "frame" if found.kind == COROUTINE else "queue"  # what the kernel works on
            hart.run = (found.name, self.now, {} if frame == "-" else {what: f"0x{frame}"})

    def taic(self, number, event, of_global, of_local, a, b):
        number, a, b = int(number), int(a, 16), int(b, 16)
        arguments = {"queue": f"{of_global}.{of_local}"}
        name = event
        if event in ("enqueue", "dequeue", "wake"):
            arguments |= {"word": hex(a)}
            name = f"{event} (empty)" if event == "dequeue" and a == 0 else event
        elif event in ("send", "register_sender", "cancel_sender"):
            arguments |= {"os": hex(a), "process": b >> 32, "irq": b & 0xFFFF_FFFF}
        else:
            arguments |= {"a": hex(a), "b": hex(b)}
        self.put("i", name, self.now, number, TAIC_TRACK, s="t", args=arguments)
        self.follow_word(number, event, a)
        if event in RINGS:
            self.last = (self.now, number)

    def follow_word(self, number, event, word):
        if event in ("enqueue", "wake"):
            self.flows += 1
            self.words[word] = self.flows
            self.put("s", "word", self.now, number, cat="word", id=self.flows)
        elif event == "dequeue" and word in self.words:
            self.put("f", "word", self.now, number, cat="word", id=self.words.pop(word), bp="e")

    def line(self, number, on):
        number = int(number)
        self.put("i", "line up" if on == "1" else "line down", self.now, number, TAIC_TRACK, s="t")
        hart = self.harts[number]
        self.end_bell(number)  # somebody has looked without an interrupt
        last, self.last = self.last, None
        if on == "1" and last and (self.now - last[0]) * self.tick <= NEAR:
            self.flows += 1
            hart.bell = self.flows
            self.put("s", "bell", last[0], last[1], cat="bell", id=self.flows)

    EVENTS = {"m": enter_mode, "s": sleep, "f": enter_range, "t": taic, "l": line, "g": close, "x": cut_off}


def add_window_options(parser):
    parser.add_argument("--from", dest="begin", metavar="TEXT", help="only from a line of the console with it (BEGIN)")
    parser.add_argument("--to", dest="end", metavar="TEXT", help="up to a line with it (END)")
    parser.add_argument("--from-mark", type=int, metavar="N", help="only from rocket::mark<N>() on, each time")
    parser.add_argument("--to-mark", type=int, metavar="N", help="up to that one; the same: it begins and ends")


def window_of(options):
    """(begin, end, first mark, last mark), None where there is none."""
    marks = options.from_mark is not None
    if marks != (options.to_mark is not None):
        raise Trouble("--from-mark and --to-mark go together")
    lines = options.begin is not None or options.end is not None or not marks
    return (options.begin or "BEGIN" if lines else None, options.end or "END" if lines else None, options.from_mark,
            options.to_mark)


def add_options(parser):
    parser.add_argument("--trace", type=Path, metavar="FILE", help="also write what happens there, as JSON for Perfetto")
    parser.add_argument("--trace-limit", type=int, default=100, metavar="MB", help="at most so much of it (100)")
    parser.add_argument("--user", type=Path, action="append", default=[], metavar="ELF", help="trace: another program that runs")
    add_window_options(parser)


def write(options, ranges, events):
    """`events`: lines."""
    with open(options.trace, "w") as file:
        converter = Converter(ranges, file, options.trace_limit * 1_000_000)
        converter.convert(events)
    if not converter.now:
        print("trace: nothing was seen: was there the line, or the mark, at which it begins?", file=sys.stderr)
    if converter.cut:
        print("trace: it was cut off at --trace-limit", file=sys.stderr)
