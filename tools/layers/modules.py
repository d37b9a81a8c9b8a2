"""The modules of a crate: the file of each, its items, its imports, and the paths in its code."""

from dataclasses import dataclass, field
from pathlib import Path

from rust import Token, end_of_group, end_of_item, tokens

ITEMS = {"fn", "struct", "enum", "union", "trait", "type", "const", "static"}


@dataclass
class Use:
    """One name that a `use` brings into a module."""

    path: list[str]
    name: str  # `*` for all of a module.
    line: int
    again: bool  # Whether it is visible from outside: a re-export.


@dataclass
class Module:
    """A module and its contents. An inline module shares the file of the module around it."""

    path: tuple[str, ...]
    file: Path
    items: set[str] = field(default_factory=set)
    children: dict[str, "Module"] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    code: list[Token] = field(default_factory=list)

    def all(self):
        """The module and all modules below it."""
        yield self
        for child in self.children.values():
            yield from child.all()


class Crate:
    """The modules below a root file, without those that are compiled for tests only."""

    def __init__(self, name: str, root: Path):
        self.name, self.root_file = name, root
        self.root = Module((), root)
        self.read(self.root, root.parent)

    def read(self, module: Module, folder: Path):
        """Reads the file of a module; the files of its children are in `folder`."""
        Scanner(self, folder).scan(module, tokens(module.file.read_text()))

    def modules(self) -> list[Module]:
        """All modules."""
        return list(self.root.all())


class Scanner:
    """Scans the tokens of one file."""

    def __init__(self, crate: Crate, folder: Path):
        self.crate, self.folder = crate, folder

    def scan(self, module: Module, found: list[Token], inner: tuple[str, ...] = ()):
        """Fills a module. `inner` are the names of the inline modules around it."""
        at, depth, public, path = 0, 0, False, None
        # The depths of macros that define items: those items are one level deeper.
        macros: list[int] = []
        while at < len(found):
            token, text = found[at], found[at].text
            following = found[at + 1].text if at + 1 < len(found) else ""
            level = depth == len(macros)
            if text == "#" and following in ("[", "!"):
                begin = at + 1 + (following == "!")
                at = end_of_group(found, begin)
                attribute = found[begin:at]
                words = [part.text for part in attribute if part.kind in ("word", "string")]
                if following == "[" and is_test(words):
                    while at < len(found) and found[at].text == "#":
                        at = end_of_group(found, at + 1)
                    at = end_of_item(found, at)
                elif words[:1] == ["path"] and len(words) == 2:
                    path = words[1].strip('"')
                continue
            if text == "pub":
                public = True
                at += 1
                if following == "(":
                    at = end_of_group(found, at)
                continue
            if text == "use" and token.kind == "word" and following != "<":
                end = end_of_item(found, at)
                module.uses += use_tree(found[at + 1 : end - 1], token.line, public)
                at = end
            elif text == "mod" and level and at + 2 < len(found):
                at = self.child(module, found, at + 1, inner, path)
                path = None
            elif text == "macro_rules" and following == "!" and at + 2 < len(found):
                module.items.add(found[at + 2].text)
                at += 3
            else:
                if level and text in ITEMS and following not in ITEMS | {"unsafe", "async", "extern"}:
                    module.items.add(following)
                if token.kind == "sign" and text in "([{":
                    if level and text == "{" and at > 1 and found[at - 1].text == "!":
                        macros.append(depth)
                    depth += 1
                elif token.kind == "sign" and text in ")]}":
                    depth -= 1
                    if macros and depth == macros[-1]:
                        macros.pop()
                module.code.append(token)
                at += 1
            public = False

    def child(self, module: Module, found: list[Token], at: int, inner: tuple[str, ...], path: str | None) -> int:
        """Reads a child module whose name is at an index."""
        name = found[at].text
        if found[at + 1].text == "{":
            end = end_of_group(found, at + 1)
            child = module.children[name] = Module((*module.path, name), module.file)
            self.scan(child, found[at + 2 : end - 1], (*inner, name))
            return end
        folder = self.folder.joinpath(*inner)
        places = [folder / f"{name}.rs", folder / name / "mod.rs"]
        if path is not None:
            places = [module.file.parent.joinpath(*inner) / path]
        file = next((place for place in places if place.is_file()), None)
        if file is not None:
            child = module.children[name] = Module((*module.path, name), file)
            below = file.parent if file.name == "mod.rs" or path is not None else file.with_suffix("")
            self.crate.read(child, below)
        return at + 2


def is_test(words: list[str]) -> bool:
    """Whether an attribute marks an item as compiled for tests only."""
    return words[:2] == ["cfg", "test"] or words[:3] == ["cfg", "all", "test"] or words[:1] == ["test"]


def use_tree(found: list[Token], line: int, again: bool) -> list[Use]:
    """The names of `a::{b, c::d as e}`."""
    prefix: list[str] = []
    at = 0
    while at < len(found):
        token = found[at]
        if token.text == "{":
            uses = []
            for part in split(found[at + 1 : end_of_group(found, at) - 1]):
                for use in use_tree(part, part[0].line, again):
                    if prefix and use.path == ["self"]:
                        use.path = []
                        use.name = prefix[-1] if use.name == "self" else use.name
                    uses.append(Use(prefix + use.path, use.name, use.line, again))
            return uses
        if token.text == "as":
            return [Use(prefix, found[at + 1].text, line, again)]
        if token.text == "*":
            return [Use(prefix, "*", line, again)]
        if token.kind == "word":
            prefix.append(token.text)
            line = token.line
        at += 1
    return [Use(prefix, prefix[-1], line, again)] if prefix else []


def split(found: list[Token]) -> list[list[Token]]:
    """The parts of a group between its commas."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        depth += (token.text == "{") - (token.text == "}")
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]
