"""Goods that are counted: one in English has another form than many."""

from collections.abc import Sequence

from conversations.language.pieces import Piece
from conversations.language.plurals import make_plural

_SINGLE = frozenset({"1", "one", "zero", "0"})


def count_goods(pieces: Sequence[Piece]) -> list[Piece]:
    """As in "zwei Flaschen", "dos mochilas rojas": a word that stands for one form and another is the plural here."""
    arranged: list[Piece] = []
    counted = False
    for piece in pieces:
        many = counted and piece.tag == "noun" and piece.own not in ("", piece.english)
        arranged.append(piece.become(english=make_plural(piece.english)) if many else piece)
        counts = piece.tag == "number" and piece.english not in _SINGLE
        counted = counts or (counted and piece.tag == "adjective")
    return arranged


def count_first(pieces: Sequence[Piece]) -> list[Piece]:
    """As in "los dos últimos": the last two."""
    arranged = list(pieces)
    for at in range(len(arranged) - 1):
        one, other = arranged[at], arranged[at + 1]
        if one.tag == "number" and other.tag == "ordinal":
            arranged[at], arranged[at + 1] = other, one
    return arranged
