"""tools/bench: the guest's console to results, results to JSON and CSV and back, and what a comparison says."""

import dataclasses
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tools" / "lib"))

from bench import compare, facts, results  # noqa: E402
from bench.results import Figure, Results, Run  # noqa: E402

CONSOLE = """OpenSBI v1.1
BEGIN page_map, ipc
\x1b[0mtasks | call
BENCHMARK page_map.sync.c1.mean 541 insn\r
BENCHMARK page_map.taic.c1.drives 1.000 per_call
BENCHMARK memory.queue 12288 bytes
END
"""


def made(machine="rtl-1", suite="ipc", **figures):
    """A run; figures as name=(value, unit), with __ for a dot."""
    return Run(machine, suite, figures={name.replace("__", "."): Figure(*figure) for name, figure in figures.items()})


def sample():
    return Results("2026-11-30T12:00:00Z", {"commit": "0123abc", "dirty": False}, {"compiler": "g++ 12.2", "latency": 30},
                   {"qemu": "7.2"}, {"kernel.elf": {"file": 1000, "text": 900}},
                   [made(ipc__null=(113, "cycles")),
                    Run("qemu-icount", "page_map", 1, "suite=page_map unit=insn", 1, 2.5, ["FAIL x"],
                        {"page_map.taic.c2.drives": Figure(0.5, "per_call")})])


class ConsoleTest(unittest.TestCase):
    def test_figures_with_their_units(self):
        console = results.parse(CONSOLE)
        self.assertEqual(console.problems, [])
        self.assertEqual(console.figures, {"page_map.sync.c1.mean": Figure(541, "insn"),
                                           "page_map.taic.c1.drives": Figure(1.0, "per_call"),
                                           "memory.queue": Figure(12288, "bytes")})

    def assert_problem(self, text, pattern):
        self.assertRegex("\n".join(results.parse(text).problems), pattern)

    def test_what_is_wrong_is_said(self):
        self.assert_problem(CONSOLE.replace("END\n", ""), "ends before END")
        self.assert_problem("nothing\nEND\n", "no BEGIN")
        self.assert_problem("BEGIN x\nEND\n", "no figure at all")
        self.assert_problem(CONSOLE.replace("END", "FAIL page_map a call failed\nEND"), "FAIL page_map a call failed")
        self.assert_problem(CONSOLE + "TaiL4: panic: no\n", "panic: no")
        self.assert_problem(CONSOLE.replace("END", "BENCHMARK memory.queue 1 bytes\nEND"), "twice: memory.queue")
        for line in ("BENCHMARK a fast cycles", "BENCHMARK a 1 miles", "BENCHMARK a 1", "BENCHMARK a -1 cycles"):
            self.assert_problem(CONSOLE.replace("END", line + "\nEND"), f"no figure: {line}")

    def test_a_figure_belongs_to_one_run_of_a_machine(self):
        found = Results(runs=[made(a=(1, "cycles")), made(suite="other", a=(2, "cycles"), b=(3, "cycles")),
                              made("rtl-2", a=(4, "cycles"))])
        results.refuse_twice(found)
        self.assertEqual([len(run.problems) for run in found.runs], [0, 1, 0])
        self.assertEqual(found.figures(), {("rtl-1", "a"): Figure(1, "cycles"), ("rtl-1", "b"): Figure(3, "cycles"),
                                           ("rtl-2", "a"): Figure(4, "cycles")})


class FilesTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def test_json_and_back(self):
        results.write_json(sample(), self.folder / "results.json")
        self.assertEqual(results.read_json(self.folder / "results.json"), sample())

    def test_csv_and_back(self):
        results.write_csv(sample(), self.folder / "results.csv")
        self.assertEqual(results.read_csv(self.folder / "results.csv"), sample().figures())
        lines = (self.folder / "results.csv").read_text().splitlines()
        self.assertEqual(lines[0], "revision,machine,suite,name,value,unit")
        self.assertIn("0123abc,image,,kernel.elf.text,900,bytes", lines)
        self.assertIn("0123abc,qemu-icount,page_map,page_map.taic.c2.drives,0.500,per_call", lines)

    def test_the_schema_is_as_documented(self):
        import bench
        results.write_json(sample(), self.folder / "results.json")
        data = json.loads((self.folder / "results.json").read_text())
        for name in [*data, *data["runs"][0], *data["revision"]]:
            self.assertRegex(bench.__doc__, rf"\b{name}\b")
        self.assertIn(f"schema {results.SCHEMA} ", bench.__doc__)

    def test_another_file_is_refused(self):
        path = self.folder / "other.json"
        for text in ("", "[]", "{}", '{"schema": 99, "runs": []}', '{"schema": 1, "runs": [{"figures": {"a": 1}}]}',
                     '{"schema": 1, "runs": [], "more": 1}'):
            path.write_text(text)
            with self.assertRaises(results.Trouble, msg=text):
                results.read_json(path)
        with self.assertRaises(results.Trouble):
            results.read_json(self.folder / "absent.json")


