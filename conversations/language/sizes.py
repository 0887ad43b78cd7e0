"""Sizes of things to wear: letters, names, and numbers of the EU, UK and US systems."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from conversations.language.tokens import Token, list_tokens
from conversations.language.tongue import Tongue
from conversations.language.vocabulary import Vocabulary

_SYSTEMS = frozenset({"eu", "uk", "us"})
_LETTERS = frozenset({"xxs", "xs", "xl", "xxl", "xxxl", "2xl", "3xl"})
_LONGEST = 4


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """A size in a text, spelt as the shop spells it where it has it."""

    value: str
    first: int
    after: int


@lru_cache(maxsize=64)
def _list_spellings(vocabulary: Vocabulary, tongue: Tongue) -> dict[str, str]:
    return {get_normal_size(size, tongue): size for size in vocabulary.sizes}


@lru_cache(maxsize=4096)
def get_normal_size(name: str, tongue: Tongue) -> str:
    """Answers one spelling for the names of a size: "extra large", "x-large" and "xl" are "XL"; "EU 42" is
    "42".
    """
    words = [t.word for t in list_tokens(name) if t.is_word and t.word not in tongue.size_words]
    joined = " ".join(words)
    tight = "".join(words)
    return tongue.sizes.get(joined) or tongue.sizes.get(tight) or joined.upper()


def find_size(tokens: Sequence[Token], *, at: int, tongue: Tongue, vocabulary: Vocabulary) -> Size | None:
    """Answers the size that starts with the token: after "size" or "in" any name or number, else only "XL"
    and its like.
    """
    first = at
    cued = tokens[at].word in tongue.size_words
    size_joints = tongue.grammar.articles | tongue.grammar.copulas | tongue.grammar.part_of
    while at < len(tokens) and (
        tokens[at].word in tongue.size_words or (cued and tokens[at].word in size_joints)
    ):
        at += 1
    opened = (
        cued
        or (at > 0 and tokens[at - 1].word in tongue.grammar.inside)
        or _after_article(tokens, at, tongue)
    )
    named = _find_name(tokens, at, tongue)
    if named:
        normal, after = named
        alone = sum(token.is_word for token in tokens) <= after - at + 1
        sure = tokens[at].word in _LETTERS or after - at > 1
        if (opened or sure or alone) and vocabulary.sizes:
            return Size(value=_spell(normal, vocabulary, tongue), first=first, after=after)
    if cued and at < len(tokens) and tokens[at].word.replace(".", "").isdecimal():
        after = at + 2 if at + 1 < len(tokens) and tokens[at + 1].word in _SYSTEMS else at + 1
        return Size(value=_spell(tokens[at].word, vocabulary, tongue), first=first, after=after)
    return None


def _after_article(tokens: Sequence[Token], at: int, tongue: Tongue) -> bool:
    grammar = tongue.grammar
    return at > 1 and tokens[at - 1].word in grammar.articles and tokens[at - 2].word in grammar.inside


def _find_name(tokens: Sequence[Token], at: int, tongue: Tongue) -> tuple[str, int] | None:
    for after in range(min(at + _LONGEST, len(tokens)), at, -1):
        words = [token.word for token in tokens[at:after] if token.word != "-"]
        if not words or not tokens[at].is_word:
            continue
        name = tongue.sizes.get(" ".join(words)) or (len(words) > 1 and tongue.sizes.get("".join(words)))
        if name:
            return name, after
    return None


def _spell(normal: str, vocabulary: Vocabulary, tongue: Tongue) -> str:
    spelt = _list_spellings(vocabulary, tongue)
    return spelt.get(normal) or spelt.get(get_normal_size(normal, tongue)) or normal
