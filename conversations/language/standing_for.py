"""Which of a shop's measures an adjective is about: "warmest" is what stands the lowest temperature."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from conversations.language.shop_language import find_bulk, list_measures_of
from conversations.language.tongue import Direction

_STANDS_FOR: Final[dict[str, tuple[tuple[str, bool], ...]]] = {
    "warmth": (
        ("warmth", False), ("tog", False), ("r value", False), ("insulation", False), ("comfort", True),
        ("temperature", True), ("limit", True),
    ),
    "noise": (("noise", False), ("sound", False), ("loudness", False), ("decibel", False)),
    "endurance": (
        ("battery life", False), ("runtime", False), ("run time", False), ("running time", False),
        ("burn time", False), ("burning time", False), ("burn", False), ("battery", False),
    ),
    "toughness": (
        ("durability", False), ("toughness", False), ("tear strength", False), ("abrasion", False),
        ("denier", False), ("hardness", False), ("strength", False),
    ),
    "thickness": (("diameter", False),),
    "width": (("diameter", False), ("span", False)),
    "load": (
        ("load", False), ("payload", False), ("weight limit", False), ("max weight", False), ("weight capacity", False),
        ("max user weight", False), ("maximum weight", False), ("capacity", False),
    ),
    "holding": (("capacity", False), ("volume", False), ("load", False), ("pieces", False)),
    "speed": (
        ("speed", False), ("playing time", True), ("play time", True), ("brewing time", True), ("boiling time", True),
        ("charging time", True), ("drying time", True), ("delivery time", True), ("duration", True), ("time", True),
    ),
    "length": (
        ("playing time", False), ("play time", False), ("duration", False), ("running time", False), ("time", False),
    ),
    "waterproofness": (
        ("waterproof", False), ("water resistance", False), ("water column", False), ("hydrostatic head", False),
        ("waterproof rating", False),
    ),
}  # fmt: skip
"""Words of what shops call a measure, the surest first, and whether less of it means more."""


_SIZE = "size"
_PURPOSES: Final = {
    "rain": "waterproofness", "raini": "waterproofness", "wet": "waterproofness", "storm": "waterproofness",
    "cold": "warmth", "winter": "warmth", "snow": "warmth", "frost": "warmth",
}  # fmt: skip
"""By what goods are better for it, by the stem of the word."""


def find_purpose(stems: Iterable[str]) -> str:
    """Answers the measure that goods for such a purpose have more of; empty where language has none for it."""
    return next((_PURPOSES[stem] for stem in stems if stem in _PURPOSES), "")


def find_stated(measure: str, names: Iterable[str]) -> tuple[str, bool] | None:
    """Answers which of the shop's measures states it, and whether its order is turned round; None where none does."""
    names = tuple(names)
    plain = next((name for name in names if name == measure or measure in list_measures_of(name)), None)
    if plain is not None:
        return plain, False
    if measure == _SIZE:
        bulk = find_bulk(names)
        return (bulk, False) if bulk else None
    for words, turned in _STANDS_FOR.get(measure, ()):
        found = next((name for name in names if _tells(words, name)), None)
        if found is not None:
            return found, turned
    return None


def turn(direction: Direction, *, turned: bool) -> Direction:
    """Answers the end of the measure that is meant."""
    if not turned:
        return direction
    return "low" if direction == "high" else "high"


@lru_cache(maxsize=8192)
def _tells(words: str, name: str) -> bool:
    plain = f" {name.lower().replace('_', ' ').replace('-', ' ')} "
    return f" {words} " in plain or all(word in list_measures_of(name) for word in words.split())
