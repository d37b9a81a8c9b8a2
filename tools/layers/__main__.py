"""Checks the import order inside the crates: `python3 tools/layers`, or `just layers`.

* The folders of `proxy-engine` import downwards only (folders.py has the table).
* Files of a crate do not import each other in circles. A module and its own descendants may; re-exports, tests and
  links in documentation do not count. Methods of a value need no import, so the file that defines them is not seen.

Each violation is printed with its place, and the exit code is 1. `--self-test` runs the check on small trees that
break both rules.
"""

import os
import sys
import tomllib
from pathlib import Path

import selftest
from circles import circles
from folders import upward
from imports import Resolver
from modules import Crate

ENGINE = "proxy-engine"


def crates(workspace: Path) -> list[Crate]:
    """The crates of a workspace: libraries and programs."""
    members = tomllib.loads((workspace / "Cargo.toml").read_text())["workspace"]["members"]
    folders = sorted(folder for member in members for folder in workspace.glob(member) if folder.is_dir())
    found = []
    for member in (str(folder.relative_to(workspace)) for folder in folders):
        source = workspace / member / "src"
        roots = [source / "lib.rs", source / "main.rs", *sorted(source.glob("bin/*.rs"))]
        found += [Crate(member, root) for root in roots if root.is_file()]
    return found


def check(workspace: Path) -> tuple[list[str], list[str], int]:
    """The violations of a workspace, notes about it, and the number of imports checked."""
    wrong, notes, count = [], [], 0
    for crate in crates(workspace):
        imports = Resolver(crate).imports()
        count += len(imports)
        if crate.name == ENGINE:
            upwards, about = upward(crate, imports)
            wrong += upwards
            notes += about
        for circle in circles(crate, imports):
            chain = "".join(f"\n    {entry.source}:{entry.line} imports {entry.name} ({entry.target})" for entry in circle)
            wrong.append(f"{circle[0].source}:{circle[0].line}: {len(circle)} files import each other in a circle{chain}")
    return wrong, notes, count


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return selftest.run(check)
    if sys.argv[1:]:
        print("usage: layers [--self-test]", file=sys.stderr)
        return 2
    os.chdir(Path(__file__).parents[2])
    wrong, notes, count = check(Path("."))
    for line in [*notes, *wrong]:
        print(line)
    print(f"layers: {count} imports, {len(wrong)} violations")
    # Without imports nothing was checked.
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
