"""The folders of the engine, and the folders that each may import."""

from pathlib import Path

from imports import Import
from modules import Crate

CONNECTION = {"policy", "observe", "balance", "exchange", "upstream", "listener"}
LOWER = CONNECTION | {"connection", "tcp", "http"}

# A folder may import itself and these.
MAY_IMPORT = {
    "policy": set(),
    "observe": {"policy"},
    "exchange": {"policy", "observe"},
    "balance": {"policy"},
    "upstream": {"policy", "observe", "balance", "exchange"},
    "listener": {"policy", "observe"},
    "connection": CONNECTION,
    "tcp": CONNECTION | {"connection"},
    "http": CONNECTION | {"connection"},
    "runtime": LOWER | {"commands"},
    "commands": LOWER | {"runtime"},
    "config": LOWER,
}

# System calls are below everything, and import nothing of the engine.
GROUND = "sys"
# The files that export the crate's items, and its tests.
EXEMPT = {"lib", "main", "tests"}


def upward(crate: Crate, imports: list[Import]) -> tuple[list[str], list[str]]:
    """The imports that go upwards, and notes about what cannot be checked because its folder does not exist."""
    base = crate.root_file.parent
    files = {module.file for module in crate.modules()}
    present = {folder(base, file) for file in files}
    missing = [name for name in MAY_IMPORT if name not in present]
    strays = sorted(file for file in files if folder(base, file) not in {*MAY_IMPORT, *EXEMPT, GROUND})
    wrong = []
    for entry in imports:
        source, target = folder(base, entry.source), folder(base, entry.target)
        if source == target or target == GROUND or source in EXEMPT or target in EXEMPT:
            continue
        if target not in MAY_IMPORT or (source != GROUND and source not in MAY_IMPORT):
            continue
        if target not in MAY_IMPORT.get(source, set()):
            wrong.append(f"{entry.source}:{entry.line}: {source} imports {target}: {entry.name} ({entry.target})")
    notes = []
    if missing:
        # While the crate is being sorted into folders, those that exist are checked already.
        notes.append(f"{crate.name}: folders that do not exist yet are not checked: {', '.join(missing)}")
        notes.append(f"{crate.name}: {len(strays)} files outside of the folders of the table are not checked")
    else:
        wrong += [f"{file}:1: is in no folder of the table" for file in strays]
    return wrong, notes


def folder(base: Path, file: Path) -> str:
    """The folder of the crate that contains a file; the file's own name if it is beside them."""
    return file.relative_to(base).parts[0].removesuffix(".rs")
