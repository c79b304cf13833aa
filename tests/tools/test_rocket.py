"""tools/rtl: the changes to Rocket's Verilog on small texts, the device tree, and what counts as the same machine."""

import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tools" / "lib"))

import rocket  # noqa: E402
import verilog  # noqa: E402

CSR = """module CSRFile(
  input clock
);
  wire [7:0] read_mip_lo = {io_interrupts_mtip,1'h0,reg_mip_stip,1'h0,io_interrupts_msip,1'h0,reg_mip_ssip,1'h0};
  wire  x79 = ~io_csr_stall;
endmodule
"""
MONITOR = """module TLMonitor_3(
  input  clock,
  input  io_in_a_valid
);
  wire much = clock;
endmodule
"""
PORTS = ["output        auto_tl_master_clock_xing_out_" + name for name in
         ("b_ready", "c_valid", "c_bits_opcode", "c_bits_param", "c_bits_size", "c_bits_source", "c_bits_address", "d_ready")]
TILE = "module TilePRCIDomain(\n  input auto_tap_clock_in_clock,\n  " + ",\n  ".join(PORTS) + ",\n  output [1:0] other\n);\nendmodule\n"
TOP = "module Top(\n);\n" + "".join(f"  TilePRCIDomain tile_prci_domain{name} (\n  );\n" for name in ("", "_1", "_2", "_3")) + "endmodule\n"


class VerilogTest(unittest.TestCase):
    def test_the_line_is_read_with_ssip_and_cycles_count_in_wfi(self):
        text = verilog.changed(CSR + MONITOR, 1)
        self.assertIn("reg taic_ssip /*verilator public_flat_rw*/;", text)
        self.assertIn("1'h0,reg_mip_ssip | taic_ssip,1'h0}", text)
        self.assertIn("wire  x79 = 1'h1;", text)

    def test_monitors_keep_their_ports_alone(self):
        text = verilog.empty_monitors(MONITOR)
        self.assertIn("input  io_in_a_valid\n);\nendmodule", text)
        self.assertNotIn("much", text)

    def test_whatever_drives_something_stays(self):
        text = MONITOR.replace("input  io_in_a_valid", "output io_out")
        self.assertEqual(verilog.empty_monitors(text), text)

    def test_wide_shifts_are_computed_once(self):
        kept = verilog.keep_wide_shifts("  wire [127:0] select = 128'h1 << index; // a comment\n")
        self.assertEqual(kept, "  wire [127:0] select /*verilator public_flat_rd*/ = 128'h1 << index; // a comment\n")
        for other in ("  wire [31:0] select = 32'h1 << index;\n", "  wire [127:0] both = {high,low};\n  wire x = a << b;\n",
                      "  wire [127:0] both =\n    a << b;\n"):
            self.assertEqual(verilog.keep_wide_shifts(other), other)

    def test_two_of_four_tiles_become_idle(self):
        text = verilog.changed(CSR + TILE + TOP, 2)
        self.assertEqual(text.count("TilePRCIDomainIdle tile_prci_domain_"), 2)
        self.assertIn("TilePRCIDomain tile_prci_domain_1 (", text)
        self.assertIn("assign auto_tl_master_clock_xing_out_c_valid = state == 3;", text)
        self.assertIn("assign other = 0;", text)

    def test_whole_tiles_stay(self):
        text = verilog.changed(CSR + TILE + TOP, 2, whole=True)
        self.assertNotIn("Idle", text)
        self.assertIn("taic_ssip", text)
        self.assertNotEqual(rocket.key(2, True), rocket.key(2, False))
        self.assertNotEqual(rocket.design_key(2, True), rocket.design_key(2, False))

    def test_another_version_of_the_text_is_refused(self):
        for text in (CSR.replace("reg_mip_ssip", "reg_ssip"), CSR.replace("~io_csr_stall", "io_csr_stall")):
            with self.assertRaises(verilog.Changed):
                verilog.changed(text, 1)
        with self.assertRaises(verilog.Changed):
            verilog.changed(CSR + TILE.replace("c_valid", "d_valid") + TOP, 2)


class TreeTest(unittest.TestCase):
    def tree(self, **options):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "tree.dtb"
            rocket.write_tree(path, **options)
            return subprocess.run(["dtc", "-q", "-I", "dtb", "-O", "dts", str(path)], capture_output=True, text=True,
                                  check=True).stdout

    def test_it_says_what_it_was_asked_for(self):
        text = self.tree(harts=2, root_size=0x123, arguments='suite="a b" x\\y', taic="rtl")
        self.assertEqual(text.count("cpu@"), 2)
        self.assertIn('bootargs = "suite=\\"a b\\" x\\\\y";', text)
        self.assertIn("linux,initrd-end = <0x84000123>;", text)
        self.assertIn("depth = <0x40>;", text)

    def test_without_taic_there_is_none(self):
        text = self.tree(harts=1, taic="off")
        self.assertNotIn("taic", text)
        self.assertEqual(text.count("cpu@"), 1)


class CacheTest(unittest.TestCase):
    def test_a_machine_is_another_one_when_a_file_of_it_changes(self):
        before = rocket.key(1)
        self.assertEqual(rocket.key(1), before)
        self.assertNotEqual(rocket.key(2), before)
        for path in rocket.harness_files():
            self.assertTrue(path.is_file(), path)
        with mock.patch.object(rocket, "harness_files", lambda: [SOURCE / "README.md"]):
            self.assertNotEqual(rocket.key(1), before)

    def test_the_design_stays_when_the_harness_changes(self):
        before = rocket.design_key(1)
        self.assertNotEqual(rocket.design_key(2), before)
        with mock.patch.object(rocket, "harness_files", lambda: [SOURCE / "README.md"]):
            self.assertEqual(rocket.design_key(1), before)
        with mock.patch.object(rocket, "VERILATE", ["other"]):
            self.assertNotEqual(rocket.design_key(1), before)

    def test_a_folder_is_made_once_and_only_whole(self):
        def make(folder):
            (folder / "ready").mkdir()
            (folder / "ready" / "part").write_text("whole")
            return folder / "ready"

        def fail(folder):
            (folder / "ready").mkdir()
            raise rocket.Trouble("no")

        with tempfile.TemporaryDirectory() as name, mock.patch.object(rocket, "cache_folder", lambda: Path(name)):
            with self.assertRaises(rocket.Trouble):
                rocket.kept("it", fail)
            self.assertEqual([path.name for path in Path(name).iterdir()], ["log"])
            self.assertEqual((rocket.kept("it", make) / "part").read_text(), "whole")
            rocket.kept("it", fail)  # it is there

    def test_who_comes_meanwhile_waits(self):
        made = []

        def make(folder):
            made.append(folder)
            time.sleep(0.2)
            (folder / "ready").mkdir()
            return folder / "ready"

        with tempfile.TemporaryDirectory() as name, mock.patch.object(rocket, "cache_folder", lambda: Path(name)):
            threads = [threading.Thread(target=rocket.kept, args=("it", make)) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(len(made), 1)


if __name__ == "__main__":
    unittest.main()
