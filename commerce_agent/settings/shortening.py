"""Short names for what only one script knows: its variables, parameters and private members.

A name is given the same short one wherever it stands, so nothing is captured by anything; and only if it is nowhere
the name of a property, which others may ask for, nor one of the browser's own. No scopes have to be known for that.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, product
from string import ascii_lowercase
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
CLOSING = {"(": ")", "[": "]", "{": "}"}
DECLARING = {"const", "let", "class"}
KEYWORDS = re.compile(
    "as|async|await|break|case|catch|class|const|constructor|continue|default|delete|do|else|export|extends|false"
    "|finally|for|from|function|get|if|import|in|instanceof|let|new|null|of|return|set|static|super|switch|this|throw"
    "|true|try|typeof|undefined|var|void|while|with|yield"
)
BEFORE_A_BLOCK = {"if", "for", "while", "switch", "with"}
BROWSERS = {
    "parent",
    "location",
    "document",
    "navigator",
    "window",
    "history",
    "name",
    "event",
    "top",
    "self",
}
"""Names that every page has, and a script may use without saying where they are from."""


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


def shorten(tokens: list[Token]) -> list[Token]:
    """The same script with short names."""
    solid = [token for token in tokens if token.kind != "blank"]
    used = {token.text for token in solid if token.kind == "word"}
    seen = Counter(token.text for token in solid if token.kind == "word")
    names = sorted(_list_own(solid), key=lambda name: (-seen[name], name))
    free = (name for name in _count_in_letters() if name not in used and not KEYWORDS.fullmatch(name))
    private = sorted((name for name in used if name.startswith("#")), key=lambda name: (-seen[name], name))
    short = dict(zip(private, (f"#{name}" for name in _count_in_letters()), strict=False))
    short |= {name: next(free) for name in names if len(name) > 1}
    return [
        Token("word", short.get(token.text, token.text)) if token.kind == "word" else token
        for token in tokens
    ]


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


def _list_own(tokens: list[Token]) -> set[str]:
    """The names that are declared somewhere and are the name of a property nowhere."""
    own: set[str] = set()
    others: set[str] = set()
    around = _list_brackets(tokens)
    texts = ["", *(token.text for token in tokens), ""]
    for place, token in enumerate(tokens):
        if token.kind != "word" or not token.text[0].isalpha() or KEYWORDS.fullmatch(token.text):
            continue
        before, after = texts[place], texts[place + 2]
        opening = around[place]
        inside = tokens[opening[0]].text if opening else ""
        bracket = around[place + 2] if place + 2 < len(tokens) else None
        beyond = texts[min((bracket[1] if bracket else place + 2) + 2, len(texts) - 1)]
        if _is_property(before, after, inside=inside, beyond=beyond):
            others.add(token.text)
        elif before in DECLARING or _is_parameter(tokens, opening=opening, before=before):
            own.add(token.text)
    return own - others - BROWSERS


def _list_brackets(tokens: list[Token]) -> list[tuple[int, int] | None]:
    """For each token the places of the brackets that it stands in; for an opening one, its own around it."""
    ends: dict[int, int] = {}
    open_ones: list[int] = []
    inside: list[int | None] = []
    for place, token in enumerate(tokens):
        if token.kind == "mark" and token.text in CLOSING.values() and open_ones:
            ends[open_ones.pop()] = place
        inside.append(open_ones[-1] if open_ones else None)
        if token.kind == "mark" and token.text in CLOSING:
            open_ones.append(place)
    return [None if each is None else (each, ends[each]) for each in inside]


def _is_property(before: str, after: str, *, inside: str, beyond: str) -> bool:
    """`beyond` stands behind the brackets that follow: `name(…) {` is a method's, a call is followed by another."""
    if before in {".", "?."}:
        return True
    is_key = before in {"{", ","} and after in {":", ",", "}", "="}
    return inside == "{" and (is_key or (after == "(" and beyond == "{"))


def _is_parameter(tokens: list[Token], *, opening: tuple[int, int] | None, before: str) -> bool:
    """Whether it stands in the list of a function's parameters, or in the brackets that `const` takes apart."""
    if opening is None or before not in {"(", "[", ",", "..."}:
        return False
    first, last = opening
    after = tokens[last + 1].text if last + 1 < len(tokens) else ""
    ahead = tokens[first - 1].text if first else ""
    if tokens[first].text == "[":
        return ahead in DECLARING or (ahead == "(" and after in {")", ","})
    takes = after == "=>" or (after == "{" and ahead not in BEFORE_A_BLOCK)
    return tokens[first].text == "(" and takes


def _count_in_letters() -> Iterator[str]:
    for length in count(1):
        yield from ("".join(letters) for letters in product(ascii_lowercase, repeat=length))
