"""Reads the list: TOML files with a table for each mutant.

    [[mutant]]
    name = "unix-shutdown-closes-both"
    kind = "half-close"
    [[mutant.edit]]
    file = "proto-unix/src/stream.rs"
    text = '''the original text, which must be there exactly once'''
    replacement = '''the text that replaces it'''
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

# With fewer mutants of a kind its result would mean little.
LEAST_OF_A_KIND = 3


class ListError(Exception):
    """An error in the list, which may no longer fit the code."""


@dataclass(frozen=True)
class Edit:
    """One replacement."""

    file: str
    text: str
    replacement: str


@dataclass(frozen=True)
class Mutant:
    """One planted bug."""

    name: str
    kind: str
    edits: tuple[Edit, ...]

    @property
    def crate(self) -> str:
        """The directory of its crate."""
        return self.edits[0].file.split("/src/")[0]


def read(directory: Path) -> list[Mutant]:
    """All mutants, in the order of the files."""
    mutants = []
    for path in sorted(directory.glob("*.toml")):
        try:
            tables = tomllib.loads(path.read_text())["mutant"]
            mutants += [
                Mutant(table["name"], table["kind"], tuple(Edit(**edit) for edit in table["edit"])) for table in tables
            ]
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise ListError(f"{path}: {error}") from error
    check(mutants)
    return mutants


def check(mutants: list[Mutant]) -> None:
    """Raises ListError unless names are unique, each mutant changes one crate, and there are enough of each kind."""
    names = [mutant.name for mutant in mutants]
    for name in names:
        if names.count(name) > 1:
            raise ListError(f"two mutants have the name {name}")
    for mutant in mutants:
        if any(not edit.file.startswith(f"{mutant.crate}/src/") for edit in mutant.edits):
            raise ListError(f"{mutant.name} changes more than the crate {mutant.crate}")
    found = [mutant.kind for mutant in mutants]
    for kind in set(found):
        if found.count(kind) < LEAST_OF_A_KIND:
            raise ListError(f"only {found.count(kind)} mutants of the kind '{kind}'")
