#!/usr/bin/env python3
"""Prints deb-src sources, in deb822 form, for the deb sources of this Debian release.

  deb_src.py /etc/apt bookworm

Reads sources.list and sources.list.d in both formats and keeps how each source is signed.
Sources of other suites (third parties) are left out. Fails if nothing is left.
"""

import re
import sys
from pathlib import Path


def suits(suite, codename):
    return re.fullmatch(re.escape(codename) + r"(-updates|-security|/updates)?", suite.rstrip("/"))


def from_deb822(text, codename):
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line for line in paragraph.splitlines() if not line.startswith("#")]
        fields = {}
        key = None
        for line in lines:
            if line[:1].isspace() and key:
                fields[key] += "\n" + line
            elif ":" in line:
                key, value = line.split(":", 1)
                key = key.strip().lower()
                fields[key] = value.strip()
        suites = [suite for suite in fields.get("suites", "").split() if suits(suite, codename)]
        disabled = fields.get("enabled", "yes").lower() in ("no", "false", "0")
        if "deb" not in fields.get("types", "").split() or not suites or disabled:
            continue
        yield {**fields, "types": "deb-src", "suites": " ".join(suites)}


def from_one_line(text, codename):
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)\s+([^#]+)", line)
        if not match or not suits(match[3], codename):
            continue
        options = dict(option.split("=", 1) for option in (match[1] or "").split() if "=" in option)
        fields = {"types": "deb-src", "uris": match[2], "suites": match[3], "components": match[4].strip()}
        for name in ("signed-by", "trusted", "check-valid-until"):
            if name in options:
                fields[name] = options[name]
        yield fields


def main():
    folder, codename = Path(sys.argv[1]), sys.argv[2]
    found = []
    listed = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for path in listed:
        if path.suffix == ".sources":
            found += from_deb822(path.read_text(), codename)
        elif path.suffix == ".list" and path.exists():
            found += from_one_line(path.read_text(), codename)
    for fields in found:
        fields.pop("architectures", None)
        print("\n".join(f"{name.title()}: {value}" for name, value in fields.items()), end="\n\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
