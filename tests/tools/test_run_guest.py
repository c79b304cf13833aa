"""The guest runner against a fake tools/run that prints a script and exits as told."""

import contextlib
import io
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests"))

import run_guest  # noqa: E402

guest_inputs, guest_serial = run_guest.guest_inputs, run_guest.guest_serial

GOOD = "print\\nBEGIN 1\\nCASE a\\nBENCHMARK ipc 7 cycles\\nSUCCESS a\\nEND\\n"


# What the kernel says of the machine that a row has without further fields.
HARTS, TAIC, UINTC = ("TaiL4: 1 harts, boot hart 0", "TaiL4: TAIC with 4 global queues, 32 slots, 32 lines",
                      "TaiL4: UINTC with 512 receivers")
NO_TAIC, NO_UINTC = "TaiL4: no TAIC: none", "TaiL4: no UINTC: none"


def boot(*lines):
    return "".join(f"echo '{line}'\n" for line in lines)


class RunnerTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.build = Path(self.folder.name)
        self.addCleanup(setattr, run_guest, "RUN", run_guest.RUN)
        self.addCleanup(setattr, guest_serial, "GRACE", guest_serial.GRACE)
        self.addCleanup(setattr, guest_serial, "LONGEST", guest_serial.LONGEST)

    def run_row(self, script, machine=boot(HARTS, TAIC, UINTC), **fields):
        """Runs a row whose tools/run is this shell script, after a boot of `machine`. Gives (passed, output)."""
        run_guest.RUN = self.build / "fake_run"
        run_guest.RUN.write_text("#!/bin/sh\n" + machine + script)
        run_guest.RUN.chmod(0o755)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            passed = run_guest.run_row(run_guest.Row(name="row", **({"timeout": 20} | fields)), self.build)
        return passed, output.getvalue()

    def test_suite_passes_and_leaves_figures(self):
        two = boot(HARTS.replace("1 harts", "2 harts"), TAIC, UINTC)
        passed, output = self.run_row(f"printf '{GOOD}'\nsleep 60", two, harts=2)
        self.assertTrue(passed, output)
        figures = (self.build / "guest" / "row.csv").read_text().splitlines()
        self.assertEqual(figures[1], "row,debug,2,thesis,0,ipc,7,cycles")

    def test_figures_are_missed(self):
        script = "printf 'BEGIN 1\\nCASE a\\nSUCCESS a\\nEND\\n'"
        self.assertTrue(self.run_row(script)[0])
        passed, output = self.run_row(script, figures=True)
        self.assertFalse(passed)
        self.assertIn("no BENCHMARK", output)
        passed, output = self.run_row(f"printf '{GOOD}'", figures=True, icount=True)
        self.assertFalse(passed)
        self.assertIn("no figure in instructions", output)
        self.assertTrue(self.run_row(f"printf '{GOOD.replace('cycles', 'insn')}'", figures=True, icount=True)[0])

    def test_a_guest_that_stands_still(self):
        start = time.monotonic()
        passed, output = self.run_row("printf 'BEGIN 1\\nCASE a\\n'\nsleep 60", timeout=3)
        self.assertFalse(passed)
        self.assertRegex(output, "timeout: nothing new for [3-9] s, since 'CASE a'")
        self.assertIn("no END (in case a)", output)
        self.assertLess(time.monotonic() - start, 50)

    def test_a_slow_guest_is_no_failure(self):
        lines = "".join(f"sleep 1; echo NOTE {i}\n" for i in range(6))
        passed, output = self.run_row(f"{lines}printf '{GOOD}'\nsleep 60", timeout=4)
        self.assertTrue(passed, output)
        self.assertRegex(output, r"longest silence: [1-3]\.\d s after '")

    def test_a_guest_that_repeats_itself_stands_still(self):
        # The kernel's checks are no progress of the guest either.
        for line in ("NOTE again", "TaiL4: $i checks done"):
            passed, output = self.run_row(f"i=0; while :; do i=$((i+1)); echo {line}; sleep 0.05; done", timeout=2)
            self.assertFalse(passed)
            self.assertIn("timeout: nothing new for", output)
        # Nor can one that never stops talking keep the runner from seeing it.
        passed, output = self.run_row("exec yes", timeout=2)
        self.assertFalse(passed)
        self.assertIn("since 'y'", output)

    def test_a_guest_that_never_ends(self):
        guest_serial.LONGEST = 3
        passed, output = self.run_row("i=0; while :; do i=$((i+1)); echo NOTE $i; sleep 0.05; done")
        self.assertFalse(passed)
        self.assertIn("timeout: not done after 3 s", output)

    def test_what_was_said_in_time_is_read_late(self):
        # The runner itself did not get to run for longer than its patience: the guest is not to blame.
        with tempfile.TemporaryFile() as log:
            guest = guest_serial.Guest(["sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done; sleep 60"], log)
            self.addCleanup(guest.stop)
            found = []
            for line in guest.lines(2):
                found.append(line)
                if line == "1":
                    time.sleep(3)
        self.assertEqual(found, ["1", "2", "3"])
        self.assertTrue(guest.timed_out)

    def test_early_stop(self):
        passed, output = self.run_row("printf 'BEGIN 1\\n'\nexit 3")
        self.assertFalse(passed)
        self.assertIn("exit status 3", output)

    def test_panic_ends_the_run_at_once(self):
        start = time.monotonic()
        passed, output = self.run_row("echo 'KERNEL PANIC: bad'\nsleep 60", stop_on="^KERNEL PANIC", timeout=50)
        self.assertFalse(passed)
        self.assertIn("the guest stopped: KERNEL PANIC", output)
        self.assertLess(time.monotonic() - start, 40)

    def test_exit_status_of_a_suite(self):
        self.assertTrue(self.run_row(f"printf '{GOOD}'\nexit 4", exit=4)[0])
        self.assertFalse(self.run_row(f"printf '{GOOD}'\nexit 4", exit=0)[0])
        guest_serial.GRACE = 1
        self.assertFalse(self.run_row(f"printf '{GOOD}'\nsleep 60", exit=0)[0])

    def test_checks_of_the_kernel(self):
        done = "TaiL4: 1024 checks done\\nTaiL4: 2048 checks done\\n"
        row = {"append": "seed=1 check=4", "checks": 2048}
        passed, output = self.run_row(f"printf '{done}{GOOD}'\nsleep 60", **row)
        self.assertTrue(passed, output)
        passed, output = self.run_row(f"printf '{GOOD}'\nsleep 60", **row)
        self.assertFalse(passed)
        self.assertIn("0 checks of the kernel's invariants, expected 2048", output)
        passed, output = self.run_row(f"printf '{done}{GOOD}'\nsleep 60", **(row | {"checks": 4096}))
        self.assertIn("2048 checks", output)
        for fields in ({"append": "check=4"}, {"checks": 1}, {"append": "check=0", "checks": 1}):
            with self.assertRaises(ValueError):
                run_guest.Row(name="row", **fields)

    def test_machine_as_the_row_says(self):
        script = f"printf '{GOOD}'\nsleep 60"
        rtl = TAIC.replace("32", "6")
        for fields, machine in (({"taic": "rtl"}, (HARTS, rtl, UINTC)), ({"taic": "off"}, (HARTS, NO_TAIC, UINTC)),
                                ({"uintc": "off"}, (HARTS, TAIC, NO_UINTC)),
                                ({"qemu": "stock"}, (HARTS, NO_TAIC, NO_UINTC))):
            passed, output = self.run_row(script, boot(*machine), **fields)
            self.assertTrue(passed, output)

    def test_kernel_that_does_not_find_the_machine(self):
        script = f"printf '{GOOD}'\nsleep 60"
        rtl = TAIC.replace("32", "6")
        harts = HARTS.replace("1 harts", "2 harts")
        for fields, machine in (({}, (HARTS, NO_TAIC, UINTC)), ({}, (HARTS, TAIC, NO_UINTC)), ({}, (HARTS, TAIC)),
                                ({}, (HARTS, UINTC)), ({}, (HARTS, rtl, UINTC)), ({}, (harts, TAIC, UINTC)),
                                ({}, (TAIC, UINTC)), ({}, (HARTS, TAIC, UINTC, NO_TAIC)),
                                ({"taic": "rtl"}, (HARTS, TAIC, UINTC)), ({"taic": "off"}, (HARTS, TAIC, UINTC)),
                                ({"uintc": "off"}, (HARTS, TAIC, UINTC)), ({"qemu": "stock"}, (HARTS, TAIC, NO_UINTC)),
                                ({"qemu": "stock"}, (HARTS, NO_TAIC, UINTC))):
            passed, output = self.run_row(script, boot(*machine), **fields)
            self.assertFalse(passed, machine)
            self.assertIn("expected 'TaiL4: ", output)

    def test_machine_of_rows_without_a_suite(self):
        none = boot(HARTS, NO_TAIC, NO_UINTC)
        self.assertFalse(self.run_row("echo one\nsleep 60", none, lines=["^one$"])[0])
        self.assertFalse(self.run_row("echo bad\nexit 1", none, error="^bad$")[0])
        # An altered device tree is not the machine's.
        run_guest.command_for, original = lambda row, build, folder: [str(run_guest.RUN)], run_guest.command_for
        self.addCleanup(setattr, run_guest, "command_for", original)
        passed, output = self.run_row("echo bad\nexit 1", "", error="^bad$", dtb="no_memory")
        self.assertTrue(passed, output)

    def test_error_row(self):
        bad_root = {"error": "root.*ELF", "root": "not_elf"}
        self.assertTrue(self.run_row("echo 'root is no ELF'\nexit 1", **bad_root)[0])
        self.assertFalse(self.run_row("echo 'root is no ELF'\nexit 0", **bad_root)[0])
        self.assertFalse(self.run_row("echo 'all is well'\nexit 1", **bad_root)[0])
        self.assertFalse(self.run_row(f"printf '{GOOD}'\nexit 1", **bad_root)[0])
        guest_serial.GRACE = 1
        self.assertFalse(self.run_row("echo 'root is no ELF'\nsleep 60", **bad_root)[0])

    def test_lines_in_their_order(self):
        lines = ["^one$", "^two \\d+$"]
        self.assertTrue(self.run_row("printf 'x\\none\\nzwei\\ntwo 2\\n'\nsleep 60", lines=lines)[0])
        for script in ("printf 'two 2\\none\\n'", "printf 'one\\ntwo\\n'", "printf 'one\\n'; sleep 60"):
            passed, output = self.run_row(script, lines=lines, timeout=3)
            self.assertFalse(passed, script)
            self.assertIn(f"no line matches /{lines[1]}/", output)

    def test_panic_ends_a_run_with_lines(self):
        passed, output = self.run_row("printf 'one\\nBOOM\\n'\nsleep 60", lines=["one", "two"], stop_on="^BOOM")
        self.assertFalse(passed)
        self.assertIn("the guest stopped: BOOM", output)

    def test_options_reach_tools_run(self):
        four = boot(HARTS.replace("1 harts", "4 harts"), TAIC.replace("32", "6"), UINTC)
        passed, output = self.run_row(f"""
            case "$*" in *'--harts 4'*'--taic rtl'*'--abi up'*'--icount'*) printf '{GOOD}';; esac""", four,
                                      harts=4, taic="rtl", abi="up", icount=True)
        self.assertTrue(passed, output)

    def test_stock_qemu(self):
        self.addCleanup(setattr, run_guest, "STOCK_QEMU", run_guest.STOCK_QEMU)
        run_guest.STOCK_QEMU = self.build / "stock_qemu"
        script = '"$QEMU" "$@"'
        none = boot(HARTS, NO_TAIC, NO_UINTC)
        passed, output = self.run_row(script, none, qemu="stock")
        self.assertFalse(passed)  # it is missing
        self.assertIn("exit status 127", output)
        run_guest.STOCK_QEMU.write_text(f"#!/bin/sh\nprintf '{GOOD}'\n")
        run_guest.STOCK_QEMU.chmod(0o755)
        passed, output = self.run_row(script, none, qemu="stock")
        self.assertTrue(passed, output)

    def test_guest_is_gone_afterwards(self):
        marker = self.build / "pid"
        self.run_row(f"sleep 61 & echo $! > {marker}\nprintf '{GOOD}'\nwait")
        status = Path("/proc") / marker.read_text().strip() / "status"
        deadline = time.monotonic() + 10
        while self.alive(status):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    @staticmethod
    def alive(status):
        try:
            return "State:\tZ" not in status.read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False


