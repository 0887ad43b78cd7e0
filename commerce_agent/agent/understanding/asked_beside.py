"""What is asked beside something else: of other goods than are sought, or another thing of the same goods."""

import re
from collections.abc import Sequence
from typing import Final

from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue

_TWO: Final = 2
_ABOUT_ITEM: Final = frozenset({"price", "stock", "details", "ask"})
_SMALL: Final = frozenset(stem for word in get_tongue("en").stopwords for stem in list_stems(word))
_OF_NAMED: Final = re.compile(
    r"\b(?:is|are|for) the (?!(?:price|cost|total|first|second|third|last|other|same|rest|\w+est)\b|\w+ ones?\b)[a-z]",
    re.IGNORECASE,
)
_OF_IT: Final = re.compile(r"\b(?:it|its|they|them)\b", re.IGNORECASE)
_FACTS: Final = (frozenset({"price"}), frozenset({"stock"}), frozenset({"details"}))


def asks_of_others(parts: Sequence[str], kinds: Sequence[frozenset[str]]) -> bool:
    """As in "show me caps. And how much is the kickboard?": what is asked about is none of what is sought."""
    if len(parts) != _TWO or kinds[0] != {"search", "goods"} or not kinds[1] <= _ABOUT_ITEM:
        return False
    sought, asked = ({*list_stems(part)} - _SMALL for part in parts)
    return _OF_NAMED.search(parts[1]) is not None and not sought & asked


def asks_more_of_it(parts: Sequence[str], kinds: Sequence[frozenset[str]]) -> bool:
    """As in "how much is the kit and what's in it?": facts of one thing that are told in answers of their own."""
    if len(parts) < _TWO or not all(_OF_IT.search(part) for part in parts[1:]):
        return False
    facts = [_find_fact(kind) for kind in kinds]
    return all(fact in _FACTS for fact in facts) and len(set(facts)) == len(facts)


def _find_fact(kind: frozenset[str]) -> frozenset[str]:
    """A price is a detail too; what is asked in words of no kind is a detail of the goods."""
    return frozenset({"details"}) if kind == {"ask"} else kind - {"details"} or kind
