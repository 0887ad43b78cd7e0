"""Cues: the phrases of a language that say how something is meant, found in a text."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from conversations.language.tokens import Token, list_tokens
from conversations.language.tongue import Tongue


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """A cue phrase and where it stands."""

    kinds: frozenset[str]
    first: int
    after: int


class Cues(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The cues of one text; a place can hold several, of which the longest is meant."""

    all: tuple[Cue, ...]

    def find_ending_at(self, kind: str, *, at: int) -> Cue | None:
        """The longest cue of the kind that ends right before the token."""
        for cue in self.all:
            if cue.after == at and kind in cue.kinds:
                return cue
        return None

    def find_starting_at(self, kind: str, *, at: int) -> Cue | None:
        """The longest cue of the kind that starts with the token."""
        found = [cue for cue in self.all if cue.first == at and kind in cue.kinds]
        return max(found, key=lambda cue: cue.after, default=None)

    def list_of(self, kind: str) -> tuple[Cue, ...]:
        """All cues of the kind, in order."""
        return tuple([cue for cue in self.all if kind in cue.kinds]) if self.all else ()

    def has(self, kind: str) -> bool:
        """True where the text holds a cue of the kind."""
        return bool(self.list_of(kind))


@lru_cache(maxsize=8)
def _index(tongue: Tongue) -> dict[str, tuple[tuple[tuple[str, ...], frozenset[str]], ...]]:
    kinds: dict[tuple[str, ...], set[str]] = {}
    for kind, phrases in tongue.cues.items():
        for phrase in phrases:
            words = tuple(token.word for token in list_tokens(phrase, language=tongue.stemmer))
            kinds.setdefault(words, set()).add(kind)
    by_first: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
    for words, of in kinds.items():
        by_first.setdefault(words[0], []).append((words, frozenset(of)))
    return {first: tuple(entries) for first, entries in by_first.items()}


def find_cues(tokens: Sequence[Token], tongue: Tongue) -> Cues:
    """Answers the cues in the text, by where they start, longer ones first."""
    index = _index(tongue)
    words = tuple(token.word for token in tokens)
    found = [
        Cue(kinds=kinds, first=at, after=at + len(phrase))
        for at, word in enumerate(words)
        for phrase, kinds in index.get(word, ())
        if words[at : at + len(phrase)] == phrase
    ]
    return Cues(all=tuple(sorted(found, key=lambda cue: (cue.first, -cue.after))))