class TableTest(unittest.TestCase):
    def test_own_table(self):
        rows = run_guest.read_table("\n".join(path.read_text() for path in run_guest.TABLES))
        self.assertIn("cpu.no_d", [row.name for row in rows])

    def test_mistakes(self):
        for text in ("[[run]]\nname='a'\nhart=1", "[[run]]\nname='a'\n[[run]]\nname='a'", "[[runs]]\nname='a'",
                     "[[run]]\nname='a'\nroot='none'", "[[run]]\nname='a'\ndtb='none'", "[[run]]\nname='a'\nexit='no'",
                     "[[run]]\nname='a'\nqemu='own'", "[[run]]\nname='a'\ntaic='on'",
                     "[[run]]\nname='a'\nuintc='thesis'", "[[run]]\nname='a'\nplic='off'",
                     "[[run]]\nname='a'\nplic='level'\nqemu='stock'", "[[run]]\nname='a'\nharts=2\nsockets=2"):
            with self.assertRaises(ValueError, msg=text):
                run_guest.read_table(text)

    def test_combinations(self):
        rows = run_guest.read_table("[[run]]\nname='{d}.{taic}.{harts}'\nappend='d={d}'\n"
                                    "over={d=['a','b'], taic=['rtl','off'], harts=[1,2]}")
        self.assertEqual([row.name for row in rows][:3], ["a.rtl.1hart", "a.rtl.2harts", "a.off.1hart"])
        self.assertEqual((len(rows), rows[7].name, rows[7].harts, rows[7].taic, rows[7].append),
                         (8, "b.off.2harts", 2, "off", "d=b"))

    def test_unknown_row_or_group(self):
        for arguments in (["none"], ["--group", "none"], []):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
                run_guest.main(["--build", "x", *arguments])


class InputsTest(unittest.TestCase):
    def test_roots(self):
        self.assertNotEqual(guest_inputs.ROOTS["not_elf"]()[:4], b"\x7fELF")
        for name, machine in (("x86_elf", "X86-64"), ("too_big", "RISC-V")):
            with tempfile.NamedTemporaryFile() as file:
                file.write(guest_inputs.ROOTS[name]())
                file.flush()
                text = subprocess.run(["readelf", "-hlW", file.name], capture_output=True, text=True, check=True).stdout
            self.assertIn(machine, text)
            self.assertIn("LOAD", text)

    def test_memory_node_is_removed(self):
        source = "/ {\n\tmemory@80000000 {\n\t\treg = <1>;\n\t};\n\tcpus {\n\t};\n};\n"
        self.assertEqual(guest_inputs.without_memory(source), "/ {\n\tcpus {\n\t};\n};\n")
        with self.assertRaises(ValueError):
            guest_inputs.without_memory("/ {\n};\n")


if __name__ == "__main__":
    unittest.main()
