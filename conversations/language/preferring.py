"""What is preferred to something else refuses it."""

from collections.abc import Sequence

from conversations.language.catalogue import Rules
from conversations.language.pieces import Piece

_SENTENCE_ENDS = frozenset(".!?;")


def refuse_others(pieces: Sequence[Piece], rules: Rules) -> list[Piece]:
    """As in "plutôt le jaune que le noir": rather the yellow one, not the black one.

    A question compares the two, and "je préfère que le sac soit rouge" refuses no bag.
    """
    arranged: list[Piece] = []
    preferring = False
    for at, piece in enumerate(pieces):
        preferring = piece.tag != "mark" and (
            preferring or not set(rules.preferring).isdisjoint(piece.own.split())
        )
        named = at + 1 < len(pieces) and pieces[at + 1].tag in ("the", "this", "a", "name")
        compared = at > 0 and pieces[at - 1].tag != "verb" and not _is_asked(pieces, at)
        if preferring and piece.own in rules.than and named and compared:
            arranged.append(piece.become(english=",", tag="mark", own=","))
            arranged.append(piece.become(english="not", tag="small", own=""))
            preferring = False
        else:
            arranged.append(piece)
    return arranged


def _is_asked(pieces: Sequence[Piece], at: int) -> bool:
    end = next((piece.english for piece in pieces[at:] if piece.english in _SENTENCE_ENDS), "")
    return end == "?"