class CompareTest(unittest.TestCase):
    def verdict(self, machine, unit, old, new, name="a"):
        one, two = (Results(runs=[made(machine, **{name: (value, unit)})]) for value in (old, new))
        found = compare.compare(one, two)
        return found.changes[0].verdict, found.status

    def test_each_unit_has_its_threshold(self):
        self.assertEqual(self.verdict("rtl-1", "cycles", 1000, 1030), ("within", 0))
        self.assertEqual(self.verdict("rtl-1", "cycles", 1000, 1031), ("worse", 1))
        self.assertEqual(self.verdict("rtl-1", "cycles", 1000, 969), ("better", 0))
        self.assertEqual(self.verdict("qemu-icount", "insn", 1000, 1010), ("within", 0))
        self.assertEqual(self.verdict("qemu-icount", "insn", 1000, 1011), ("worse", 1))
        self.assertEqual(self.verdict("rtl-1", "bytes", 4096, 4097), ("worse", 1))
        self.assertEqual(self.verdict("qemu-icount", "per_call", 0.062, 0.063), ("within", 0))
        self.assertEqual(self.verdict("qemu-icount", "per_call", 0.062, 0.064), ("worse", 1))
        self.assertEqual(self.verdict("qemu-icount", "calls", 5, 5), ("within", 0))
        self.assertEqual(self.verdict("qemu-icount", "calls", 5, 6), ("worse", 1))
        self.assertEqual(self.verdict("rtl-2", "per_call", 0.5, 0.51), ("within", 0))
        self.assertEqual(self.verdict("rtl-2", "per_call", 0.0, 0.01), ("within", 0))
        self.assertEqual(self.verdict("rtl-2", "per_call", 0.0, 0.02), ("worse", 1))
        self.assertEqual(self.verdict("rtl-2", "per_call", 0.5, 0.6), ("worse", 1))

    def test_percentiles_and_parts_move_with_the_tick(self):
        for name, most in (("page_map__taic__c8__map", 120), ("page_map__taic__c8__unmap_p99", 150),
                           ("message__taic__c1__p50", 120)):
            self.assertEqual(self.verdict("qemu-icount", "insn", 100, most, name), ("within", 0))
            self.assertEqual(self.verdict("rtl-1", "cycles", 100, most + 1, name), ("worse", 1))
        for name in ("page_map__taic__c8__mean", "ipc__map__1", "unmap__sync__p4096"):
            self.assertEqual(self.verdict("rtl-1", "cycles", 100, 104, name), ("worse", 1))

    def test_what_the_host_decides_is_not_judged(self):
        self.assertEqual(self.verdict("qemu-2", "per_call", 0.1, 0.9), ("unjudged", 0))
        old, new = Results(images={"k": {"text": 1000}}), Results(images={"k": {"text": 9000}})
        self.assertEqual(compare.compare(old, new).status, 0)
        self.assertRegex("\n".join(compare.compare(old, new).lines()), "images:\n  image +k.text +1,000 -> +9,000 bytes")
        old, new = (Results(runs=[made("qemu-2", a=(value, "per_call"))]) for value in (0.1, 0.9))
        self.assertEqual(list(compare.compare(old, new).lines())[0], "changed as the host's timing has it: 1 counts")

    def test_thresholds_can_be_set(self):
        old, new = (Results(runs=[made(a=(value, "cycles"))]) for value in (100, 110))
        self.assertEqual(compare.compare(old, new, compare.Limits(cycles=0.2)).status, 0)

    def test_the_worst_comes_first(self):
        old = Results(runs=[made(a=(100, "cycles"), b=(100, "cycles"), c=(100, "cycles"), d=(100, "cycles"), e=(9, "cycles"))])
        new = Results(runs=[made(a=(110, "cycles"), b=(150, "cycles"), c=(90, "cycles"), d=(50, "cycles"), e=(9, "cycles"))])
        lines = list(compare.compare(old, new).lines())
        self.assertEqual([line.split()[1] if line.startswith("  ") else line for line in lines[:-1]],
                         ["worse:", "b", "a", "better:", "d", "c"])
        self.assertRegex(lines[1], r"rtl-1 +b +100 -> +150 cycles +\+50\.0 %")
        self.assertEqual(lines[-1], "compared 5 figures: 2 worse, 2 better, 1 within, 0 unjudged; 0 vanished, 0 new")

    def test_what_is_gone_or_new_is_named(self):
        old = Results(runs=[made(a=(1, "cycles"), b=(1, "cycles"), c=(1, "cycles"))])
        new = Results(runs=[made(a=(1, "cycles"), b=(1, "insn"), d=(1, "cycles"))])
        found = compare.compare(old, new)
        self.assertEqual(found.vanished, ["rtl-1 b in cycles", "rtl-1 c"])
        self.assertEqual(found.appeared, ["rtl-1 b in insn", "rtl-1 d"])
        self.assertIn("vanished: rtl-1 c", list(found.lines()))
        self.assertEqual(found.status, 0)
        self.assertEqual(list(compare.gathered(["m p.c1.mean", "m p.c1.p50", "m p.c2.mean", "m a"])),
                         ["m p.c1.* (2)", "m p.c2.mean", "m a"])

    def test_a_failed_run_is_a_failure(self):
        found = compare.compare(sample(), sample())
        self.assertEqual((found.status, found.failures), (1, ["qemu-icount page_map: FAIL x"]))

    def test_other_conditions_are_noted(self):
        other = sample()
        other.configuration = {"compiler": "g++ 13", "latency": 30}
        other.runs[0].arguments = "suite=ipc fastpath=off"
        other.runs[0].figures = {"ipc.null": Figure(200, "cycles")}
        found = compare.compare(sample(), other)
        self.assertEqual(found.notes, ["configuration compiler was g++ 12.2, is g++ 13",
                                       "not judged: arguments of rtl-1 ipc was '', is 'suite=ipc fastpath=off'"])
        self.assertEqual([found.of("worse"), found.vanished, found.appeared], [[], [], []])

    def test_the_command(self):
        with tempfile.TemporaryDirectory() as name:
            good = sample()
            good.runs = good.runs[:1]
            worse = dataclasses.replace(good, runs=[made(ipc__null=(120, "cycles"))])
            one, two = Path(name) / "one.json", Path(name) / "two.json"
            results.write_json(good, one)
            results.write_json(worse, two)
            for files, options, status, says in (((one, one), (), 0, "compared 3 figures: 0 worse"),
                                                 ((one, two), (), 1, r"ipc\.null +113 -> +120 cycles +\+6\.2 %"),
                                                 ((one, two), ("--cycles-limit", "7"), 0, "0 worse"),
                                                 ((one, Path("absent")), (), 2, "cannot read absent")):
                done = subprocess.run([SOURCE / "tools" / "bench", "--compare", *files, *options], capture_output=True,
                                      text=True, check=False)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertRegex(done.stdout + done.stderr, says)


