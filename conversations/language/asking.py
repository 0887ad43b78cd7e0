"""Questions that keep the order of a statement: English turns them round."""

import re
from collections.abc import Sequence

from conversations.language.pieces import Piece

_CLAUSE_ENDS = frozenset(".,!?;:")
_OPENING = frozenset({"and", "but", "so", "then", "ok", "okay", "also"})
_ASKS = re.compile(r"(?:how [a-z]+ )?(?:is|are)")
"""The verb alone, or with what it asks: "le deuxième pèse combien ?"."""
_NAMING = frozenset({"the", "this", "noun", "name", "adjective", "ordinal", "number", ""})
_POINTING = frozenset({"it", "they", "that", "that one", "this one", "this", "those", "these", "both"})


def turn_questions(pieces: Sequence[Piece]) -> list[Piece]:
    """As in "¿esa es lavable?", "la deuxième est étanche ?": the verb stands before what is asked of."""
    arranged = list(pieces)
    if not arranged or arranged[-1].english != "?":
        return arranged
    ends = [at for at, piece in enumerate(arranged[:-1]) if piece.english in _CLAUSE_ENDS]
    opening = ends[-1] + 1 if ends else 0
    while opening < len(arranged) and arranged[opening].english in _OPENING | {""}:
        opening += 1
    verb = opening
    while verb < len(arranged) and _names(arranged[verb]):
        verb += 1
    if verb == opening or not _ASKS.fullmatch(arranged[verb].english):
        return arranged
    return [*arranged[:opening], arranged[verb], *arranged[opening:verb], *arranged[verb + 1 :]]


def _names(piece: Piece) -> bool:
    return piece.tag in _NAMING or piece.english in _POINTING
