"""The generated interface equals the copy in kernel/api/goldens: check_goldens.py [--update]

A change of the interface thus shows in review. The MCS order of the table, which nothing is generated from, is
compared with the specification (sel4-abi-riscv64.md 3.1) here too.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TABLE = ROOT / "kernel/api/sel4.toml"
GOLDENS = ROOT / "kernel/api/goldens"
GENERATOR = ROOT / "tools/gen_api.py"

MCS_LABELS = """UntypedRetype TCBReadRegisters TCBWriteRegisters TCBCopyRegisters TCBConfigure TCBSetPriority
TCBSetMCPriority TCBSetSchedParams TCBSetTimeoutEndpoint TCBSetIPCBuffer TCBSetSpace TCBSuspend TCBResume
TCBBindNotification TCBUnbindNotification TCBSetTLSBase TCBSetFlags CNodeRevoke CNodeDelete CNodeCancelBadgedSends
CNodeCopy CNodeMint CNodeMove CNodeMutate CNodeRotate IRQIssueIRQHandler IRQAckIRQ IRQSetIRQHandler
IRQClearIRQHandler DomainSetSet DomainScheduleConfigure DomainScheduleSetStart SchedControlConfigureFlags
SchedContextBind SchedContextUnbind SchedContextUnbindObject SchedContextConsumed SchedContextYieldTo
RISCVPageTableMap RISCVPageTableUnmap RISCVPageMap RISCVPageUnmap RISCVPageGetAddress RISCVASIDControlMakePool
RISCVASIDPoolAssign RISCVIRQIssueIRQHandlerTrigger""".split()


def generate(directory):
    subprocess.run([sys.executable, GENERATOR, TABLE, directory], check=True)


def texts(directory):
    return {str(path.relative_to(directory)): path.read_text()
            for path in sorted(Path(directory).rglob("*.h*")) if path.is_file()}


def main():
    if sys.argv[1:] == ["--update"]:
        generate(GOLDENS)
    sys.path.insert(0, str(GENERATOR.parent))
    from gen_api import Api  # pylint: disable=import-outside-toplevel

    problems = []
    mcs = [method.label for method in Api(TABLE).wire("mcs")[1:]]
    if mcs != MCS_LABELS:
        problems.append("the MCS labels of sel4.toml are out of order")
    with tempfile.TemporaryDirectory() as directory:
        generate(directory)
        made, golden = texts(directory), texts(GOLDENS)
    problems += [f"{name}: differs from the golden"
                 for name in sorted(made | golden) if made.get(name) != golden.get(name)]
    if not made:
        problems.append("nothing was generated")
    for problem in problems:
        print(problem)
    if problems:
        print("After a wanted change: tests/host/abi/check_goldens.py --update")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
