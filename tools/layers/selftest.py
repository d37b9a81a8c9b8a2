"""Tests of the check with small trees: each fault has to be found, and nothing else."""

import tempfile
from pathlib import Path

FOLDERS = ["policy", "observe", "exchange", "balance", "upstream", "listener", "connection", "tcp", "http", "runtime"]
FOLDERS += ["commands", "config"]

# The files of an engine without circles and upward imports.
CLEAN = {
    "lib.rs": "".join(f"mod {name};" for name in [*FOLDERS, "sys"]) + "pub use runtime::Engine; #[cfg(test)] mod tests;",
    "tests.rs": "use crate::config::Section; fn test() { crate::runtime::run(); }",
    "sys.rs": "pub fn call() {}",
    "policy/mod.rs": "mod limits; pub use limits::Limits;",
    # Comments, strings and tests import nothing.
    "policy/limits.rs": """
        //! See [`crate::runtime::Engine`]. /* crate::runtime */
        pub struct Limits; /* /* nested */ use crate::runtime::Engine; */
        const TEXT: &str = "crate::runtime::run()"; const RAW: &[u8] = br#"crate::runtime::run() " "#; const QUOTE: char = '"';
        impl Limits { #[cfg(test)] fn test(&self) { crate::runtime::run(); } fn life<'a>(&'a self) {} }
        #[cfg(test)]
        mod tests { use crate::runtime::Engine; }
    """,
    "observe/mod.rs": "use crate::policy::{self, Limits as Bounds}; pub fn look(_: Bounds, _: policy::Limits) {}",
    "exchange/mod.rs": "pub trait Front {}",
    "balance/mod.rs": "",
    # A module and its descendants may name each other.
    "upstream/mod.rs": "mod pool; pub struct Upstream(pool::Pool); pub use pool::{Key, Pool};",
    "upstream/pool.rs": "use super::Upstream; pub struct Pool(Option<Box<Upstream>>); pub struct Key;",
    "listener/mod.rs": "",
    "connection/mod.rs": "use crate::upstream::Pool; pub fn serve(_: Pool) {}",
    "tcp/mod.rs": "",
    "http/mod.rs": "fn run() { crate::connection::serve(todo!()) }",
    "runtime/mod.rs": "pub struct Engine; pub fn run() { crate::sys::call() }",
    "commands/mod.rs": "",
    "config/mod.rs": "pub struct Section;",
}

# Changes to the tree, and what the check has to report.
FAULTS = [
    ("an import with use", {"policy/mod.rs": "use crate::runtime::Engine;"}, ["mod.rs:1: policy imports runtime"]),
    ("a path in code", {"tcp/mod.rs": "\nfn f() { crate::config::f() }"}, ["mod.rs:2: tcp imports config"]),
    ("super, braces and a new name", {"tcp/mod.rs": "use super::{http as web, sys}; fn f() { web::f() }"}, ["tcp imports http"]),
    ("a re-export of the root", {"policy/mod.rs": "use crate::Engine;"}, ["policy imports runtime: crate::Engine"]),
    ("a re-export upwards", {"balance/mod.rs": "pub use crate::upstream::Pool;"}, ["balance imports upstream"]),
    ("system calls that import something", {"sys.rs": "use crate::policy::Limits;"}, ["sys imports policy"]),
    (
        "a file in no folder",
        {"lib.rs": CLEAN["lib.rs"] + "mod stray;", "stray.rs": ""},
        ["stray.rs:1: is in no folder"],
    ),
    (
        "two files, one of them seen through a module that re-exports it",
        {
            "upstream/mod.rs": "mod one; mod two; pub use one::One; pub use two::*; pub struct Pool;",
            "upstream/one.rs": "use crate::upstream::Two; pub struct One(Two);",
            "upstream/two.rs": "use super::*;\n pub struct Two(Box<One>);",
        },
        ["2 files import each other", "one.rs:1 imports crate::upstream::Two", "two.rs:1 imports super::One"],
    ),
    (
        "three files, through a path, a module inside a file and a macro",
        {
            "upstream/mod.rs": "mod one; mod two; mod three; pub struct Pool;",
            "upstream/one.rs": "pub struct One; mod inner { use super::super::two; fn f() { two::two() } }",
            "upstream/two.rs": "bitflags! { pub struct Two: u8 {} }\n pub fn two() { super::three::Three::new() }",
            "upstream/three.rs": "use self::inside::One; mod inside { pub(super) use crate::upstream::one::One; } pub struct Three(One);",
        },
        ["3 files import each other", "one.rs:1", "two.rs:2", "three.rs:1"],
    ),
]


def run(check) -> int:
    """Runs a check on all trees and returns the exit code."""
    failed = 0
    for name, changes, expected in [("nothing", {}, []), *FAULTS]:
        with tempfile.TemporaryDirectory() as folder:
            workspace = Path(folder)
            write(workspace, CLEAN | changes)
            wrong, notes, _ = check(workspace)
        reported = "\n".join(wrong)
        missed = [text for text in expected if text not in reported]
        if notes or missed or len(wrong) != (1 if expected else 0):
            failed += 1
            print(f"layers: self-test '{name}' expected {expected} and nothing else, found:\n{reported}\n{notes}")
    print(f"layers: self-test of {len(FAULTS) + 1} trees, {failed} failed")
    return 1 if failed else 0


def write(workspace: Path, files: dict[str, str]):
    """Makes a workspace of one crate."""
    (workspace / "Cargo.toml").write_text('[workspace]\nmembers = ["proxy-engine"]\n')
    for name, text in files.items():
        file = workspace / "proxy-engine" / "src" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
