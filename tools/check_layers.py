#!/usr/bin/env python3
"""Include edges between our modules follow the tables below; every other edge is an error."""

import re
import sys
from pathlib import Path

import check_common

# A module may include itself and what stands left of it. Those of a tuple do not include each other.
KERNEL_LINE = ["libsel4", "base", "arch", "smp", "caps", "objects", ("vspace", "scheduler", "ipc"), "lifetime",
               "syscalls", "async", "checks", "trap", "boot"]

# Folder of each module; the longest match counts.
FOLDERS = {
    **{f"kernel/{name}": name for group in KERNEL_LINE for name in ([group] if isinstance(group, str) else group)},
    "taic": "taic",
    "uintr": "uintr",
    "libsel4async": "libsel4async",
    "rootserver": "rootserver",
    "tests": "tests",
    "toolchains": "toolchains",
    "tools/qemu": "qemu",
    "tools/rocket": "rocket",
}

# Edges besides the line. A name that contains '/' is one file, or one folder if it ends on '/'.
EXTRA = {
    "arch": {"kernel/smp/hart.hpp", "taic", "uintr/regs.hpp"},
    "async": {"taic", "uintr"},
    "syscalls": {"uintr/regs.hpp"},
    "boot": {"taic"},
    "taic": {"base"},
    "uintr": {"base"},
    "libsel4async": {"libsel4", "base", "taic", "uintr"},
    "rootserver": {"libsel4", "libsel4async", "taic/regs.hpp", "taic/driver.hpp", "taic/mmio_bus.hpp", "taic/reuse.hpp",
                   "tools/rocket/mark.hpp"},
    "tests": set(FOLDERS.values()),
    "toolchains": set(),
    "qemu": {"taic/model/", "uintr/model/", "uintr/regs.hpp", "tools/rocket/mark.hpp"},
    "rocket": {"taic/model/", "taic/regs.hpp"},
}

# Folders that only their own module and the tests reach into, with the way in.
PRIVATE = {"kernel/arch/riscv/": "kernel/arch/arch.hpp"}

# Where an include is looked for, after the folder of the file itself.
INCLUDE_ROOTS = ["", "kernel/libsel4/include", "libsel4async/include", "kernel"]
# Headers that the build generates: prefix of the include -> module.
GENERATED = {"sel4/": "libsel4", "api/": "libsel4", "sel4async/": "libsel4async"}
# Modules that are compiled inside another project's tree.
FOREIGN = {"qemu"}

# Standard headers for code that runs without an operating system. Tests may use all.
FREESTANDING_MODULES = set(FOLDERS.values()) - {"tests", "qemu", "rocket"}
FREESTANDING = set("""algorithm array atomic bit charconv compare concepts coroutine cstdarg cstddef cstdint functional
    initializer_list iterator limits memory new numeric optional ranges source_location span string_view tuple
    type_traits utility variant version stdarg.h stdbool.h stddef.h stdint.h""".split())

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.M)


def kernel_edges():
    edges, left = {}, set()
    for group in KERNEL_LINE:
        names = {group} if isinstance(group, str) else set(group)
        for name in names:
            edges[name] = left | {name}
        left = left | names
    return edges


def allowed_edges():
    edges = kernel_edges()
    for module, more in EXTRA.items():
        edges[module] = edges.get(module, {module}) | more
    return edges


def module_of(path):
    """The module a file belongs to, or None."""
    for folder in [path.as_posix(), *(parent.as_posix() for parent in path.parents)]:
        if folder in FOLDERS:
            return FOLDERS[folder]
    return None


def resolve(path, include, root):
    """(module, file or None) that an include means; (None, None) if it is none of ours."""
    for folder in [path.parent, *map(Path, INCLUDE_ROOTS)]:
        target = root / folder / include
        if target.is_file():
            target = Path(target.resolve()).relative_to(root)
            return module_of(target), target
    for prefix, module in GENERATED.items():
        if include.startswith(prefix):
            return module, None
    return None, None


def permitted(module, target_module, target, edges):
    allowed = edges[module]
    if target_module in allowed:
        return True
    name = target.as_posix() if target else ""
    return any("/" in entry and (name == entry or entry.endswith("/") and name.startswith(entry)) for entry in allowed)


def check_include(path, module, include, angled, root, edges):
    """The objection to one include, or None."""
    target_module, target = resolve(path, include, root)
    if target is None and target_module is None:
        if module in FOREIGN:
            return None
        if not angled:
            return f'"{include}" is not found in the tree'
        if module in FREESTANDING_MODULES and include not in FREESTANDING:
            return f"<{include}> is not freestanding"
        return None
    if target_module is None:
        return f"{target} belongs to no module"
    if not permitted(module, target_module, target, edges):
        return f"{module} must not include {target_module} ({include})"
    if path.name.startswith("decode_") and Path(include).name.startswith("commit_"):
        return f"decode code must not include {include}"
    for folder, entrance in PRIVATE.items():
        if target and target.as_posix().startswith(folder) and module not in (module_of(Path(folder)), "tests"):
            return f"{target} is private, include {entrance}"
    return None


def check_file(path, root, edges):
    module = module_of(path)
    if module is None:
        return [f"{path}:1: belongs to no module"]
    text = (root / path).read_text()
    findings = []
    for match in INCLUDE.finditer(text):
        objection = check_include(path, module, match[1] or match[2], match[2] is not None, root, edges)
        if objection:
            line = text.count("\n", 0, match.start()) + 1
            findings.append(f"{path}:{line}: {objection}")
    return findings


def main(root=check_common.SOURCE, folders=()):
    edges = allowed_edges()
    paths = [path for path in check_common.chosen(check_common.our_files(root), folders)
             if path.suffix in check_common.CXX | {".S"}]
    findings = [finding for path in paths for finding in check_file(path, root, edges)]
    return check_common.report("layers", findings, len(paths))


if __name__ == "__main__":
    sys.exit(main(folders=sys.argv[1:]))
