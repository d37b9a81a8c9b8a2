"""Makes a new crate to start from: `just new-transport NAME`, `just new-layer NAME`.

The crate is a copy of a module of the guide under another name: it compiles, registers and passes the conformance suite
from the start, and can then be changed a file at a time. A transport starts as `room@` of tests/tutorial, with an address
family and sockets of its own; a layer as `pack+`, with a handshake, a filter, a keyword and samples.

`--self-test` makes one of each in a separate workspace, and runs their tests.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MANIFEST = """[package]
name = "{crate}"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[lints]
workspace = true

[dependencies]
{dependencies}

[dev-dependencies]
proto-core = {{ workspace = true, features = ["conformance"] }}
"""

TRANSPORT = """

inventory::submit! {{
    Registration {{
        protocols: &[{name}],
        prefixes: &[PREFIX],
        families: &[ENTRY],
        ..Registration::new(env!("CARGO_PKG_NAME"))
    }}
}}

/// Returns the transport.
pub fn {name}() -> Arc<dyn Protocol> {{
    Arc::new({title}Transport)
}}
"""

LAYER = """

inventory::submit! {{
    Registration {{
        layers: &[ENTRY],
        keywords: &[KEYWORD],
        samples: &[SAMPLE, SERVER_SAMPLE],
        ..Registration::new(env!("CARGO_PKG_NAME"))
    }}
}}

/// Returns the layer of a line with default settings.
pub fn {name}() -> Arc<dyn Layer> {{
    Arc::new({title}::with(&Settings::default()))
}}
"""

TRANSPORT_TESTS = """//! The conformance suite of the transport.

use proto_core::address::{{Address, OtherAddress}};
use proto_core::conformance::{{Subject, Trait, suite}};

fn address(host: String) -> Address {{
    Address::Other(OtherAddress::new({package}::FAMILY, host))
}}

fn {name}() -> Subject {{
    Subject::new({package}::{name}(), || address(format!("conformance-{{}}/0", std::process::id())))
        .nobody_at(address("unbound/1".to_owned()))
        .without(Trait::Reset, "a UNIX socket has no reset")
        .without(Trait::Suspend, "a UNIX socket that listens cannot stop and listen again")
        .without(Trait::BlackHole, "a UNIX socket with a full backlog refuses at once")
}}

suite!({name});
"""

LAYER_TESTS = """//! The conformance suite of the layer.

use proto_core::conformance::{{LayerSubject, layer_suite}};

fn {name}() -> LayerSubject {{
    LayerSubject::new({package}::{name}())
}}

layer_suite!({name});
"""

KINDS = {
    "transport": {
        "folder": "room",
        "word": "room",
        "code": TRANSPORT,
        "tests": TRANSPORT_TESTS,
        "address": "{name}@lobby/7",
    },
    "layer": {
        "folder": "packed",
        "word": "pack",
        "code": LAYER,
        "tests": LAYER_TESTS,
        "address": "{name}+tcp@127.0.0.1:80",
    },
}


def renamed(text: str, word: str, name: str) -> str:
    """Renames the guide's code. In comments only the words in backquotes change."""
    code = re.compile(r"(?P<comment>//[^\n]*)|(?P<code>(?:(?!//)[^\n])+)")
    quoted = re.compile(r"`[^`]*`")

    def line(found: re.Match) -> str:
        if found["code"] is not None:
            return identifiers(found["code"], word, name)
        return quoted.sub(lambda quote: identifiers(quote.group(), word, name), found["comment"])

    return code.sub(line, text)


def identifiers(text: str, word: str, name: str) -> str:
    title = name.capitalize()
    text = re.sub(rf"\b{word.capitalize()}(?=[A-Z]|s?\b)", title, text)
    text = re.sub(rf"\b{word.upper()}\b", name.upper(), text)
    return re.sub(rf"\b{word}(?=s?\b|_)", name, text)


def add_use(head: list[str], path: str) -> None:
    """Adds a `use`, beside those of the same crate or before all others."""
    same_crate = [number for number, line in enumerate(head) if line.startswith(f"use {path.split('::')[0]}::")]
    if f"use {path};" in head:
        return
    if same_crate:
        head.insert(same_crate[-1] + 1, f"use {path};")
    else:
        first = next(number for number, line in enumerate(head) if line.startswith("use "))
        head[first:first] = [f"use {path};", ""]


