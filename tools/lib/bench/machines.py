"""The machines of the matrix: what they are, and what their figures are worth."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    title: str
    harts: int
    unit: str  # of times; empty: there are none, only counts


MACHINES = {
    "rtl-1": Machine("Rocket's Verilog, one hart", 1, "cycles"),
    "rtl-2": Machine("Rocket's Verilog, two harts", 2, "cycles"),
    "qemu-icount": Machine("QEMU under -icount, one hart", 1, "insn"),
    "qemu-2": Machine("QEMU, two harts (threads of the host)", 2, ""),
}
WORDS = {"cycles": "cycles", "insn": "instructions", "per_call": "per call", "bytes": "bytes", "calls": "calls"}


def present(results):
    """The machines of some results, in the order of the table."""
    names = {run.machine for run in results.runs}
    return {name: machine for name, machine in MACHINES.items() if name in names}
