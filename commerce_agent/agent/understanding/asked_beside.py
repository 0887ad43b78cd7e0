"""Goods that are asked about beside a search for others."""

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


def asks_of_others(parts: Sequence[str], kinds: Sequence[frozenset[str]]) -> bool:
    """As in "show me caps. And how much is the kickboard?": what is asked about is none of what is sought."""
    if len(parts) != _TWO or kinds[0] != {"search", "goods"} or not kinds[1] <= _ABOUT_ITEM:
        return False
    sought, asked = ({*list_stems(part)} - _SMALL for part in parts)
    return _OF_NAMED.search(parts[1]) is not None and not sought & asked
