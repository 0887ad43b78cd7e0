"""Where English has its small adverbs."""

from collections.abc import Sequence

from conversations.language.pieces import Piece

_WISHING = frozenset({"need", "want", "like"})
_SUBJECTS = frozenset({"i", "we"})


def put_also_first(pieces: Sequence[Piece]) -> list[Piece]:
    """As in "ich brauche auch zwei Flaschen", "quiero también unos calcetines": also, I need two bottles."""
    arranged: list[Piece] = []
    for piece in pieces:
        before = {*arranged[-1].english.split()[-1:]} if arranged else set()
        if piece.english != "also" or before.isdisjoint(_WISHING):
            arranged.append(piece)
            continue
        at = len(arranged) - 1
        while at and arranged[at - 1].english in (_SUBJECTS | {"would"}):
            at -= 1
        arranged.insert(at, piece)
    return arranged
