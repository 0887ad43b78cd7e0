"""Which attributes tell what goods go with: "fits", "compatible with", "kompatibel mit"."""

import re
from functools import lru_cache

from conversations.language.catalogue import GLOSSED
from conversations.language.glossing import gloss
from conversations.language.vocabulary import Vocabulary

_TELLS_FIT = re.compile(
    r"^(?:fits?(?: (?:to|with|models?))?|suits|goes with|works? with|compatible (?:with|models?|devices?)|compatibility"
    r"|made for|(?:suitable|matching) for|for use with|for models?)$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[;,|/\n]\s*|\s+(?:and|or|und|oder|et|ou|y|o)\s+", re.IGNORECASE)
_NO_SHOP = Vocabulary()


@lru_cache(maxsize=4096)
def tells_fit(name: str) -> bool:
    """Whether the attribute of this name tells what goods go with, in any of the languages."""
    plain = name.replace("_", " ").strip()
    read = (gloss(plain, language=language, vocabulary=_NO_SHOP).text for language in GLOSSED)
    return any(_TELLS_FIT.match(text) for text in (plain, *read))


def list_fitted(value: str) -> tuple[str, ...]:
    """The items that such an attribute names, and the whole of it: "Start 100; Craft 300" names two."""
    return tuple(dict.fromkeys(part for each in (value, *_BETWEEN.split(value)) if (part := each.strip())))