def crate_root(module: str, kind: dict, name: str) -> str:
    """The root of the crate: the guide's module, its registration, and the constructor that tests use."""
    lines = module.splitlines()
    last_use = max(number for number, line in enumerate(lines) if re.match(r"(pub(\(crate\))? )?use |\};$", line))
    head = lines[: last_use + 1]
    add_use(head, "proto_core::{Registration, inventory}")
    add_use(head, "std::sync::Arc")
    docs = next(number for number, line in enumerate(head) if not line.startswith("//!"))
    head[docs:docs] = ["", "#![warn(missing_docs)]"]
    code = kind["code"].format(name=name, title=name.capitalize())
    return "\n".join(head) + code.rstrip() + "\n" + "\n".join(lines[last_use + 1 :]) + "\n"


def dependencies(sources: str) -> str:
    """The dependencies that the sources use, from the workspace."""
    known = ["async-trait", "proto-core", "socket2", "thiserror", "tokio"]
    used = [crate for crate in known if crate.replace("-", "_") + "::" in sources]
    return "\n".join(f"{crate}.workspace = true" for crate in used)


def make(kind_name: str, name: str, into: Path) -> Path:
    """Makes the crate in a workspace and returns its folder."""
    if not re.fullmatch(r"[a-z][a-z0-9]*", name):
        sys.exit(f"'{name}' is not a valid name: lower-case letters and digits, beginning with a letter")
    kind = KINDS[kind_name]
    crate = f"proto-{name}"
    folder = into / crate
    if folder.exists():
        sys.exit(f"the folder {crate} already exists")
    source = ROOT / "tests/tutorial/src" / kind["folder"]
    files = {file.name: renamed(file.read_text(), kind["word"], name) for file in sorted(source.glob("*.rs"))}
    files["lib.rs"] = crate_root(files.pop("mod.rs"), kind, name)
    manifest = MANIFEST.format(crate=crate, dependencies=dependencies("".join(files.values())))
    tests = kind["tests"].format(name=name, package=crate.replace("-", "_"))
    written = {f"src/{file}": text for file, text in files.items()}
    written |= {"Cargo.toml": manifest, "tests/conformance.rs": tests}
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    subprocess.run(["cargo", "fmt", "--package", crate], cwd=into, check=True)
    return folder


def say(kind_name: str, name: str) -> None:
    crate = f"proto-{name}"
    address = KINDS[kind_name]["address"].format(name=name)
    print(f"created {crate}. `cargo test -p {crate}` runs its conformance suite.")
    print("Two lines link it into the program, and nothing else changes:\n")
    print(f'  proxy-bin/Cargo.toml, [dependencies]    {crate} = {{ path = "../{crate}" }}')
    print(f"  proxy-bin/src/main.rs                   use {crate.replace('-', '_')} as _;\n")
    print(f"Then `cargo run -p proxy-bin -- forward {address} tcp@127.0.0.1:8080` uses it.")


def self_test() -> int:
    """Makes one crate of each kind, and runs their tests."""
    with tempfile.TemporaryDirectory() as temporary:
        workspace = Path(temporary)
        text = (ROOT / "Cargo.toml").read_text()
        members = re.search(r"^members = \[.*?^\]", text, re.M | re.S)
        if members is None:
            sys.exit("the manifest of the workspace has no list of members")
        text = text.replace(members.group(), 'members = ["proto-*"]')
        # Paths of this workspace's crates become absolute, so that the new crates use the same files.
        text = re.sub(r'path = "(.*?)"', lambda found: f'path = "{ROOT / found.group(1)}"', text)
        (workspace / "Cargo.toml").write_text(text)
        (workspace / "rustfmt.toml").write_text((ROOT / "rustfmt.toml").read_text())
        (workspace / "Cargo.lock").write_text((ROOT / "Cargo.lock").read_text())
        for kind in KINDS:
            make(kind, f"new{kind}", workspace)
        target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "new-crates"
        environment = os.environ | {"CARGO_TARGET_DIR": str(target), "RUSTFLAGS": "-D warnings"}
        return subprocess.run(["cargo", "test", "--workspace"], cwd=workspace, env=environment).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/new-crate", description=__doc__.split("\n\n")[0])
    parser.add_argument("--self-test", action="store_true", help="make one of each in a separate workspace, and run their tests")
    parser.add_argument("kind", nargs="?", choices=KINDS)
    parser.add_argument("name", nargs="?", help="lower-case letters and digits; the crate is proto-NAME")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    if arguments.kind is None or arguments.name is None:
        parser.error("missing arguments: a kind and a name, such as 'layer lz'")
    make(arguments.kind, arguments.name, ROOT)
    say(arguments.kind, arguments.name)
    return 0


sys.exit(main())
