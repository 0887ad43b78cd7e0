"""A script in pieces: its texts, patterns, blanks, words and marks."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

TOKEN = re.compile(
    r"""
    (?P<text>"(?:\\.|[^"\\\n])*")
    | (?P<pattern>(?<=[(,=:?!&|\[])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n\[])+/[a-z]*)
    | (?P<blank>\s+)
    | (?P<word>[\w$\#]+)
    | (?P<mark>\.\.\.|\?\.|=>|.)
    """,
    re.VERBOSE | re.DOTALL,
)
TEMPLATE_TEXT = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*(?:\$\{|`)", re.DOTALL)


class ScriptUnfinished(ValueError):
    """A script ends within a template; end it."""

    def __init__(self, *, at: int) -> None:
        """Carry where the template begins."""
        super().__init__(f"The template at {at} has no end; write its closing mark.")
        self.at = at


class Token(NamedTuple):
    """A piece of a script, and of which kind it is: text, pattern, blank, word or mark."""

    kind: str
    text: str


def read_tokens(source: str) -> list[Token]:
    """The script in pieces; what stands in a template's braces is in pieces as well."""
    return list(_read(source))


def write_tokens(tokens: Sequence[Token]) -> str:
    """The script of these pieces."""
    return "".join(token.text for token in tokens)


def _read(source: str) -> Iterator[Token]:
    at, depths = 0, [0]
    while at < len(source):
        inside = len(depths) > 1
        if source[at] == "`" or (inside and source[at] == "}" and depths[-1] == 0):
            found = TEMPLATE_TEXT.match(source, at + 1)
            if found is None:
                raise ScriptUnfinished(at=at)
            if source[at] == "}":
                depths.pop()
            if found.group().endswith("${"):
                depths.append(0)
            yield Token("text", source[at : found.end()])
            at = found.end()
            continue
        # Any letter is a mark, if nothing else.
        match = TOKEN.match(source, at)
        if match is None:
            raise ScriptUnfinished(at=at)
        text, kind = match.group(), match.lastgroup or "mark"
        depths[-1] += (text == "{") - (text == "}")
        yield Token(kind, text.strip() if kind == "pattern" else text)
        at = match.end()
