"""tools/bench: the matrix, with shells in place of the machines; and that the machines' programs take what it says."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tools" / "lib"))

import bench.__main__ as program  # noqa: E402
import rocket  # noqa: E402
import rtl  # noqa: E402
import run as qemu_run  # noqa: E402
from bench import facts, machines, matrix, results  # noqa: E402
from bench.matrix import Job  # noqa: E402
from bench.results import Figure, Results  # noqa: E402

BUILD = Path("built")
GOOD = "echo BEGIN 1; echo BENCHMARK {name} {value} cycles; echo END"


def shell(**texts):
    """how(job) for run_all: a shell's text for a suite."""
    return lambda job: ["sh", "-c", texts[job.suite]]


class TableTest(unittest.TestCase):
    def test_every_entry_is_known(self):
        self.assertEqual(set(matrix.MATRIX), set(machines.MACHINES))
        self.assertEqual({suite for row in matrix.MATRIX.values() for suite in row}, set(matrix.SUITES))

    def test_choices(self):
        everything = matrix.jobs()
        self.assertEqual(len(everything), sum(map(len, matrix.MATRIX.values())))
        self.assertEqual(matrix.jobs(["rtl-2"], ["page_map"]), [Job("rtl-2", "page_map", "suite=page_map")])
        self.assertEqual(matrix.jobs(["qemu-icount"], ["series", "ipc"], quick=True), [
            Job("qemu-icount", "ipc", "suite=ipc"),
            Job("qemu-icount", "series", "suite=page_map series=ipi,trap,poll max=16")])
        self.assertEqual(matrix.jobs(["rtl-2"], ["sizes"]), [])

    def parsed(self, module, job):
        words = matrix.command(job, BUILD, 20)
        self.assertEqual(words[0], sys.executable)
        self.assertTrue(Path(words[1]).samefile(module.__file__))
        with mock.patch.object(sys, "argv", words[1:]):
            return module.arguments()

    def test_tools_run_takes_it(self):
        options = self.parsed(qemu_run, Job("qemu-icount", "ipc", "suite=ipc"))
        self.assertEqual((options.harts, options.icount, options.append), (1, True, "suite=ipc"))
        self.assertEqual((options.no_build, options.build, options.root), (True, BUILD, BUILD / "rootserver/bench.elf"))
        options = self.parsed(qemu_run, Job("qemu-2", "page_map", "suite=page_map max=16"))
        self.assertEqual((options.harts, options.icount), (2, False))  # host threads: no time

    def test_tools_rtl_takes_it(self):
        options = self.parsed(rtl, Job("rtl-2", "page_map", "suite=page_map"))
        self.assertEqual((options.harts, options.latency, options.append), (2, 20, "suite=page_map"))
        self.assertEqual((options.quick_until, options.until), ("BEGIN", "END"))
        self.assertEqual((options.no_build, options.build, options.root), (True, BUILD, BUILD / "rootserver/bench.elf"))


class RunTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory())) / "out"
        self.said = []

    def run_all(self, wanted, at_once=1, **texts):
        found = Results(revision={"commit": "0123"})
        matrix.run_all(found, wanted, self.folder, shell(**texts), self.said.append, at_once)
        return found

    def test_a_failed_run_is_said_and_the_others_run(self):
        wanted = [Job("rtl-1", suite, f"suite={suite}") for suite in ("ipc", "page_map", "messages", "unmap")]
        found = self.run_all(wanted, ipc="echo BEGIN 1; exit 7", page_map=GOOD.format(name="a", value=5),
                             messages="echo BEGIN 1; echo BENCHMARK b 1 cycles; echo FAIL bench.x no memory; echo END; exit 1",
                             unmap=GOOD.format(name="c", value=6))
        self.assertEqual([run.problems for run in found.runs], [
            ["exit status 7", "the console ends before END"], [], ["exit status 1", "FAIL bench.x no memory"], []])
        self.assertEqual(found.figures()["rtl-1", "a"], Figure(5, "cycles"))
        self.assertIn("[1/4] rtl-1 ipc ...", self.said)
        self.assertRegex("\n".join(self.said), r"\[1/4\] rtl-1 ipc: FAILED, exit status 7; .* \(console: .*rtl-1-ipc\.txt\)")
        self.assertRegex("\n".join(self.said), r"\[2/4\] rtl-1 page_map: 1 figures, \d+ s")
        self.assertEqual((self.folder / "rtl-1-ipc.txt").read_text(), "BEGIN 1\n")
        self.assertEqual(results.read_json(self.folder / "results.json"), found)
        self.assertEqual(results.read_csv(self.folder / "results.csv"), found.figures())

    def test_some_at_once_in_the_tables_order(self):
        wanted = [Job("rtl-1", suite, "") for suite in ("ipc", "page_map")]
        found = self.run_all(wanted, 2, ipc="sleep 0.2; " + GOOD.format(name="a", value=1), page_map=GOOD.format(name="b", value=2))
        self.assertEqual([run.suite for run in found.runs], ["ipc", "page_map"])

    def test_an_interruption_is_the_end_of_all(self):
        def how(job):
            if job.suite == "ipc":
                raise KeyboardInterrupt
            return ["sleep", "0.2"]
        with self.assertRaises(KeyboardInterrupt):
            matrix.run_all(Results(), [Job("rtl-1", suite, "") for suite in matrix.SUITES], self.folder, how, self.said.append)
        self.assertLess(len(list(self.folder.glob("rtl-1-*.txt"))), 3)

    def test_a_figure_of_two_runs_is_a_failure(self):
        text = GOOD.format(name="a", value=1)
        found = self.run_all([Job("rtl-1", suite, "") for suite in ("ipc", "unmap")], ipc=text, unmap=text)
        self.assertRegex(found.problems()[0], "rtl-1 unmap: another suite of this machine gives the same figures: a")
        self.assertEqual(results.read_json(self.folder / "results.json"), found)


