"""A guest under tools/run, heard line by line: whether it still gets anywhere, and the end of it."""

import os
import re
import select
import signal
import subprocess
import time

KERNEL = "TaiL4: "
CHECKS_DONE = re.compile(r"^TaiL4: (\d+) checks done$")
GRACE = 60  # seconds a guest has to stop by itself after its last expected line
# Seconds a whole run may take: a last resort against a guest that never ends and always says something new. What a busy
# host makes slow still makes progress, so `timeout` of a row looks at that.
LONGEST = 3600


class Progress:
    """When the guest last said what it had not said before. A guest that repeats itself does not get anywhere, nor does
    one of which the kernel alone is heard, that it has checked its invariants so and so often."""

    def __init__(self, now):
        self.latest = now
        self.last = ""
        self.seen = set()
        self.longest = 0, ""  # silence, and after which line

    def heard(self, line, now):
        if line in self.seen or CHECKS_DONE.match(line):
            return
        self.seen.add(line)
        self.longest = max(self.longest, (now - self.latest, self.last))
        self.latest, self.last = now, line


class Guest:
    """A running tools/run; gives its output line by line until it stands still, and always ends the process."""

    def __init__(self, command, log, environment=None):
        self.log = log
        self.rest = b""
        self.timed_out = False
        self.start = time.monotonic()
        self.progress = Progress(self.start)
        self.kernel_lines = []
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True, env=environment)

    def lines(self, patience):
        """Lines until the guest ends, or has said nothing new for so many seconds."""
        for line in self.raw_lines(patience):
            self.progress.heard(line, time.monotonic())
            if line.startswith(KERNEL):
                self.kernel_lines.append(line.removeprefix(KERNEL))
            yield line

    def raw_lines(self, patience):
        stream = self.process.stdout.fileno()
        begin = time.monotonic()
        late = False  # what had come by the deadline has been read once, however late this process gets to run
        while True:
            while b"\n" in self.rest:
                line, self.rest = self.rest.split(b"\n", 1)
                yield line.decode("utf-8", "replace").rstrip("\r")
            deadline = min(max(begin, self.progress.latest) + patience, self.start + LONGEST)
            left = deadline - time.monotonic()
            ready, _, _ = select.select([stream], [], [], max(0, left))
            if not ready or (late and left <= 0):
                self.timed_out = True
                return
            late = left <= 0
            chunk = os.read(stream, 65536)
            self.log.write(chunk)
            if not chunk:
                if self.rest:
                    yield self.rest.decode("utf-8", "replace").rstrip("\r")
                    self.rest = b""
                return
            self.rest += chunk

    def why_stopped(self):
        """For a run that brought less than it should have."""
        if not self.timed_out:
            return f"exit status {self.wait(GRACE)}"
        now = time.monotonic()
        if now - self.start >= LONGEST:
            return f"timeout: not done after {LONGEST} s"
        return f"timeout: nothing new for {now - self.progress.latest:.0f} s, since '{self.progress.last}'"

    def wait(self, seconds):
        """Exit status, or None if the guest still ran after that time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                break
            if self.wait(2) is not None and number == signal.SIGKILL:
                break
        self.process.wait()
        self.process.stdout.close()
