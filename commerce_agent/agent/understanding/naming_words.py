"""The stretches of a message that may name goods."""

import re
from collections.abc import Sequence

from commerce_agent.agent.understanding.meant_goods import Phrase, is_content
from conversations.language.tokens import Token, list_tokens
from conversations.language.tongues import get_tongue

_TONGUE = get_tongue("en")
CODE = re.compile(
    r"(?<![\w/.-])(?=[\w/.-]*\d)(?=[\w/.-]*[^\W\d_])\w[\w/.-]{2,}\w(?<!\d(?:cm|mm|kg|lb|oz|ml|gb|tb))"
)
"""A model number: letters and digits in one word, and no measure."""


def list_runs(said: str) -> list[Phrase]:
    """Content words in a row, each row once; a name in capitals starts where its capitals do."""
    tokens = list_tokens(said, language=_TONGUE.stemmer)
    coded = _list_coded(said, tokens)
    runs: list[Phrase] = []
    at = 0
    while at < len(tokens):
        first = at
        while at < len(tokens) and (at in coded or (is_content(tokens, at) and not _bounds(tokens, at))):
            at += 1
        if at > first:
            first = _find_proper(said, tokens, first=first, after=at) - _leads_with_number(tokens, first)
            before = tokens[first - 1].word if first else ""
            text = said[tokens[first].start : tokens[at - 1].end]
            proper = first > 0 and text[:2].istitle() and not said.istitle() and not said.isupper()
            definite = before == "the" or bool(coded & set(range(first, at)))
            runs.append(
                Phrase(
                    text=text,
                    definite=definite or proper,
                    start=tokens[first].start,
                    whole=proper and not definite,
                )
            )
        at = max(at, first + 1)
    return runs


def _bounds(tokens: Sequence[Token], at: int) -> bool:
    """As in "a smoker under 40": a word before a sum says how much it may be, and is no name."""
    behind = [token.word for token in tokens[at + 1 : at + 3]]
    sums = any(word.isdecimal() for word in behind) and (
        behind[0].isdecimal() or behind[0] in _TONGUE.currencies
    )
    return sums and tokens[at].word in {*_TONGUE.cues["at_most"], *_TONGUE.cues["at_least"]}


def _leads_with_number(tokens: Sequence[Token], at: int) -> bool:
    """As in "a 4 slice toaster": behind an article a number is part of what goods are called."""
    return at > 1 and tokens[at - 1].word.isdecimal() and tokens[at - 2].word in ("a", "an", "the")


def _find_proper(said: str, tokens: Sequence[Token], *, first: int, after: int) -> int:
    """Where the name starts in words that run into it: "wrote Starless"."""
    if first == 0 or said[tokens[first].start].isupper() or tokens[first - 1].word == "the":
        return first
    return next((at for at in range(first, after) if said[tokens[at].start].isupper()), first)


def _list_coded(said: str, tokens: Sequence[Token]) -> set[int]:
    """The tokens of model numbers, which are made of letters and digits: "px9-2044de"."""
    codes = [match.span() for match in CODE.finditer(said)]
    return {at for at, token in enumerate(tokens) for start, end in codes if start <= token.start < end}