class ProgramTest(unittest.TestCase):
    """The command as a whole, but for set-up, build, machines and drawing."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("kernel/kernel.elf", "rootserver/bench.elf"):
            (self.folder / name).parent.mkdir()
            (self.folder / name).write_text("image")
        self.draw, self.simulator = mock.Mock(), mock.Mock()
        self.value = 100
        for where, name, what in ((program, "set_up", mock.Mock()), (program, "draw", self.draw),
                                  (qemu_run, "find_qemu", lambda: "qemu"), (facts, "tools", lambda *_: {"qemu": "7"}),
                                  (rocket, "simulator", self.simulator),
                                  (matrix, "command", self.command)):
            self.enterContext(mock.patch.object(where, name, what))

    def command(self, job, _build, latency):
        text = GOOD.format(name=f"{job.suite}.x", value=self.value + latency)
        return ["sh", "-c", "exit 3" if job.suite == "unmap" else text]

    def bench(self, *words):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = program.main(["--no-build", "--build", str(self.folder), "--output", str(self.folder / "out"), *words])
        return status, out.getvalue() + err.getvalue()

    def test_a_run_and_what_it_writes(self):
        status, text = self.bench("--machine", "rtl-1", "--suite", "ipc,messages", "--plots", str(self.folder / "plots"))
        self.assertEqual(status, 0, text)
        found = results.read_json(self.folder / "out" / "results.json")
        self.assertEqual([(run.machine, run.suite) for run in found.runs], [("rtl-1", "ipc"), ("rtl-1", "messages")])
        self.assertEqual(found.configuration["latency"], 30)
        self.assertEqual(found.images["bench.elf"]["file"], 5)
        self.assertRegex(found.date, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertRegex(found.revision["commit"], "^[0-9a-f]{40}$")
        self.simulator.assert_called_once_with(1)  # the machine that is wanted, and no other
        self.draw.assert_called_once_with(found, self.folder / "out", self.folder / "plots")

    def test_a_failed_run_is_the_status(self):
        status, text = self.bench("--machine", "rtl-1", "--suite", "unmap,ipc")
        self.assertEqual(status, 1)
        self.assertIn("failed: rtl-1 unmap: exit status 3", text)
        self.draw.assert_called_once()

    def test_no_rtl(self):
        self.bench("--no-rtl", "--suite", "ipc")
        self.assertEqual([run.machine for run in results.read_json(self.folder / "out/results.json").runs], ["qemu-icount"])
        with self.assertRaises(results.Trouble):
            self.bench("--no-rtl", "--machine", "rtl-1")

    def test_compare_with_the_last_one(self):
        self.bench("--machine", "rtl-1", "--suite", "ipc")
        self.value = 110
        status, text = self.bench("--machine", "rtl-1", "--suite", "ipc", "--compare", str(self.folder / "out/results.json"))
        self.assertEqual(status, 1)
        self.assertRegex(text, r"rtl-1 +ipc\.x +130 -> +140 cycles +\+7\.7 %")
        status, text = self.bench("--machine", "rtl-1", "--suite", "ipc", "--compare", str(self.folder / "out/results.json"))
        self.assertEqual(status, 0, text)

    def test_from_a_file(self):
        self.bench("--machine", "rtl-1", "--suite", "ipc")
        self.draw.reset_mock()
        path = self.folder / "out" / "results.json"
        self.assertEqual(self.bench("--from", str(path), "--compare", str(path))[0], 0)
        self.draw.assert_called_once()

    def test_wrong_calls(self):
        for words in (["--machine", "rtl-3"], ["--suite", "ipc,bench"], ["--compare", "a", "b", "c"], ["--cycles-limit", "-1"],
                      ["--compare", "a", "b", "--from", "c"]):
            with self.assertRaises(SystemExit) as raised, contextlib.redirect_stderr(io.StringIO()):
                program.main(words)
            self.assertEqual(raised.exception.code, 2, words)
        (self.folder / "rootserver/bench.elf").unlink()
        with self.assertRaisesRegex(results.Trouble, "no file .*bench.elf"):
            self.bench("--machine", "qemu-icount")


if __name__ == "__main__":
    unittest.main()
