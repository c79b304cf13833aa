"""Each check finds what it is there for, and is content with clean code. Works on small trees of its own."""

import contextlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tools"))

import check_common  # noqa: E402
import check_coverage  # noqa: E402
import check_format  # noqa: E402
import check_headers  # noqa: E402
import check_image  # noqa: E402
import check_layers  # noqa: E402
import check_style  # noqa: E402
import check_tidy  # noqa: E402

HEADER = "// Purpose.\n#pragma once\n"
TO_DO = "TO" + "DO"


class TreeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)

    def write(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def layers(self, files):
        self.write(files)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = check_layers.main(self.root)
        return status, output.getvalue()

    def style(self, files):
        self.write(files)
        return "\n".join(check_style.check_tree(self.root)[0])


class LayersTest(TreeTest):
    def edge(self, file, include, files=()):
        """Findings for one file with one include; the included file exists."""
        target = include.strip('"')
        status, output = self.layers({target: HEADER, file: f"#include {include}\n"})
        for name in (target, file):
            (self.root / name).unlink()
        return output if status else ""

    def test_allowed(self):
        for file, include in (("kernel/ipc/a.cpp", "kernel/objects/tcb.hpp"), ("kernel/arch/riscv/a.cpp", "taic/regs.hpp"),
                              ("kernel/boot/a.cpp", "kernel/async/b.hpp"), ("taic/a.hpp", "kernel/base/field.hpp"),
                              ("rootserver/a.cpp", "taic/driver.hpp"), ("libsel4async/a.cpp", "uintr/driver.hpp"),
                              ("tests/host/a.cpp", "kernel/boot/b.hpp"), ("kernel/base/a.hpp", "kernel/libsel4/b.h"),
                              ("tools/qemu/devices/a.c", "taic/model/taic_model.h")):
            self.assertEqual(self.edge(file, f'"{include}"'), "", file)

    def test_forbidden(self):
        for file, include in (("kernel/base/a.hpp", "kernel/arch/arch.hpp"), ("kernel/objects/a.hpp", "kernel/ipc/b.hpp"),
                              ("kernel/ipc/a.cpp", "kernel/scheduler/b.hpp"), ("kernel/vspace/a.cpp", "kernel/ipc/b.hpp"),
                              ("kernel/objects/a.cpp", "taic/regs.hpp"), ("taic/a.hpp", "kernel/arch/arch.hpp"),
                              ("taic/a.hpp", "kernel/libsel4/a.h"), ("libsel4async/a.cpp", "kernel/caps/cap.hpp"),
                              ("rootserver/a.cpp", "kernel/base/result.hpp"), ("rootserver/a.cpp", "taic/model/m.h"),
                              ("kernel/libsel4/a.h", "kernel/base/b.hpp"), ("tools/qemu/devices/a.c", "taic/regs.hpp")):
            self.assertIn("must not include", self.edge(file, f'"{include}"'), f"{file} -> {include}")

    def test_private_folder(self):
        self.assertIn("is private", self.edge("kernel/ipc/a.cpp", '"kernel/arch/riscv/csr.hpp"'))
        self.assertEqual(self.edge("kernel/arch/arch.hpp", '"kernel/arch/riscv/csr.hpp"'), "")

    def test_decode_is_free_of_commit(self):
        self.assertIn("decode code", self.edge("kernel/syscalls/decode_tcb.cpp", '"kernel/syscalls/commit_tcb.hpp"'))
        self.assertEqual(self.edge("kernel/syscalls/entry.cpp", '"kernel/syscalls/commit_tcb.hpp"'), "")

    def test_short_ways_to_write_an_include(self):
        status, output = self.layers({"kernel/ipc/b.hpp": HEADER, "kernel/caps/a.cpp": '#include "ipc/b.hpp"\n'})
        self.assertIn("caps must not include ipc", output)
        self.assertEqual(status, 1)
        status, output = self.layers({"kernel/caps/a.cpp": '#include "../ipc/b.hpp"\n'})
        self.assertIn("caps must not include ipc", output)

    def test_unknown(self):
        self.assertIn("not found", self.layers({"kernel/ipc/a.cpp": '#include "nowhere.hpp"\n'})[1])
        self.assertIn("not freestanding", self.layers({"kernel/ipc/a.cpp": "#include <string>\n"})[1])
        self.assertIn("belongs to no module", self.layers({"stray/a.cpp": ""})[1])

    def test_empty_tree_fails(self):
        self.assertEqual(self.layers({})[0], 1)


class CoverageTest(TreeTest):
    def invariants(self, expected, broken):
        self.write({"kernel/checks/a.cpp": expected, "tests/host/kernel/checks_a_test.cpp": broken})
        return "\n".join(check_coverage.check_invariants(self.root))

    def test_invariants(self):
        expected = 'report.expect(x, y ? "thread.one" : "thread.two-more", &z);\nprint("a.b c");\n'
        broken = '    {"thread.one", [](Checks&) {}},\n    {"thread.two-more",\n'
        self.assertEqual(self.invariants(expected, broken), "")
        self.assertIn("no test breaks thread.two-more", self.invariants(expected, broken.split("\n")[0] + "\n"))
        self.assertIn("the checker has no thread.three", self.invariants(expected, broken + '    {"thread.three",\n'))

    def test_empty_tree_fails(self):
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(check_coverage.main(self.root), 1)


class StyleTest(TreeTest):
    def test_clean(self):
        self.assertEqual(self.style({"kernel/base/a.hpp": HEADER + "inline int f() {\n    return 1;\n}\n",
                                     "tools/x.py": "def f():\n    return 1\n"}), "")

    def test_lines(self):
        self.assertIn("trailing space", self.style({"a.cpp": "int x; \n"}))
        self.assertIn("no newline", self.style({"a.cpp": "int x;"}))
        self.assertIn("401 lines", self.style({"a.cpp": "int x;\n" * 401}))
        self.assertIn("issue number", self.style({"a.cpp": f"// {TO_DO}: later\n"}))
        self.assertEqual(self.style({"a.cpp": f"// {TO_DO}(#7): later\n"}), "")
        self.assertIn("path of one machine", self.style({"a.cpp": f"// see {'/home'}/me/x\n"}))
        self.assertIn("registry", self.style({"a.cpp": "// pypi" + ".org\n"}))

    def test_headers(self):
        self.assertIn("no #pragma once", self.style({"a.hpp": "// Purpose.\n"}))
        self.assertIn("opens with 0", self.style({"a.hpp": "#pragma once\nint x;\n"}))
        self.assertIn("opens with 11", self.style({"a.hpp": "// x\n" * 11 + "#pragma once\n"}))
        self.assertEqual(self.style({"a.hpp": "#pragma once\n// Purpose.\n"}), "")

    def test_macros(self):
        self.assertIn("macro FOO", self.style({"kernel/ipc/a.cpp": "#define FOO 1\n"}))
        self.assertEqual(self.style({"kernel/ipc/a.cpp": "#define TRY(x) x\n"}), "")

    def test_function_length(self):
        long = "    x();\n" * 60
        for text in (f"void f() {{\n{long}}}\n", f"namespace a {{\nstruct B {{\n    void f() const {{\n{long}    }}\n}};\n}}\n",
                     f'extern "C" void f(int a) {{\n{long}}}\n', f"A::A() : b_{{1}} {{\n{long}}}\n",
                     f"template <class T>\nT f() {{\n    if (a) {{\n{long}    }}\n}}\n"):
            self.assertIn("function of 6", self.style({"a.cpp": text}), text[:30])
        self.assertIn("function of 61", self.style({"a.cpp": "", "b.py": "def f():\n" + "    x()\n" * 60}))

    def test_long_types_are_no_functions(self):
        members = "    int f() { return 1; }\n" * 70
        for head in ("class A final : public B", "namespace a::b", "struct alignas(16) A", "enum class A : int",
                     'extern "C"'):
            self.assertEqual(self.style({"a.cpp": f"{head} {{\n{members}}}\n"}), "", head)

    def test_braces_in_text_do_not_count(self):
        self.assertEqual(self.style({"a.cpp": "void f() {\n    p(\"{\", '{'); // {\n}\n" + "int x;\n" * 70}), "")

    def test_kernel_budgets(self):
        self.assertIn("251 lines of assembly", self.style({"kernel/arch/a.S": "    nop\n" * 251}))
        self.assertEqual(self.style({"kernel/arch/a.S": "# why\n\n    nop\n" * 125}), "")
        code = "int x;\n" * 390
        self.assertIn("1 #if in", self.style({"kernel/base/a.cpp": code + "#if A\n#endif\n"}))
        self.assertEqual(self.style({f"kernel/base/{n}.cpp": code for n in "bcd"}), "")

    def test_subjects(self):
        for subject in ("kernel/ipc: Check badge before transfer", "build: Add presets", "taic: Xy z"):
            self.assertIsNone(check_style.check_subject(subject))
        for subject in ("Add presets", "kernel: add badge", "kernel: Add badge.", "kernel: " + "A" * 65, "Kernel: Add",
                        "kernel:Add"):
            self.assertIsNotNone(check_style.check_subject(subject), subject)

    def test_subject_of_the_last_commit(self):
        identity = ["-c", "user.name=t", "-c", "user.email=t@t"]
        for subject, count in (("bad subject", 1), ("area: Good subject", 0)):
            subprocess.run(["git", "-C", str(self.root), *identity, "commit", "-q", "--allow-empty", "-m", subject],
                           check=True)
            self.assertEqual(len(check_style.check_commits(self.root, ["-1"])), count)


class CompilingChecksTest(TreeTest):
    def test_format(self):
        shutil.copy(SOURCE / ".clang-format", self.root)
        for text, status in (("int* p;\n", 0), ("int *p ;\n", 1)):
            self.write({"a.cpp": text})
            with contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(check_format.main(self.root), status)

    def test_header_alone(self):
        self.write({"a.hpp": "#include <cstdint>\ninline std::uint8_t x;\n", "b.hpp": "inline Missing x;\n",
                    "c.h": "namespace n {}\n"})
        commands = {Path("x.cpp"): ["ccache", "g++", "-std=c++20", "-MD", "-MF", "x.d", "-o", "x.o", "-c", "x.cpp"]}
        commands = {path: arguments[1:] for path, arguments in commands.items()}
        self.assertIsNone(check_headers.check(self.root / "a.hpp", [commands]))
        self.assertIn("does not compile", check_headers.check(self.root / "b.hpp", [commands]))
        self.assertIn("as c\n", check_headers.check(self.root / "c.h", [commands]))

    def test_nearest_command(self):
        builds = [{Path("kernel/ipc/a.cpp"): 1, Path("kernel/base/b.cpp"): 2}, {Path("taic/c.cpp"): 3,
                  Path("kernel/base/b.cpp"): 4}]
        self.assertEqual(check_headers.nearest(Path("kernel/base/x.hpp"), builds), 2)
        self.assertEqual(check_headers.nearest(Path("taic/model/x.h"), builds), 3)

    def test_tidy_and_its_cache(self):
        shutil.copy(SOURCE / ".clang-tidy", self.root)
        self.write({"good.cpp": "int f(int a) { return a; }\n", "bad.cpp": "int BadName(int a) { return a; }\n",
                    "broken.cpp": "#include \"nowhere.hpp\"\n"})
        folder = self.root / "cache"
        folder.mkdir()
        arguments = check_tidy.clang_arguments(["/usr/bin/ccache", "g++", "-std=c++20", "-Wlogical-op", "-c", "x.cpp"])
        self.assertEqual(arguments[0], "-std=c++20")
        self.assertIsNone(check_tidy.check(self.root / "good.cpp", arguments, folder))
        self.assertEqual(len(list(folder.iterdir())), 1)
        for _ in range(2):
            self.assertIn("bad_name", check_tidy.check(self.root / "bad.cpp", arguments, folder))
            self.assertIn("nowhere", check_tidy.check(self.root / "broken.cpp", arguments, folder))
        self.assertEqual(len(list(folder.iterdir())), 1)

    def image(self, source, *options):
        self.write({"a.cpp": source})
        subprocess.run(["g++", "-nostdlib", "-ffreestanding", "-o", self.root / "a.elf", self.root / "a.cpp", *options],
                       check=True)
        return "\n".join(check_image.check(self.root / "a.elf"))

    def test_image(self):
        plain = 'extern "C" void _start() {}\nint data = 1;\n'
        static = ("-static", "-no-pie")
        self.assertEqual(self.image(plain, *static), "")
        self.assertIn(".init_array", self.image(plain + "int f(); int x = f(); int f() { return data; }\n", *static))
        self.assertIn(".tdata", self.image(plain + "thread_local int t = 1; int f() { return t; }\n", *static))
        self.assertIn(".dynamic", self.image(plain, "-pie", "-fPIE"))
        self.assertIn("writable and executable", self.image(plain, *static, "-Wl,-N", "-Wl,--no-warn-rwx-segments"))
        constants = "extern const int table[64]; const int table[64] = {1, 2};\n"
        self.assertEqual(self.image(plain + constants, *static), "")
        self.assertIn(".rodata", self.image(plain + constants, *static, "-Wl,-N", "-Wl,--no-warn-rwx-segments"))
        place = 'extern const char place[]; const char place[] = '
        self.assertEqual(self.image(plain + place + "__FILE_NAME__;\n", *static), "")
        self.assertIn("/a.cpp", self.image(plain + place + "__FILE__;\n", *static))
        self.assertIn("not built", "".join(check_image.check(self.root / "none.elf")))

    def test_nothing_to_look_at_fails(self):
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(check_common.report("x", [], 0), 1)


class QuoteTest(unittest.TestCase):
    """What a README quotes as a program is that file, which the tests build and run."""

    def test_libsel4async(self):
        text = (SOURCE / "libsel4async/README.md").read_text()
        quotes = re.findall(r"^`(\S+\.cpp)`\n\n```cpp\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        examples = sorted(path.name for path in (SOURCE / "rootserver/examples").glob("*.cpp"))
        quoted = [Path(name).name for name, _ in quotes]
        self.assertEqual(sorted(quoted + ["program.cpp"]), examples, "each example is quoted")
        rows = (SOURCE / "tests/guest.toml").read_text()
        for name, quote in quotes:
            self.assertEqual(quote, (SOURCE / name).read_text(), name)
            self.assertIn(f"rootserver/{Path(name).stem}.elf", rows, "and booted")


if __name__ == "__main__":
    unittest.main()
