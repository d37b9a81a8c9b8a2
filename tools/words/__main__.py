"""Checks the prose of the repository: `python3 tools/words [PATH...]`, or `just words`.

The list below has words that read as if translated, or that are metaphors where this field has a term; CONTRIBUTING.md
has the terms. Comments, messages, names and documents are searched alike: a line that needs such a word in its plain
sense is rewritten, or its phrase is listed as allowed. PATH selects files and folders.

Each finding is printed with its place, and the exit code is 1. `--self-test` holds the list to lines that are right and
lines that are wrong.
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUFFIXES = (".rs", ".md", ".toml", ".py", ".case", ".cfg", "justfile", ".ci/run")
# They have the words that they forbid.
EXEMPT = ("CONTRIBUTING.md", "tools/words/")


@dataclass(frozen=True)
class Rule:
    """A phrase, what to write instead, and where the phrase is right."""

    pattern: re.Pattern[str]
    instead: str
    allowed: re.Pattern[str] | None = None


def rule(pattern: str, instead: str, allowed: str | None = None) -> Rule:
    return Rule(re.compile(pattern), instead, re.compile(allowed) if allowed else None)


RULES = [
    rule(
        r"(?i)\bbehind\b",
        "'after', or 'below' of a layer",
        r"(?i)(leaves?|left|leaving)( \w+){0,4} behind|(lag|lags|fall|falls) (\w+ )*behind"
        r"|behind (a|an|the|another|its|one|this|braid|haproxy|nginx)( \w+)? ?(proxy|nat|router|firewall|balancer|feature|haproxy|nginx|braid)\b",
    ),
    rule(r"(?i)\b(let|lets|letting) go\b", "'closed', 'dropped', 'released'"),
    rule(r"(?i)\b(is|are|was|were|be) come by\b|\bto come by\b", "'is obtained', 'is found'"),
    rule(r"(?i)\bgiv(e|es|en|ing) (\w+ ){0,2}away\b", "'returns', 'releases', 'passes on'"),
    rule(r"(?i)\bneeds not\b", "'need not', 'does not need'"),
    rule(r"(?i)\btold apart\b", "'distinguished'"),
    rule(r"(?i)\banew\b", "'again'"),
    rule(r"(?i)\b(connection|session|exchange|wait|delay|time|it|all|that|transfer|message) is over\b(?! (tcp|mptcp|unix|the|tls))", "'has ended', 'has expired'"),
    rule(r"(?i)\bwhoever\b", "who it is: 'the caller', 'a client', 'the section that ..'"),
    rule(r"(?i)\bthe one (of|with) (a|the|this|that) name\b", "'the entry with this name'"),
    rule(r"(?i)\b(says|stands?) (anew|alone)\b", "the plain verb"),
    rule(r"(?i)\bha(s|ve) to do with it\b", "what the relation is"),
    rule(r"(?i)\ball the same\b", "'nevertheless', 'anyway'"),
    rule(r"(?i)\bfor ever\b", "'forever'"),
    rule(r"(?i)\bha(s|ve|d) come\b", "'has arrived'"),
    rule(r"(?i)\b(told|tells?|telling) of\b", "'reports', 'logs', 'is told about'"),
    rule(r"(?i)\bwhat becomes of\b", "'what happens to', or what it is"),
    rule(r"(?i)\bas (it|they) came\b", "'as received', 'unchanged'"),
    rule(r"(?i)\bso many (bytes|milliseconds|exchanges|sessions|workers|requests)\b", "'this number of', or the name of the number"),
    rule(r"^\s*//[/!] An? \w+ at work( for [\w ]+)?\.$", "'a running ..', '.. in progress'"),
    rule(r"^\s*//[/!] [A-Z]\w*\.$", "a sentence, or a noun phrase that says what it is"),
    rule(r"^\s*//[/!] (It|One|All|They|That|This|Those) (as|of|that|is|are|with) ?\w*\.$", "a sentence that names its subject"),
]

WRONG = [
    "/// The word behind it.",
    "    /// Which.",
    "// Whoever asks gets it.",
    "//! A connection that is let go.",
    "/// The one of a name.",
    "/// One.",
    "it is evaluated before them all the same",
    "// The wait is over.",
    "/// `None` waits for ever.",
    "/// The head of a request has come.",
    "/// It has ended, and was told of.",
    "/// What becomes of a connection.",
    "/// The request line as it came.",
    "/// Keeps so many bytes of it.",
    "/// A relay at work.",
]
RIGHT = [
    "/// A server behind a proxy.",
    "/// Nothing is left behind on an error.",
    "/// The status to answer with.",
    "/// Returns the entry with this name.",
    "// The connection is over TCP.",
    "// The kernel's worker falls a fifth of a second behind.",
    "/// The head of a request has arrived.",
    "/// Servers are told about the client.",
    "/// Responses to clients that work today.",
]


def findings(line: str) -> list[Rule]:
    """The rules that a line breaks."""
    broken = []
    for each in RULES:
        rest = each.allowed.sub("", line) if each.allowed else line
        if each.pattern.search(rest):
            broken.append(each)
    return broken


def self_test() -> int:
    """Whether each wrong line is found, and no right one."""
    missed = [line for line in WRONG if not findings(line)]
    accused = [line for line in RIGHT if findings(line)]
    for line in missed:
        print(f"not found: {line}", file=sys.stderr)
    for line in accused:
        print(f"found, though it is right: {line}", file=sys.stderr)
    return 1 if missed or accused else 0


def files(paths: list[str]) -> list[str]:
    """The files of the repository that have prose."""
    listed = subprocess.run(["git", "ls-files", "-z", "--", *paths], cwd=ROOT, check=True, capture_output=True)
    names = listed.stdout.decode().split("\0")
    return [name for name in names if name.endswith(SUFFIXES) and not name.startswith(EXEMPT)]


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    names, count = files(sys.argv[1:]), 0
    for name in names:
        path = ROOT / name
        if not path.is_file():
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            for broken in findings(line):
                count += 1
                print(f"{name}:{number}: {line.strip()}\n    write {broken.instead}")
    print(f"words: {len(names)} files, {count} findings")
    # No file would be nothing checked.
    return 1 if count or not names else 0


if __name__ == "__main__":
    sys.exit(main())
