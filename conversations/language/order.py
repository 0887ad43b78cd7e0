"""Comparatives and superlatives in a text."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from conversations.language.tokens import Token, list_stems, list_tokens
from conversations.language.tongue import Direction, Tongue
from conversations.language.tongues import get_tongue

_SHORTEST_SUPERLATIVE = 5
_SHORTEST_ROOT = 3
_ENDS = {
    **dict.fromkeys(
        ("most", "highest", "biggest", "largest", "longest", "greatest", "strongest", "best", "widest"), False
    ),
    **dict.fromkeys(
        ("least", "lowest", "smallest", "shortest", "fewest", "finest", "thinnest", "narrowest"), True
    ),
}
"""Words for one end of whatever is named behind them, and whether that is the least of it."""
MORE: dict[str, Direction] = {"more": "high", "less": "low", "fewer": "low"}
"""Towards which end of a measure a word points that stands before its name."""
_OF_IT = frozenset({"of", "the"})


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """As in "The cheapest", "with better reviews": a measure and the end of it that is meant."""

    measure: str
    direction: Direction
    first: int
    after: int


_Entries = dict[str, tuple[tuple[tuple[str, ...], tuple[str, Direction]], ...]]


def find_order(
    tokens: Sequence[Token], at: int, tongue: Tongue, *, superlatives: bool = True
) -> Order | None:
    """Answers the comparative that starts with the token, the longest one, or else the superlative."""
    index = _index_orders(tongue) if superlatives else _index_comparatives(tongue)
    for words, (measure, direction) in index.get(tokens[at].word, ()):
        if tuple(token.word for token in tokens[at : at + len(words)]) == words:
            return Order(measure=measure, direction=direction, first=at, after=at + len(words))
    return None


def list_superlatives(text: str, *, language: str = "en") -> tuple[Order, ...]:
    """Answers the superlatives in the text, in order: "the cheapest tents" has one."""
    tongue = get_tongue(language)
    tokens = list_tokens(text, language=tongue.stemmer)
    found = (find_order(tokens, at, tongue) for at in range(len(tokens)))
    return tuple(
        order
        for order in found
        if order and " ".join(t.word for t in tokens[order.first : order.after]) in tongue.superlatives
    )


def find_orders(text: str) -> tuple[Order, ...]:
    """Answers what an English text is to be ordered by, whether it compares two or names the first of many."""
    return list_comparatives(text) or list_superlatives(text)


def list_plain_forms(word: str) -> tuple[str, ...]:
    """What a word may be more or most of: "easy" of "easier", "quiet" of "quietest", "big" of "bigger"."""
    for ending in ("est", "er"):
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < _SHORTEST_ROOT:
            continue
        forms = [stem, f"{stem}e"]
        if stem[-1] == stem[-2]:
            forms.append(stem[:-1])
        if stem.endswith("i"):
            forms.append(f"{stem[:-1]}y")
        return tuple(forms)
    return ()


def has_superlative(text: str) -> bool:
    """Whether an English text asks for the first or last by something, a measure or not: "the safest one"."""
    return bool(list_superlatives(text)) or any(
        token.word.endswith("est") and len(token.word) > _SHORTEST_SUPERLATIVE for token in list_tokens(text)
    )


def list_comparatives(text: str, *, language: str = "en") -> tuple[Order, ...]:
    """Answers the comparatives in the text, in order: "is it wider than the other?" has one."""
    tongue = get_tongue(language)
    tokens = list_tokens(text, language=tongue.stemmer)
    found = (find_order(tokens, at, tongue, superlatives=False) for at in range(len(tokens)))
    return tuple(order for order in found if order)


@lru_cache(maxsize=8)
def _index_comparatives(tongue: Tongue) -> _Entries:
    return _index(tongue.comparatives, tongue.stemmer)


@lru_cache(maxsize=8)
def _index_orders(tongue: Tongue) -> _Entries:
    """Both, the comparatives first."""
    compared, first = _index_comparatives(tongue), _index(tongue.superlatives, tongue.stemmer)
    words = dict.fromkeys((*compared, *first))
    return {word: (*compared.get(word, ()), *first.get(word, ())) for word in words}


def _index(phrases: dict[str, tuple[str, Direction]], stemmer: str) -> _Entries:
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, Direction]]]] = {}
    for phrase, meaning in phrases.items():
        words = tuple(token.word for token in list_tokens(phrase, language=stemmer))
        by_first.setdefault(words[0], []).append((words, meaning))
    return {word: tuple(sorted(entries, key=lambda e: -len(e[0]))) for word, entries in by_first.items()}


def opens_with_more(text: str) -> bool:
    """As in "more keys", "fewer pieces": compares by a measure that is called by its name."""
    return text.lower().split(" ")[0] in MORE


def find_named_order(text: str, names: Iterable[str]) -> tuple[str, bool] | None:
    """As in "the finest tip", "most pieces", "the longest battery life": the measure that is named behind a word for
    one end, and whether that is the least of it.
    """
    tokens = list_tokens(text)
    told = {name: list_stems(name.replace("_", " ")) for name in names}
    # "Which can take the most weight?" is about no weight of its own.
    whole = [order for order in list_superlatives(text) if order.after - order.first > len(_OF_IT)]
    for at, token in enumerate(tokens):
        least = _ENDS.get(token.word)
        behind = at + 1 + (tokens[at + 1].word in _OF_IT if least is not None and at + 1 < len(tokens) else 0)
        if least is None or any(order.first < at < order.after for order in whole):
            continue
        for name, stems in told.items():
            after = behind + len(stems)
            if stems and tuple(each.stem for each in tokens[behind:after]) == stems:
                return name, least
    return None
