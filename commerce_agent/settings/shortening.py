"""Short names for what only one script knows: its variables, parameters and private members.

A name that the whole script knows is given the same short one wherever it stands. One that is declared within a
statement, or a member of a class, has its own there, and another part may give that to one of its own: small parts that
look alike pack best. No part's names are among the script's, so nothing is captured by anything. And it is renamed only
if it is nowhere the name of a property, which others may ask for, nor one of the browser's own.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice, product
from string import ascii_letters

from commerce_agent.settings.tokens import Token

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


def shorten(tokens: list[Token]) -> list[Token]:
    """The same script with short names."""
    solid = [token for token in tokens if token.kind != "blank"]
    used = {token.text for token in solid if token.kind == "word"}
    parts = number_parts(solid)
    everywhere, within = _list_own(solid, parts=parts)
    free = (name for name in _count_in_letters() if name not in used and not KEYWORDS.fullmatch(name))
    inside = list(islice(free, max(map(len, within.values()), default=0)))
    seen = Counter(token.text for token in solid if token.kind == "word")
    private = {name for name in used if name.startswith("#")}
    short = dict(zip(_rank(everywhere, seen), free, strict=False))
    short |= dict(zip(_rank(private, seen), (f"#{name}" for name in _count_in_letters()), strict=False))
    own = {part: short | dict(zip(names, inside, strict=False)) for part, names in within.items()}
    part = iter(parts)
    return [
        token if token.kind == "blank" else _rename(token, own.get(next(part), short)) for token in tokens
    ]


def number_parts(solid: Sequence[Token]) -> list[int]:
    """For each token the number of its part. What is declared in a part's brackets is known to no other: a part is one
    statement of the script, or one member of a class.
    """
    parts: list[int] = []
    part = depth = member = 0
    is_first, is_class = True, False
    for token in solid:
        mark = token.text if token.kind == "mark" else ""
        parts.append(part)
        if is_first and not depth:
            is_class = token.text == "class"
        is_first = False
        if mark in CLOSING:
            depth += 1
            is_first = is_class and depth == 1 and mark == "{"
            member = member or int(is_first)
        elif mark in CLOSING.values():
            depth -= 1
            is_first = bool(member) and mark == "}" and depth <= member
            member = member if depth else 0
        elif mark == ";":
            is_first = depth == member
        part += is_first
    return parts


def _rank(names: set[str], seen: Counter[str]) -> list[str]:
    return sorted(names, key=lambda name: (-seen[name], name))


def _rename(token: Token, short: Mapping[str, str]) -> Token:
    return Token("word", short.get(token.text, token.text)) if token.kind == "word" else token


def _list_own(tokens: list[Token], *, parts: Sequence[int]) -> tuple[set[str], dict[int, dict[str, None]]]:
    """The names that are declared and are the name of a property nowhere: those that the whole script knows, and by
    part those that it alone knows, in the order in which it declares them.
    """
    declared: list[int] = []
    others: set[str] = set(BROWSERS)
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
            declared.append(place)
    known = [place for place in declared if tokens[place].text not in others]
    everywhere = {
        tokens[place].text for place in known if _is_outermost(tokens, opening=around[place], around=around)
    }
    within: dict[int, dict[str, None]] = {}
    for place in known:
        if (name := tokens[place].text) not in everywhere:
            within.setdefault(parts[place], {})[name] = None
    return everywhere, within


def _is_outermost(
    tokens: list[Token], *, opening: tuple[int, int] | None, around: list[tuple[int, int] | None]
) -> bool:
    """Whether it stands in no bracket, or in those that a declaration there takes apart."""
    if opening is None:
        return True
    return around[opening[0]] is None and tokens[opening[0] - 1].text in DECLARING


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
        yield from ("".join(letters) for letters in product(ascii_letters, repeat=length))
