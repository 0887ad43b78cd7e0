"""Patterns of whole words that look only where one of them can begin: most sentences have none of most."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_LETTERS = re.compile(r"[^\W\d_]+")
_PREFIX = 3


@lru_cache(maxsize=256)
def list_openings(text: str) -> frozenset[str]:
    """With which letters the words of the text begin, in small ones."""
    return frozenset(word[:_PREFIX] for word in _LETTERS.findall(text.lower()))


class Words:
    """A pattern of whole words in any case, and with which letters they begin.

    Where a word has no letters to begin with, the pattern is tried on every text.
    """

    def __init__(self, *, pattern: str, words: Iterable[str]) -> None:
        self.pattern = pattern
        self._compiled = re.compile(pattern, re.IGNORECASE)
        openings = {_find_opening(word) for word in words}
        self._openings = None if "" in openings else frozenset(openings)

    def may_be_in(self, text: str) -> bool:
        """Whether a word of the text begins as one of these does."""
        return self._openings is None or not self._openings.isdisjoint(list_openings(text))

    def search(self, text: str) -> re.Match[str] | None:
        """The first of them in the text."""
        return self._compiled.search(text) if self.may_be_in(text) else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All of them, in the order they stand."""
        return self._compiled.finditer(text) if self.may_be_in(text) else iter(())

    def blank_in(self, text: str) -> str:
        """The text with a space in the place of each."""
        return self._compiled.sub(" ", text) if self.may_be_in(text) else text


def _find_opening(word: str) -> str:
    """Empty for what may begin with anything, as "{item}" does."""
    found = _LETTERS.match(word)
    return found.group()[:_PREFIX].lower() if found else ""
