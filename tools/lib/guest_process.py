"""Runs one QEMU with its serial line on our stdout, and always ends it.

Used by tools/run. The verdict of a run is an exit status: the guest's own (QEMU passes on what the guest wrote to
the test device), or 1 when the kernel printed that it gave up, or what a matching line or the clock decided.
"""

import ctypes
import os
import re
import select
import signal
import subprocess
import sys
import termios
import time

TIMEOUT = 124
KERNEL_GAVE_UP = re.compile(r"TaiL4: (panic|error):")
PANIC = re.compile(r"TaiL4: panic:")
PANIC_GRACE = 30  # seconds a panicking kernel has to power off, on a busy host too
EXIT_GRACE = 60  # seconds QEMU has to end once its serial line has ended
STOP_GRACE = 2  # seconds QEMU has to follow SIGTERM
MAX_LINE = 1 << 16


def die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class GuestProcess:
    def __init__(self, command, until=None, fail=None, timeout=None, log=None):
        self.until = re.compile(until) if until else None
        self.fail = re.compile(fail) if fail else None
        self.deadline = time.monotonic() + timeout if timeout else None
        self.timeout = timeout
        self.log = log
        self.gave_up = False
        self.line = b""
        self.terminal = termios.tcgetattr(sys.stdin) if sys.stdin.isatty() else None
        self.process = subprocess.Popen(
            command, stdin=None if self.terminal else subprocess.DEVNULL, stdout=subprocess.PIPE,
            preexec_fn=die_with_parent)

    def run(self):
        try:
            status = self.follow()
            return 1 if status == 0 and self.gave_up else status
        finally:
            self.stop()

    def follow(self):
        """Gives the status once something decides it."""
        stream = self.process.stdout.fileno()
        while True:
            left = max(0, self.deadline - time.monotonic()) if self.deadline else None
            if not select.select([stream], [], [], left)[0]:
                return self.out_of_time()
            chunk = os.read(stream, 65536)
            self.show(chunk)
            for line in self.lines(chunk):
                status = self.judge(line)
                if status is not None:
                    return status
            if not chunk:
                return self.wait_for_exit()

    def show(self, chunk):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        if self.log:
            self.log.write(chunk)
            self.log.flush()

    def lines(self, chunk):
        """Whole lines; the unfinished last one when the stream ends."""
        if not chunk and self.line:
            chunk = b"\n"
        *whole, self.line = (self.line + chunk).split(b"\n")
        self.line = self.line[:MAX_LINE]
        return [line.decode("utf-8", "replace").rstrip("\r") for line in whole]

    def judge(self, line):
        if KERNEL_GAVE_UP.match(line):
            self.gave_up = True
        if PANIC.match(line):
            latest = time.monotonic() + PANIC_GRACE
            self.deadline = min(self.deadline or latest, latest)
        if self.fail and self.fail.search(line):
            return 1
        if self.until and self.until.search(line):
            return 0
        return None

    def out_of_time(self):
        if self.gave_up:
            print("run: the kernel gave up but did not power off", file=sys.stderr)
            return 1
        print(f"run: the guest was not done after {self.timeout:g} s", file=sys.stderr)
        return TIMEOUT

    def wait_for_exit(self):
        try:
            status = self.process.wait(EXIT_GRACE)
        except subprocess.TimeoutExpired:
            return 1
        if self.until and status == 0:
            print(f"run: the guest ended without a line matching /{self.until.pattern}/", file=sys.stderr)
            return 1
        return status if status >= 0 else 128 - status

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_GRACE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        if self.terminal:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self.terminal)
