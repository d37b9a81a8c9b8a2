"""Whether a slip of the finger is told: the mistyped word, its line, and the word that was meant.

    python3 tools/typos [--braid PATH] [--seed N] [--show]

A hundred configurations get one typo each (a letter is dropped, doubled, or swapped with its neighbour), in a keyword,
an action, a match or a sample; in thirty others five typos are made at once, and one run has to tell them all. The lines
are those of `tests/tests/accepted/cases`, the words those of `docs/keywords.md`; the seed is fixed, so that the same
binary always gets the same files. Fails below 95 of the hundred, or below all of the thirty.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CASES = ["every-keyword.cfg", "http-rules.cfg", "other-ways.cfg"]
SINGLE, WANTED, SEVERAL, EACH = 100, 95, 30, 5

WORD = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
# Shorter words are near too many others for anybody to say which was meant.
SHORTEST = 4


def names():
    """All words of the language: of `timeout client` both."""
    words = set()
    for row in re.findall(r"^\| ([^|]*)", (ROOT / "docs/keywords.md").read_text(), re.M):
        for name in re.findall(r"`([^`]*)", row):
            # What begins an argument ends the name.
            bare = re.split(r"[\[<({\\|]", name)[0]
            words.update(WORD.findall(bare))
    return words | {"global", "defaults", "frontend", "backend", "listen"}


def places(lines, known):
    """Where a word of the language stands: line number, first and last column."""
    for number, line in enumerate(lines):
        code = line.split("#")[0]
        for found in WORD.finditer(code):
            begin, end = found.span()
            # A part of a path, of an address or of a longer word is none.
            is_alone = code[:begin][-1:] in ("", " ", "[", ",", "{") and not code[end:].startswith(("@", "/"))
            if found.group() in known and len(found.group()) >= SHORTEST and is_alone:
                yield number, begin, end


def slip(word, chance, known):
    """The word as a hurried hand writes it."""
    while True:
        at = chance.randrange(len(word))
        kind = chance.choice(["drop", "double", "swap"])
        if kind == "drop":
            typo = word[:at] + word[at + 1 :]
        elif kind == "double":
            typo = word[: at + 1] + word[at:]
        else:
            typo = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
        if typo != word and typo not in known:
            return typo


class Case:
    """A configuration with other words in some places, and what is said about it."""

    def __init__(self, lines, words):
        lines, self.typos = list(lines), []
        # From the right, so that the columns of the others stay.
        for (number, begin, end), typo in sorted(words.items(), reverse=True):
            self.typos.append((number + 1, typo, lines[number][begin:end]))
            lines[number] = lines[number][:begin] + typo + lines[number][end:]
        self.text = "\n".join(lines) + "\n"

    def check(self, braid, folder):
        path = folder / "typo.cfg"
        path.write_text(self.text)
        run = subprocess.run([braid, "-c", "-f", path.name], cwd=folder, env={}, capture_output=True, text=True)
        self.said = run.stderr.splitlines()
        return self

    def missed(self):
        """Those that are not told as they should be."""
        return [typo for typo in self.typos if not any(tells(line, *typo) for line in self.said)]


def tells(said, number, typo, word):
    """Whether something that was said is about a typo, and names the word that was meant."""
    def mentions(name):
        return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", said.split("] : ", 1)[-1])

    return f"[typo.cfg:{number}]" in said and mentions(typo) and mentions(word)


def keywords(known, braid, folder):
    """The places of all configurations where only certain words may stand: anything else is a mistake of that line."""
    for name in CASES:
        lines = (ROOT / "tests/tests/accepted/cases" / name).read_text().splitlines()
        for place in places(lines, known):
            said = Case(lines, {place: "nonsense"}).check(braid, folder).said
            if any(f"[typo.cfg:{place[0] + 1}]" in line and "'nonsense" in line for line in said):
                yield lines, place


def cases(count, each, chance, choices, known):
    """Yields `count` configurations with typos."""
    for _ in range(count):
        lines = chance.choice(choices)[0]
        where = chance.sample([place for other, place in choices if other is lines], each)
        yield Case(lines, {place: slip(lines[place[0]][place[1] : place[2]], chance, known) for place in where})


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    options.add_argument("--braid", type=Path, default=target / "debug/braid", help="the binary (built by cargo)")
    options.add_argument("--seed", type=int, default=20261130)
    options.add_argument("--show", action="store_true", help="print what is said about those that were missed")
    options = options.parse_args()
    known, chance, braid = names(), random.Random(options.seed), options.braid.resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        choices = list(keywords(known, braid, folder))
        single = [case.check(braid, folder) for case in cases(SINGLE, 1, chance, choices, known)]
        several = [case.check(braid, folder) for case in cases(SEVERAL, EACH, chance, choices, known)]
    told = sum(not case.missed() for case in single)
    whole = sum(not case.missed() for case in several)
    for case in single + several:
        for number, typo, word in case.missed():
            print(f"not told: line {number}, '{typo}' for '{word}': {case.text.splitlines()[number - 1].strip()}")
            if options.show:
                print("".join(f"    {line}\n" for line in case.said if f":{number}]" in line), end="")
    print(f"{len(choices)} places of keywords, actions, matches and samples")
    print(f"{told} of {SINGLE} typos are told with the word that was meant ({WANTED} are needed)")
    print(f"{whole} of {SEVERAL} files with {EACH} typos are told about in one run (all are needed)")
    return 0 if told >= WANTED and whole == SEVERAL else 1


if __name__ == "__main__":
    sys.exit(main())
