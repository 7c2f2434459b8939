#!/usr/bin/env python3
"""Compares what each module includes with what src/CMakeLists.txt says that it depends on.

Fails when a module includes another that its DEPENDS does not name, when DEPENDS names one that it does not include, or
when DEPENDS names one that is declared further down: the order of the declarations is the architecture.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def declared(text):
    """Module to the modules that its DEPENDS names, in the order of the declarations."""
    modules = {}
    for name, rest in re.findall(r"^pgwraith_module\((\w+)([^)]*)\)", text, re.MULTILINE):
        depends = re.search(r"DEPENDS([a-z_\s]*)", rest)
        modules[name] = depends.group(1).split() if depends else []
    cli = re.search(r"target_link_libraries\(pgwraith PRIVATE([^)]*)\)", text).group(1)
    modules["cli"] = re.findall(r"\bpgwraith_(\w+)", cli)
    return modules


def included(module):
    """The other modules whose headers this one includes, each with one file that does."""
    found = {}
    for folder in (ROOT / "src" / module, ROOT / "include/pgwraith" / module):
        for path in sorted(folder.rglob("*")):
            if path.suffix not in (".h", ".cpp"):
                continue
            for other in re.findall(r'#include "pgwraith/(\w+)/', path.read_text(encoding="utf-8")):
                if other != module:
                    found.setdefault(other, path.relative_to(ROOT))
    return found


def problems(modules):
    names = list(modules)
    for name, depends in modules.items():
        used = included(name)
        for other, path in used.items():
            if other not in depends:
                yield f"{path} includes {other}, which DEPENDS of {name} does not name"
        for other in depends:
            if other not in used:
                yield f"DEPENDS of {name} names {other}, of which it includes nothing"
            if names.index(other) > names.index(name):
                yield f"{name} depends on {other}, which is declared below it"


def main():
    found = list(problems(declared((ROOT / "src/CMakeLists.txt").read_text(encoding="utf-8"))))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
