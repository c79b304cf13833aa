#!/usr/bin/env python3
"""Tests tools/run with a fake QEMU, and the reading of apt's sources. Needs no network and no real QEMU."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOOLS / "lib"))

import deb_src  # noqa: E402

FAKE = """#!/bin/sh
case "$*" in *virt,help*) echo "  {property}"; exit;; esac
echo $$ >{folder}/pid
echo "args: $*"
{script}
"""


class Run(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        self.image = self.folder / "image"
        self.image.write_text("image")

    def run_guest(self, script, *options, taic=True):
        qemu = self.folder / "qemu"
        qemu.write_text(FAKE.format(property="taic=<string>" if taic else "aia=<string>", folder=self.folder,
                                    script=script))
        qemu.chmod(0o755)
        command = [TOOLS / "run", "--no-build", "--kernel", self.image, "--root", self.image, *options]
        return subprocess.run(command, env={**os.environ, "QEMU": str(qemu)}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300)

    def assert_gone(self):
        with self.assertRaises(ProcessLookupError):
            os.kill(int((self.folder / "pid").read_text()), 0)

    def test_status_of_the_guest(self):
        self.assertEqual(self.run_guest("exit 0").returncode, 0)
        self.assertEqual(self.run_guest("exit 7").returncode, 7)

    def test_kernel_that_gave_up(self):
        self.assertEqual(self.run_guest("echo 'TaiL4: error: no root'; exit 0").returncode, 1)
        self.assertEqual(self.run_guest("echo 'TaiL4: panic: x'; exit 3").returncode, 3)
        self.assertEqual(self.run_guest("echo 'says TaiL4: error: not at the start'").returncode, 0)

    def test_lines_that_decide(self):
        script = "echo one; echo two; exec sleep 60"
        begin = time.monotonic()
        self.assertEqual(self.run_guest(script, "--until", "^two$").returncode, 0)
        self.assert_gone()
        self.assertEqual(self.run_guest(script, "--fail", "^one$", "--until", "^two$").returncode, 1)
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(self.run_guest("echo one", "--until", "^two$").returncode, 1)
        self.assertEqual(self.run_guest("printf two", "--until", "^two$").returncode, 0)

    def test_timeout(self):
        result = self.run_guest("exec sleep 60", "--timeout", "0.5")
        self.assertEqual(result.returncode, 124)
        self.assertIn("not done after 0.5 s", result.stderr)
        self.assert_gone()

    def test_qemu_that_ignores_sigterm_is_killed(self):
        result = self.run_guest("trap '' TERM; echo up; while :; do sleep 1; done", "--until", "up")
        self.assertEqual(result.returncode, 0)
        self.assert_gone()

    def test_arguments(self):
        log = self.folder / "log"
        output = self.run_guest("exit 0", "--harts", "3", "--memory", "64", "--abi", "smp", "--append", "a=b",
                                "--icount", "--taic", "rtl", "--qemu-arg=-d", "--log", log).stdout
        for part in ("-M virt,taic=rtl", "-smp 3", "-m 64M", "-append abi=smp a=b", "-icount shift=0,sleep=off", " -d"):
            self.assertIn(part, output)
        self.assertEqual(log.read_text(), output)

    def test_foreign_qemu(self):
        self.assertRegex(self.run_guest("exit 0", taic=False).stdout, "-M virt ")
        self.assertEqual(self.run_guest("exit 0", "--taic", "rtl", taic=False).returncode, 2)

    def test_missing_image(self):
        result = self.run_guest("exit 0", "--root", self.folder / "absent")
        self.assertEqual(result.returncode, 2)
        self.assertIn("absent", result.stderr)

    def test_machine_without_python(self):
        programs, tools = self.folder / "bin", self.folder / "tools"
        (tools / "lib").mkdir(parents=True)
        programs.mkdir()
        for name in ("sh", "dirname"):
            (programs / name).symlink_to(shutil.which(name))
        shutil.copy(TOOLS / "run", tools / "run")
        (tools / "lib" / "run.py").write_text("import sys; print('run', *sys.argv[1:])")
        setup = tools / "setup"
        for line, status, output in (("exit 3", 3, ""),
                                     (f"{shutil.which('ln')} -s {sys.executable} {programs}/python3", 0, "run a b c\n"),
                                     ("exit 3", 0, "run a b c\n")):
            setup.write_text(f"#!/bin/sh\n{line}\n")
            setup.chmod(0o755)
            result = subprocess.run([tools / "run", "a b", "c"], env={"PATH": str(programs)}, capture_output=True,
                                    text=True, timeout=300)
            self.assertEqual((result.returncode, result.stdout), (status, output), result.stderr)


class DebSrc(unittest.TestCase):
    def test_deb822(self):
        text = "# note\nTypes: deb\nURIs: http://d/debian\nSuites: bookworm bookworm-updates\nComponents: main\n" \
               "Signed-By:\n -----BEGIN\n .\n\nTypes: deb\nURIs: http://other\nSuites: nodistro\nComponents: main\n"
        found = list(deb_src.from_deb822(text, "bookworm"))
        self.assertEqual([(one["types"], one["suites"]) for one in found], [("deb-src", "bookworm bookworm-updates")])
        self.assertEqual(found[0]["signed-by"], "\n -----BEGIN\n .")

    def test_disabled(self):
        text = "Types: deb\nEnabled: no\nURIs: http://d\nSuites: bookworm\nComponents: main\n"
        self.assertEqual(list(deb_src.from_deb822(text, "bookworm")), [])

    def test_one_line(self):
        text = "#deb http://x bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://d/debian bookworm main contrib\n" \
               "deb http://s bookworm-security main # why\ndeb http://o sdk-bookworm main\n" \
               "deb-src http://d bookworm main\n"
        found = list(deb_src.from_one_line(text, "bookworm"))
        self.assertEqual([one["uris"] for one in found], ["http://d/debian", "http://s"])
        self.assertEqual(found[0]["signed-by"], "/k.gpg")
        self.assertEqual(found[0]["components"], "main contrib")
        self.assertEqual(found[1]["components"], "main")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        unittest.main()
