"""The imports between the files of a crate: names are followed to the file that defines them."""

from dataclasses import dataclass
from pathlib import Path

from modules import Crate, Module, Use


@dataclass(frozen=True, order=True)
class Import:
    """An import of one file by another."""

    source: Path
    line: int
    name: str
    target: Path
    again: bool  # Only a re-export.


class Resolver:
    """Resolves the names of one crate."""

    def __init__(self, crate: Crate):
        self.crate = crate
        self.modules = {module.path: module for module in crate.modules()}
        self.found: set[Import] = set()

    def imports(self) -> list[Import]:
        """All imports between files, in order."""
        for module in self.modules.values():
            words = {token.text for token in module.code if token.kind == "word"}
            for use in module.uses:
                # A name of another crate or of the standard library leads to no file.
                if use.name == "*":
                    self.glob(module, use, words)
                else:
                    # A name that is re-exported and also used here is imported like any other.
                    again = use.again and use.name not in words
                    self.note(module, use.path, use.line, again)
            self.inline(module)
        return sorted(self.found)

    def glob(self, module: Module, use: Use, words: set[str]):
        """Adds, for `use a::*`, the names of `a` that the module uses."""
        for target in self.resolve(module, use.path, frozenset()):
            if not isinstance(target, Module):
                self.add(module, use.line, use.path, target, use.again)
                continue
            if use.again:
                self.add(module, use.line, use.path, target.file, True)
            for name in words:
                for file in self.lookup(target, name, frozenset()):
                    if not isinstance(file, Module):
                        self.add(module, use.line, [*use.path, name], file, False)

    def inline(self, module: Module):
        """Adds the paths in code: `crate::a::b()`, `a::b` of an imported module `a`."""
        code, at = module.code, 0
        while at < len(code):
            token = code[at]
            before = code[at - 1].text if at else ""
            if token.kind != "word" or before in ("::", "."):
                at += 1
                continue
            path, line = [token.text], token.line
            while at + 2 < len(code) and code[at + 1].text == "::" and code[at + 2].kind == "word":
                at += 2
                path.append(code[at].text)
            at += 1
            if len(path) > 1:
                self.note(module, path, line, False)

    def note(self, module: Module, path: list[str], line: int, again: bool):
        """Adds the target of a path. Naming a module does not use it yet: its items are named by paths of their own."""
        for target in self.resolve(module, path, frozenset()):
            if not isinstance(target, Module):
                self.add(module, line, path, target, again)
            elif again:
                self.add(module, line, path, target.file, True)

    def add(self, module: Module, line: int, path: list[str], target: Path, again: bool):
        if target != module.file:
            self.found.add(Import(module.file, line, "::".join(path), target, again))

    def resolve(self, module: Module, path: list[str], seen: frozenset) -> list:
        """The modules and files that a path in a module may mean; none for other crates."""
        at: list = [module]
        for index, name in enumerate(path):
            following: list = []
            for place in at:
                if not isinstance(place, Module):
                    # An item: the rest is a variant, a constant or a function of it.
                    following.append(place)
                elif name == "crate":
                    following.append(self.crate.root)
                elif name == "self" and index == 0:
                    following.append(place)
                elif name == "super":
                    following.append(self.modules[place.path[:-1]])
                else:
                    found = self.lookup(place, name, seen)
                    # A macro defines it, if it is in a module of this crate.
                    unknown = index > 0 and not found and not self.is_foreign(place, name)
                    following += [place.file] if unknown else found
            # A function may have the name of a module; only the module has paths below it.
            leads_on = [place for place in following if isinstance(place, Module)]
            at = leads_on if leads_on and index + 1 < len(path) else following
        return at

    def lookup(self, module: Module, name: str, seen: frozenset) -> list:
        """The meaning of a name in a module: a module, or the file of an item."""
        if (module.path, name) in seen:
            return []
        seen = seen | {(module.path, name)}
        found: list = []
        if name in module.children:
            found.append(module.children[name])
        if name in module.items:
            found.append(module.file)
        for use in module.uses:
            if use.name == name:
                found += self.resolve(module, use.path, seen)
        if found:
            return found
        for use in module.uses:
            if use.name == "*":
                for target in self.resolve(module, use.path, seen):
                    if isinstance(target, Module):
                        found += self.lookup(target, name, seen)
        return found

    def is_foreign(self, module: Module, name: str) -> bool:
        """Whether a name is a re-export from another crate, or defined by a macro of another crate."""
        return any(use.name == name for use in module.uses)
