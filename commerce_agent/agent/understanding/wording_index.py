"""Which of many patterns may stand in a text, in one look: most stand in none of its words.

A pattern has pieces of which one is in whatever it finds: "thank" or "cheers", say. Of each piece three letters are
looked for (fewer where it has no more), all of them at once; only patterns that have some in the text are asked whether
they do stand there.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from operator import add
from typing import Any, Generic, TypeVar

from commerce_agent.agent.understanding.move_wording import Wording
from conversations.language.en.ordinary import ORDINARY

MOST_PIECES = 64
"""A pattern's parts are spelt out to no more than so many texts."""
LETTERS = 3
_SURE = 4
"""Pieces of so many letters are rare enough: longer ones are no better."""
_NOTHING = frozenset({""})

Name = TypeVar("Name", bound=str)
Told = Any
"""What a part of a pattern says: a letter, several ways, other parts."""
Parsed = Sequence[tuple[object, Told]]
"""A pattern as the standard library takes it apart: of what kind each part is, and what it says."""


class WordingIndex(Generic[Name]):
    """Patterns by their names, for texts in small letters."""

    def __init__(self, patterns: Mapping[Name, Wording | re.Pattern[str]]) -> None:
        self._patterns = tuple(
            (name, each) for name, pattern in patterns.items() for each in _list_alternatives(pattern)
        )
        pieces = [list_pieces(pattern) for _, pattern in self._patterns]
        seen = Counter(gram for word in ORDINARY for gram in list_grams(f" {word} "))
        seen.update(gram for each in pieces for piece in each for gram in list_grams(piece))
        self._always = frozenset(place for place, each in enumerate(pieces) if not each)
        self._places: dict[str, frozenset[int]] = {}
        for place, each in enumerate(pieces):
            for piece in each:
                grams = sorted(gram for gram in list_grams(piece) if len(gram) == min(LETTERS, len(piece)))
                rarest = min(grams, key=lambda gram: (" " in gram, seen[gram]))
                self._places[rarest] = self._places.get(rarest, frozenset()) | {place}

    def find_all(self, said: str, grams: frozenset[str]) -> dict[Name, re.Match[str]]:
        """What stands in a text of these letters, by the patterns' names in their order: of each the first, as one
        pattern of all its alternatives finds it.
        """
        found: dict[Name, re.Match[str]] = {}
        for name, pattern in self.list_possible(grams):
            match = pattern.search(said)
            if match and (name not in found or match.start() < found[name].start()):
                found[name] = match
        return found

    def list_possible(self, grams: frozenset[str]) -> list[tuple[Name, re.Pattern[str]]]:
        """The alternatives that may stand in a text of these letters, in their order; all others do not."""
        places = self._always.union(*[self._places[gram] for gram in self._places.keys() & grams])
        return [self._patterns[place] for place in sorted(places)]


def _list_alternatives(pattern: Wording | re.Pattern[str]) -> list[re.Pattern[str]]:
    return [re.compile(each) for each in pattern.alternatives] if isinstance(pattern, Wording) else [pattern]


def list_grams(text: str) -> frozenset[str]:
    """Each letter, and each two and three in a row."""
    pairs = list(map(add, text, text[1:]))
    return frozenset([*text, *pairs, *map(add, pairs, text[2:])])


def list_pieces(pattern: re.Pattern[str]) -> frozenset[str]:
    """Texts of which one is in whatever the pattern finds; none where that cannot be told."""
    if pattern.flags & re.IGNORECASE:
        return frozenset()
    # How a pattern is made is told by no public name: `re._parser` is the standard library's own, reached by its name
    # because no stub of it exists. Should a later Python lack it, every test of the moves fails here.
    parsed: Parsed = import_module("re._parser").parse(pattern.pattern)
    return _list_needed(parsed) or frozenset()


def _list_needed(parts: Parsed) -> frozenset[str] | None:
    """Of what stands in every text of these parts, the best to look for."""
    runs, run = list[frozenset[str]](), _NOTHING
    for kind, told in parts:
        spelt = _spell_part(str(kind), told)
        joined = _join(run, spelt)
        if joined is not None:
            run = joined
            continue
        runs.append(run)
        run = spelt or _NOTHING
        if spelt is None and (within := _list_within(str(kind), told)):
            runs.append(within)
    usable = [each for each in (*runs, run) if all(each)]
    best = max(usable, key=lambda each: (min(_SURE, *map(len, each)), -len(each)), default=None)
    return best and frozenset(
        piece for piece in best if not any(other in piece for other in best if other != piece)
    )


def _list_within(kind: str, told: Told) -> frozenset[str] | None:
    """The same of a part that has parts itself."""
    match kind:
        case "SUBPATTERN" if not told[1]:
            return _list_needed(told[3])
        case "BRANCH":
            return _unite([_list_needed(way) for way in told[1]])
        case "MAX_REPEAT" | "MIN_REPEAT" if told[0]:
            return _list_needed(told[2])
        case _:
            return None


def _spell(parts: Parsed) -> frozenset[str] | None:
    """All texts of these parts; None where they are many."""
    spelt: frozenset[str] | None = _NOTHING
    for kind, told in parts:
        spelt = _join(spelt, _spell_part(str(kind), told))
    return spelt


def _spell_part(kind: str, told: Told) -> frozenset[str] | None:
    match kind:
        case "LITERAL":
            return frozenset({chr(told)})
        case "IN" if all(str(each) == "LITERAL" for each, _ in told):
            return frozenset(chr(letter) for _, letter in told)
        case "AT" | "ASSERT" | "ASSERT_NOT":
            return _NOTHING
        case "SUBPATTERN" if not told[1]:
            return _spell(told[3])
        case "BRANCH":
            return _unite(_spell(way) for way in told[1])
        case "MAX_REPEAT" | "MIN_REPEAT" if (told[0], told[1]) == (0, 1):
            return _unite((_NOTHING, _spell(told[2])))
        case _:
            return None


def _join(first: frozenset[str] | None, second: frozenset[str] | None) -> frozenset[str] | None:
    """Each of the first with each of the second behind it."""
    if first is None or second is None or len(first) * len(second) > MOST_PIECES:
        return None
    return frozenset(one + other for one in first for other in second)


def _unite(ways: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """What any of the ways spells."""
    united: set[str] = set()
    for way in ways:
        if way is None:
            return None
        united |= way
    return frozenset(united)
