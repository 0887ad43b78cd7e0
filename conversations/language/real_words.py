"""Words that are in use in a language: whoever writes one has not misspelt another."""

from functools import lru_cache
from typing import Final

from spellchecker import SpellChecker

_IN_USE: Final = 100
"""A word that the lists have counted so often is in use; rarer ones may be slips that came into them."""
_LISTS: Final = {"english": "en", "german": "de", "spanish": "es", "french": "fr"}


@lru_cache(maxsize=8)
def list_real_words(language: str) -> frozenset[str]:
    """Answers the words of a language ("english"), in small letters; none for a language without a list."""
    if language not in _LISTS:
        return frozenset()
    counted = SpellChecker(language=_LISTS[language], distance=1).word_frequency.dictionary
    return frozenset(word for word, count in counted.items() if count >= _IN_USE)
