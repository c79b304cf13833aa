"""Every public header compiles on its own, under every path an upstream program may include: as C99, C11 and C++20,
and as C11 in all configurations. check_headers.py C_COMPILER CXX_COMPILER INCLUDE_DIRECTORY...

Headers that assembly may include are preprocessed, too: nothing but macros may be left of them.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

UPSTREAM = """autoconf.h interfaces/sel4_client.h kernel/gen_config.h sel4/arch/constants.h sel4/arch/deprecated.h
sel4/arch/exIPC.h sel4/arch/invocation.h sel4/arch/mapping.h sel4/arch/objecttype.h sel4/arch/shared_types.h
sel4/arch/simple_types.h sel4/arch/syscalls.h sel4/arch/types.h sel4/assert.h sel4/benchmark_tracepoints_types.h
sel4/benchmark_track_types.h sel4/benchmark_utilisation_types.h sel4/bootinfo.h sel4/bootinfo_types.h sel4/config.h
sel4/constants.h sel4/debug_assert.h sel4/deprecated.h sel4/errors.h sel4/faults.h sel4/functions.h sel4/gen_config.h
sel4/invocation.h sel4/macros.h sel4/mode/types.h sel4/objecttype.h sel4/plat/api/constants.h sel4/sel4.h
sel4/sel4_arch/constants.h sel4/sel4_arch/deprecated.h sel4/sel4_arch/faults.h sel4/sel4_arch/invocation.h
sel4/sel4_arch/mapping.h sel4/sel4_arch/objecttype.h sel4/sel4_arch/simple_types.h sel4/sel4_arch/syscalls.h
sel4/sel4_arch/types.h sel4/sel4_arch/types_gen.h sel4/shared_types.h sel4/shared_types_gen.h sel4/simple_types.h
sel4/syscall.h sel4/syscalls.h sel4/syscalls_master.h sel4/types.h sel4/virtual_client.h""".split()
ASSEMBLY = ["autoconf.h", "kernel/gen_config.h", "sel4/config.h", "sel4/constants.h", "sel4/gen_config.h",
            "sel4/macros.h", "sel4/sel4_arch/constants.h", "sel4/sizes.h"]
LANGUAGES = {"C99": ("c", "-std=c99"), "C11": ("c", "-std=c11"), "C++20": ("c++", "-std=c++20")}
CONFIGURATIONS = {
    "debug": (),
    "SMP, release": ("CONFIG_ENABLE_SMP_SUPPORT", "SEL4_RELEASE", "SEL4_GLOBAL_IPC_BUFFER", "CONFIG_NUM_DOMAINS=16"),
    "benchmarks": ("CONFIG_ENABLE_BENCHMARKS", "CONFIG_BENCHMARK_TRACEPOINTS", "CONFIG_BENCHMARK_TRACK_UTILISATION",
                   "CONFIG_BENCHMARK_TRACK_KERNEL_ENTRIES"),
}
STRICT = ["-fsyntax-only", "-ffreestanding", "-pedantic-errors", "-Wall", "-Wextra", "-Werror"]


def run(command, text):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def compile_header(job):
    command, header, name = job
    # Twice, for the include guard; the variable, because C has no empty files.
    result = run(command, f"#include <{header}>\n#include <{header}>\nextern int sel4_header;\n")
    return f"{header}, {name}: {result.stderr}" if result.returncode else None


def main():
    c_compiler, cxx_compiler, *directories = sys.argv[1:]
    includes = [flag for directory in directories for flag in ("-I", directory)]
    present = {str(path.relative_to(directory)) for directory in directories for path in Path(directory).rglob("*.h")}
    problems = [f"{header}: missing" for header in UPSTREAM if header not in present]
    jobs = []
    for language, (kind, standard) in LANGUAGES.items():
        compiler = cxx_compiler if kind == "c++" else c_compiler
        for configuration, defines in CONFIGURATIONS.items():
            if defines and language != "C11":
                continue
            command = [compiler, "-x", kind, standard, *STRICT, *(f"-D{name}" for name in defines), *includes, "-"]
            jobs += [(command, header, f"{language}, {configuration}") for header in sorted(present)]
    with ThreadPoolExecutor(2) as pool:
        problems += filter(None, pool.map(compile_header, jobs))
    for header in ASSEMBLY:
        result = run([c_compiler, "-E", "-P", "-x", "assembler-with-cpp", *includes, "-"], f"#include <{header}>\n")
        if result.returncode or result.stdout.strip():
            problems.append(f"{header}, assembly: {result.stderr}{result.stdout}")
    for problem in problems:
        print(problem)
    print(f"{len(present)} headers, {len(jobs)} compilations, {len(problems)} problems")
    return 1 if problems or not present else 0


if __name__ == "__main__":
    sys.exit(main())
