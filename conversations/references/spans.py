"""The stretches of a message that name what goods are like."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from conversations.language.colors import Color, Palette, build_palette, find_color
from conversations.language.lexicon import Lexicon
from conversations.language.spelling import find_meant
from conversations.language.thesaurus import Thesaurus, build_thesaurus
from conversations.language.tokens import JOINTS, Token
from conversations.language.tongue import Tongue
from conversations.references.features import Features

SpanKind = Literal["color", "category", "value", "word"]
_LONGEST = 5


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A word or a few that say what goods are like."""

    kind: SpanKind
    key: str
    first: int
    after: int
    color: Color | None = None
    misspelt: bool = False


class Known(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The words that mean something here: of the items the conversation knows, and of the shop."""

    values: frozenset[str]
    categories: frozenset[str]
    words: frozenset[str]
    lexicon: Lexicon
    palette: Palette
    thesaurus: Thesaurus
    tongue: Tongue


def build_known(features: Sequence[Features], lexicon: Lexicon, tongue: Tongue) -> Known:
    """Answers the words of these items together with the shop's."""
    values: set[str] = set()
    categories: set[str] = set()
    words: set[str] = set()
    for one in features:
        values.update(one.values)
        categories |= one.categories
        words |= one.words
    return Known(
        values=frozenset(values),
        categories=frozenset(categories),
        words=frozenset(words),
        lexicon=lexicon,
        palette=build_palette(tongue),
        thesaurus=build_thesaurus(tongue),
        tongue=tongue,
    )


def map_spans(tokens: Sequence[Token], known: Known) -> dict[int, Span]:
    """Answers the span that starts at each token, the longest one, without overlap."""
    spans: dict[int, Span] = {}
    at = 0
    while at < len(tokens):
        span = _find_span(tokens, at, known) if tokens[at].is_word else None
        at = span.after if span else at + 1
        if span:
            spans[span.first] = span
    return spans


def _find_span(tokens: Sequence[Token], at: int, known: Known) -> Span | None:
    color = _find_color(tokens, at, known)
    named = _find_named(tokens, at, known)
    if color and (named is None or color.after >= named.after):
        return color
    if named:
        return named
    token = tokens[at]
    if token.word in known.tongue.stopwords or token.word in known.tongue.ordinals or token.word.isdecimal():
        return None
    if token.stem in known.words:
        return Span(kind="word", key=token.stem, first=at, after=at + 1)
    return _find_misspelt(token, at, known)


def _find_color(tokens: Sequence[Token], at: int, known: Known) -> Span | None:
    for after in range(min(at + 3, len(tokens)), at, -1):
        words = [token.word for token in tokens[at:after] if token.word != "-"]
        if not words or not all(word.isalpha() for word in words):
            continue
        color = find_color(" ".join(words), known.palette)
        if color:
            return Span(kind="color", key="".join(t.stem for t in tokens[at:after]), first=at, after=after, color=color)
    return None


def _find_named(tokens: Sequence[Token], at: int, known: Known) -> Span | None:
    key, found = "", None
    for after in range(at, min(at + _LONGEST, len(tokens))):
        token = tokens[after]
        if token.word in JOINTS or token.word in "-'&.":
            continue
        if not token.is_word:
            break
        key += token.stem
        kind = _find_kind(key, known)
        if kind and (after > at or token.word not in known.tongue.stopwords):
            found = Span(kind=kind, key=key, first=at, after=after + 1)
    return found


def _find_kind(key: str, known: Known) -> SpanKind | None:
    if key in known.categories or key in known.thesaurus.same or key in known.thesaurus.covered:
        return "category"
    terms = known.lexicon.terms.get(key)
    if terms:
        return "category" if terms[0].field == "category" else "value"
    return "value" if key in known.values else None


def _find_misspelt(token: Token, at: int, known: Known) -> Span | None:
    if len(token.word) < 5 or token.stem in known.lexicon.stems or _is_common(token, known.tongue):
        return None
    meant = find_meant(token.stem, tuple(known.words))
    if meant is None:
        return None
    kind = _find_kind(meant, known) or "word"
    return Span(kind=kind, key=meant, first=at, after=at + 1, misspelt=True)


def _is_common(token: Token, tongue: Tongue) -> bool:
    grammar = tongue.grammar
    return (
        token.word in grammar.aspects
        or token.word in grammar.standin_many
        or token.word in tongue.superlatives
        or token.word in tongue.comparatives
        or token.word in grammar.searching
    )