class FactsTest(unittest.TestCase):
    def test_flags_without_places_and_warnings(self):
        with tempfile.TemporaryDirectory() as name:
            command = ("/usr/bin/g++ -DX=0 -I/a/b -isystem /c -O2 -mcmodel=medany -Wall -ffile-prefix-map=/a=/ "
                       "-o kernel/CMakeFiles/kernel_core.dir/a.obj -c /a/kernel/a.cpp")
            (Path(name) / "compile_commands.json").write_text(json.dumps([{"command": "x -c y.c"}, {"command": command}]))
            self.assertEqual(facts.kernel_flags(Path(name)), ("/usr/bin/g++", "-DX=0 -O2 -mcmodel=medany"))

    def test_no_build_no_flags(self):
        self.assertEqual(facts.kernel_flags(Path("absent")), ("unknown", ""))
        self.assertEqual(facts.first_line("no-such-program"), "unknown")

    def test_sizes_of_an_image(self):
        with tempfile.TemporaryDirectory() as name:
            source, image = Path(name) / "a.c", Path(name) / "a.elf"
            source.write_text("char zeroes[4096]; int data[4] = {1}; void _start(void) {}\n")
            subprocess.run(["riscv64-linux-gnu-gcc", "-nostdlib", "-static", "-o", image, source], check=True)
            sizes = facts.image_sizes(image)
            self.assertEqual(sizes["file"], image.stat().st_size)
            self.assertGreaterEqual(sizes["bss"], 4096)
            self.assertGreaterEqual(sizes["data"], 16)
            self.assertGreater(sizes["text"], 0)


if __name__ == "__main__":
    unittest.main()
