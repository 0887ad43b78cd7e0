"""Many phrases as one alternation in which what they share stands once, be it their beginnings or their ends.

The numbers in words, side by side, take twenty thousand characters; the pattern of a number holds them five times,
and other patterns hold several numbers. A process would spend seconds on compiling those.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

_SPECIAL = {"'": "['’]", " ": r"\s+"}
"""An apostrophe may be either; a space stands for any white space."""
_WORTH_SHARING = 12
"""Characters of an end that is written once for all its beginnings."""


class _Branches:
    """What may follow the letters so far, and whether a phrase ends with them."""

    def __init__(self) -> None:
        self.following: dict[str, _Branches] = {}
        self.ends = False
        self.written = ""
        """As a pattern in which only beginnings are shared."""


def write_phrase(phrase: str) -> str:
    """The phrase as a pattern."""
    return "".join(write_letters(phrase))


def write_letters(phrase: str) -> tuple[str, ...]:
    """A pattern for each of its letters."""
    return tuple(_SPECIAL.get(letter) or re.escape(letter) for letter in phrase)


def to_phrase(found: str) -> str:
    """The phrase as a catalogue writes it, of what its pattern has found in a text."""
    return " ".join(found.lower().replace("’", "'").split())


def alternate_letters(phrases: Iterable[Sequence[str]]) -> str:
    """The phrases, given letter by letter, as an alternation; where one opens another, the longer is tried first.

    It finds what they would find side by side with the longest first, as long as no two letters match the same.
    """
    return "|".join(_list_alternatives(_grow(phrases)))


def alternate_in_order(phrases: Sequence[tuple[str, ...]], *, loose: Container[str]) -> str:
    """The phrases, the earlier preferred, where each letter of `loose` may match what others match as well.

    Letters of which no two match the same are looked up; from a loose one on the phrases stand side by side. Those that
    begin with one come last.
    """
    led = [each for each in phrases if each[0] not in loose]
    return "|".join(
        (*_share_beginnings(led, loose=loose), *("".join(each) for each in phrases if each[0] in loose))
    )


def _share_beginnings(phrases: Sequence[tuple[str, ...]], *, loose: Container[str]) -> list[str]:
    if len(phrases) <= 1 or any(each[0] in loose for each in phrases):
        return ["".join(each) for each in phrases]
    by_letter: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for each in phrases:
        by_letter[each[0]].append(each[1:])
    return [
        letter + _enclose(_share_beginnings(list(filter(None, rest)), loose=loose), may_end=() in rest)
        for letter, rest in by_letter.items()
    ]


def _grow(phrases: Iterable[Sequence[str]]) -> _Branches:
    root = _Branches()
    for phrase in phrases:
        branches = root
        for letter in phrase:
            branches = branches.following.setdefault(letter, _Branches())
        branches.ends = True
    _write(root)
    return root


def _write(branches: _Branches) -> None:
    for following in branches.following.values():
        _write(following)
    branches.written = _enclose(_list_plain(branches), may_end=branches.ends)


def _list_plain(branches: _Branches) -> list[str]:
    return [letter + following.written for letter, following in sorted(branches.following.items())]


def _enclose(alternatives: list[str], *, may_end: bool = False) -> str:
    """They as one piece; where it may end before them, what is longer is tried first."""
    if len(alternatives) + may_end <= 1:
        return "".join(alternatives)
    # An empty alternative is quicker to try than a group that may be left out.
    return f"(?:{'|'.join(alternatives)}{'|' if may_end else ''})"


def _list_alternatives(root: _Branches) -> list[str]:
    """One for all that end alike, and the rest.

    None of the beginnings with a shared end opens another, so these find nothing of each other's, in any order; of
    the rest a phrase may open one of them, so it comes last.
    """
    times = Counter(each.written for each in _walk(root))
    beginnings: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    ends: dict[str, _Branches] = {}
    whole: list[tuple[str, ...]] = []
    rest: list[tuple[tuple[str, ...], _Branches]] = [((), root)]
    while rest:
        before, branches = rest.pop()
        for letter, following in branches.following.items():
            beginning = (*before, letter)
            if times[following.written] > 1 and len(following.written) >= _WORTH_SHARING:
                beginnings[following.written].append(beginning)
                ends[following.written] = following
                continue
            if following.ends:
                whole.append(beginning)
            rest.append((beginning, following))
    shared = [
        _enclose(_list_plain(_grow(beginnings[written])))
        + _enclose(_list_alternatives(ends[written]), may_end=ends[written].ends)
        for written in sorted(beginnings)
    ]
    return [*shared, *_list_plain(_grow(whole))]


def _walk(branches: _Branches) -> Iterator[_Branches]:
    for following in branches.following.values():
        yield following
        yield from _walk(following)
