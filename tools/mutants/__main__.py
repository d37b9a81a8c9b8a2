"""Measures the conformance suite with planted bugs: `python3 tools/mutants [FILTER]`, or `just mutants [FILTER]`.

Each mutant in `list/` is a change to a transport of this repository that breaks one promise of the traits. It is
applied to a copy of the crate in a temporary directory, where the crate's conformance test is built and run, and the
suite has to fail. FILTER selects mutants whose name or kind contains it.

A mutant that does not compile, or whose text is not in its file exactly once, is an error in the list and not a kill;
so is a test that fails without any change. The exit code is 1 after such errors, and if fewer than 90 of 100 mutants
are killed. The work tree is only read.
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

# The least share of mutants that must be killed, in percent.
WANTED = 90


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="mutants", description="Measures the conformance suite with planted bugs.")
    parser.add_argument("filter", nargs="?", default="", help="only mutants whose name or kind contains this")
    parser.add_argument("--jobs", type=int, default=0, help="as for cargo; cargo's default if left out")
    parser.add_argument("--target", type=Path, help="a target directory to keep, so that the next run builds less")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    parser.add_argument("--baseline", action="store_true", help="only run the tests of the crates without any change")
    return parser.parse_args()


def show(mutant: Mutant, outcome: str) -> None:
    """Prints one line of the table."""
    print(f"{mutant.name:<38} {mutant.kind:<16} {outcome}", flush=True)


def kinds(mutants: list[Mutant], survivors: list[Mutant]) -> list[str]:
    """The number of killed mutants of each kind."""
    lines = []
    for kind in sorted({mutant.kind for mutant in mutants}):
        of_kind = [mutant for mutant in mutants if mutant.kind == kind]
        alive = [mutant for mutant in survivors if mutant.kind == kind]
        lines.append(f"  {kind:<16} {len(of_kind) - len(alive)} of {len(of_kind)}")
    return lines


def run(mutants: list[Mutant], workspace: Workspace, baseline: bool) -> int:
    """Runs the mutants in the order of the list, so that similar ones follow each other, and prints the table."""
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
            show(mutant, "ERROR IN THE LIST")
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
    print(f"mutants: {killed} of {tried} killed ({rate:.0f} %), {len(errors)} errors in the list")
    return 1 if errors or rate < WANTED else 0


def main() -> int:
    asked = arguments()
    try:
        mutants = [mutant for mutant in read(LIST) if asked.filter in mutant.name or asked.filter in mutant.kind]
    except ListError as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 1
    if not mutants:
        print(f"mutants: no name or kind contains '{asked.filter}'", file=sys.stderr)
        return 1
    if asked.list:
        for mutant in mutants:
            show(mutant, mutant.crate)
        print("\n".join(kinds(mutants, mutants)))
        return 0
    # The directory, and a test that is running, are removed with this process, however it ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="braid-mutants-") as directory:
        workspace = Workspace(ROOT, Path(directory), asked.target, asked.jobs)
        return run(mutants, workspace, asked.baseline)


if __name__ == "__main__":
    sys.exit(main())
