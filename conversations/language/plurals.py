"""One and many in English. A library would cost every process seconds to load."""

import re
from typing import Final

_IRREGULAR: Final = {
    "mouse": "mice",
    "foot": "feet",
    "tooth": "teeth",
    "man": "men",
    "woman": "women",
    "child": "children",
    "person": "people",
    "knife": "knives",
    "shelf": "shelves",
    "scarf": "scarves",
    "half": "halves",
    "loaf": "loaves",
    "leaf": "leaves",
}
_SINGLES: Final = {many: one for one, many in _IRREGULAR.items()}
_ALIKE: Final = frozenset(
    {"luggage", "furniture", "clothing", "footwear", "equipment", "underwear", "bedding"}
)
_ONE_IN_S: Final = frozenset({
    "atlas", "canvas", "gas", "pancreas", "lens", "iris", "chassis", "tennis", "trellis", "clematis", "oasis", "basis",
    "bus", "bonus", "campus", "cactus", "citrus", "crocus", "hibiscus", "ficus", "focus", "circus", "chorus", "genius",
    "lotus", "hummus", "asparagus", "eucalyptus", "octopus", "walrus", "abacus", "thesaurus", "stylus", "minibus",
    "nexus", "opus", "papyrus", "radius", "status", "surplus", "virus", "ibis", "cannabis", "pelvis",
})  # fmt: skip
"""One of them ends as many others do."""
_HISSING: Final = re.compile(r"(?:s|x|z|ch|sh)$")
_CONSONANT_Y: Final = re.compile(r"[^aeiou]y$")


def is_plural(noun: str) -> bool:
    """Whether the noun stands for several, or for goods without a number: "lamps", "luggage"."""
    if noun in _ONE_IN_S:
        return False
    return noun in _SINGLES or noun in _ALIKE or (noun.endswith("s") and not noun.endswith("ss"))


def make_plural(noun: str) -> str:
    """The noun for several: "lamp" gives "lamps"; one that is plural already stays."""
    if is_plural(noun):
        return noun
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if _CONSONANT_Y.search(noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if _HISSING.search(noun) else f"{noun}s"


def make_single(noun: str) -> str:
    """The noun for one: "lamps" gives "lamp"; one that is single already stays."""
    if noun in _SINGLES:
        return _SINGLES[noun]
    if noun in _ALIKE | _ONE_IN_S or not noun.endswith("s") or noun.endswith("ss"):
        return noun
    if noun.removesuffix("es") in _ONE_IN_S:
        return noun.removesuffix("es")
    if noun.endswith("ies") and len(noun) > 4:
        return f"{noun[:-3]}y"
    stem = noun[:-2]
    hissing = _HISSING.search(stem) and (not stem.endswith("s") or stem.endswith("ss"))
    return stem if noun.endswith("es") and hissing else noun[:-1]
