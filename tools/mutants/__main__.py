"""Measures the conformance suite by planted bugs: `python3 tools/mutants [FILTER]`, or `just mutants [FILTER]`.

Each mutant of `list/` is a change to a transport of this repository that breaks one promise of the traits. It is
applied to a copy of the crate in a temporary directory, the crate's conformance test is built and run there, and the
suite has to fail. FILTER selects mutants whose name or kind contains it.

A mutant that does not compile, or whose text is not in its file exactly once, is an error of the list and no kill; so
is a test that fails without any change. The exit code is 1 on such errors and when fewer than 90 of 100 mutants are
killed. The work tree is only read.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from listed import Mutant, ListError, read
from workspace import Workspace

LIST = Path(__file__).parent / "list"
ROOT = Path(__file__).parents[2]

# Percent.
WANTED = 90


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="mutants", description="Measures the conformance suite by planted bugs.")
    parser.add_argument("filter", nargs="?", default="", help="only mutants whose name or kind contains this")
    parser.add_argument("--jobs", type=int, default=0, help="as cargo's; its default without")
    parser.add_argument("--target", type=Path, help="a target directory that is kept, to build less the next time")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    parser.add_argument("--baseline", action="store_true", help="only run the tests of the crates without any change")
    return parser.parse_args()


def show(mutant: Mutant, outcome: str) -> None:
    """One line of the table."""
    print(f"{mutant.name:<38} {mutant.kind:<16} {outcome}", flush=True)


def kinds(mutants: list[Mutant], survivors: list[Mutant]) -> list[str]:
    """How many of each kind were killed."""
    lines = []
    for kind in sorted({mutant.kind for mutant in mutants}):
        of_kind = [mutant for mutant in mutants if mutant.kind == kind]
        alive = [mutant for mutant in survivors if mutant.kind == kind]
        lines.append(f"  {kind:<16} {len(of_kind) - len(alive)} of {len(of_kind)}")
    return lines


def run(mutants: list[Mutant], workspace: Workspace, baseline: bool) -> int:
    """Runs the mutants, the most alike after each other, and prints the table."""
    for crate in sorted({mutant.crate for mutant in mutants}):
        if outcome := workspace.test(crate):
            print(f"{crate}: the suite fails without any change: {outcome}", file=sys.stderr)
            return 1
        print(f"{crate}: the suite passes without any change, in {workspace.seconds:.1f} s", flush=True)
    if baseline:
        return 0
    survivors, errors = [], []
    for mutant in mutants:
        try:
            with workspace.changed(mutant):
                outcome = workspace.test(mutant.crate)
        except ListError as error:
            errors.append(f"{mutant.name}: {error}")
            show(mutant, "ERROR OF THE LIST")
            continue
        if not outcome:
            survivors.append(mutant)
        show(mutant, f"killed by {outcome}" if outcome else "SURVIVED")
    for line in errors:
        print(line, file=sys.stderr)
    tried = len(mutants) - len(errors)
    killed = tried - len(survivors)
    rate = 100 * killed / tried if tried else 0
    print("\n".join(kinds(mutants, survivors)))
    if survivors:
        print("survivors: " + ", ".join(mutant.name for mutant in survivors))
    print(f"mutants: {killed} of {tried} killed ({rate:.0f} %), {len(errors)} errors of the list")
    return 1 if errors or rate < WANTED else 0


def main() -> int:
    asked = arguments()
    try:
        mutants = [mutant for mutant in read(LIST) if asked.filter in mutant.name or asked.filter in mutant.kind]
    except ListError as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 1
    if not mutants:
        print(f"mutants: none is called like '{asked.filter}'", file=sys.stderr)
        return 1
    if asked.list:
        for mutant in mutants:
            show(mutant, mutant.crate)
        print("\n".join(kinds(mutants, mutants)))
        return 0
    # The directory and a test that runs go with this process, however it ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="braid-mutants-") as directory:
        workspace = Workspace(ROOT, Path(directory), asked.target, asked.jobs)
        return run(mutants, workspace, asked.baseline)


if __name__ == "__main__":
    sys.exit(main())
