"""Misspellings: the known word that an unknown one was meant to be."""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from conversations.language.real_words import list_real_words

_SHORTEST = 4


def find_meant(word: str, known: Sequence[str], *, language: str = "english") -> str | None:
    """Answers the one known word within a slip or two of this one; None where none or several equals are.

    Words of four to seven letters may differ by one slip, longer ones by two; the first letter has to be right
    unless the two swap it. A word that is in use in the language is no misspelling: "stand" is not "sand".
    """
    if len(word) < _SHORTEST or not word.isalpha() or word in list_real_words(language):
        return None
    slips = 1 if len(word) < 8 else 2
    near = process.extract(word, known, scorer=DamerauLevenshtein.distance, score_cutoff=slips, limit=3)
    likely = [(str(meant), int(distance)) for meant, distance, _ in near if _plausible(word, meant)]
    if not likely or (len(likely) > 1 and likely[0][1] == likely[1][1]):
        return None
    return likely[0][0]


def _plausible(word: str, meant: str) -> bool:
    same_start = word[0] == meant[0] or word[:2] == meant[1::-1]
    return len(meant) >= _SHORTEST and same_start
