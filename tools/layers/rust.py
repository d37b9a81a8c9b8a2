"""Splits Rust source into tokens: sufficient to find modules, items, imports and paths without a compiler."""

import re
from typing import NamedTuple

TOKEN = re.compile(
    r"""
      (?P<space>\s+|//[^\n]*)
    | (?P<comment>/\*)
    | (?P<raw>(?:b|c)?r(?P<hashes>\#*)"(?:.|\n)*?"(?P=hashes))
    | (?P<string>(?:b|c)?"(?:[^"\\]|\\(?:.|\n))*")
    | (?P<char>b?'(?:[^'\\\n]|\\(?:x..|u\{[^}]*\}|.))')
    | (?P<lifetime>'\w+)
    | (?P<number>\d\w*)
    | (?P<word>(?:r\#)?[A-Za-z_]\w*)
    | (?P<path>::)
    | (?P<sign>.)
    """,
    re.VERBOSE,
)
COMMENT_EDGE = re.compile(r"/\*|\*/")
OPENING, CLOSING = "([{", ")]}"


class Token(NamedTuple):
    """A token, its kind, and its line."""

    text: str
    kind: str
    line: int


def tokens(source: str) -> list[Token]:
    """The tokens of a source, without comments and therefore without the links of documentation."""
    found, at, line = [], 0, 1
    while at < len(source):
        match = TOKEN.match(source, at)
        assert match is not None, "every character is a token"
        kind, text = match.lastgroup, match.group()
        if kind == "hashes":
            kind = "raw"
        if kind == "comment":
            text = source[at : end_of_comment(source, match.end())]
        elif kind != "space":
            found.append(Token(text.removeprefix("r#") if kind == "word" else text, kind, line))
        line += text.count("\n")
        at += len(text)
    return found


def end_of_comment(source: str, at: int) -> int:
    """The end of a block comment; block comments nest."""
    depth = 1
    while depth and (edge := COMMENT_EDGE.search(source, at)):
        depth += 1 if edge.group() == "/*" else -1
        at = edge.end()
    return at if depth == 0 else len(source)


def end_of_group(found: list[Token], at: int) -> int:
    """The index after the bracket that closes the one at an index."""
    depth = 0
    for index in range(at, len(found)):
        if found[index].text in OPENING and found[index].kind == "sign":
            depth += 1
        elif found[index].text in CLOSING and found[index].kind == "sign":
            depth -= 1
            if depth == 0:
                return index + 1
    return len(found)


def end_of_item(found: list[Token], at: int) -> int:
    """The index after the item, field or statement that begins at an index."""
    # The item after an attribute. Only declarations continue after a comma, or up to a semicolon after a brace.
    index, keyword = at, None
    while index < len(found):
        token = found[index]
        if token.kind == "word" and keyword is None and token.text not in {"pub", "async", "unsafe", "extern", "default"}:
            keyword = token.text
        if token.kind == "sign":
            if token.text in CLOSING:
                return index
            if token.text == ";":
                return index + 1
            if token.text == "," and keyword not in {"fn", "impl", "struct", "enum", "trait", "type", "mod", "use"}:
                return index + 1
            if token.text in OPENING:
                end = end_of_group(found, index)
                if token.text == "{" and keyword not in {"const", "static", "use", "let"}:
                    return end
                index = end
                continue
        index += 1
    return len(found)
