"""Terms that compare with the item in focus: "cheaper", "something lighter"."""

from collections.abc import Mapping
from functools import lru_cache

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.language.tokens import list_tokens
from conversations.language.tongue import Direction, Tongue

SMALLEST_STEP = 0.01
"""Cheaper than 89 is at most 88.99: strictly less, in the smallest step that prices and measures are told in."""
_WHOLE_CURRENCIES = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})


def read_comparisons(
    scan: Scan, *, focus_measures: Mapping[str, float], taken: frozenset[int]
) -> tuple[tuple[Draft, ...], tuple[str, ...]]:
    """Answers the terms that compare with the focus, and the measures it has no value for."""
    drafts: list[Draft] = []
    unmeasured: list[str] = []
    for first, after, measure, direction in _list_comparatives(scan):
        if taken & set(range(first, after)) or _points(scan, first, after):
            continue
        name = next((n for n in focus_measures if n == measure or measure in n.lower().split("_")), None)
        if name is None:
            unmeasured.append(measure)
            continue
        step = 1.0 if name == "price" and scan.currency in _WHOLE_CURRENCIES else SMALLEST_STEP
        value = focus_measures[name]
        bound = round(value - step if direction == "low" else value + step, 2)
        op = "<=" if direction == "low" else ">="
        drafts.append(Draft(field=name, op=op, value=bound, first=first, after=after))
    return tuple(drafts), tuple(unmeasured)


def _points(scan: Scan, first: int, after: int) -> bool:
    """ "The cheaper one" points at something shown; "a cheaper one" asks for something else."""
    before = scan.tokens[first - 1].word if first else ""
    grammar = scan.tongue.grammar
    return first in scan.pointed or before in grammar.definite or before in grammar.demonstrative_one


def _list_comparatives(scan: Scan) -> list[tuple[int, int, str, Direction]]:
    index = _index(scan.tongue)
    found: list[tuple[int, int, str, Direction]] = []
    words = tuple(token.word for token in scan.tokens)
    at = 0
    while at < len(words):
        entry = next((e for e in index.get(words[at], ()) if words[at : at + len(e[0])] == e[0]), None)
        if entry:
            found.append((at, at + len(entry[0]), *entry[1]))
        at += len(entry[0]) if entry else 1
    return found


@lru_cache(maxsize=8)
def _index(tongue: Tongue) -> dict[str, tuple[tuple[tuple[str, ...], tuple[str, Direction]], ...]]:
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, Direction]]]] = {}
    for phrase, meaning in tongue.comparatives.items():
        words = tuple(token.word for token in list_tokens(phrase, tongue.stemmer))
        by_first.setdefault(words[0], []).append((words, meaning))
    return {word: tuple(sorted(es, key=lambda e: -len(e[0]))) for word, es in by_first.items()}
