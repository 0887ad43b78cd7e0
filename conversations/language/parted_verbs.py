"""Verbs whose particle ends the clause: "kommt die Jacke bis Samstag an?"."""

from collections.abc import Mapping, Sequence

from conversations.language.pieces import Piece

_CLAUSE_ENDS = frozenset(".,!?;:")
_POLITE = frozenset({"please", "then", ""})


def join_verbs(pieces: Sequence[Piece], parted: Mapping[str, str]) -> list[Piece]:
    """Answers the pieces with each such verb in one place, where the clause opens."""
    arranged: list[Piece] = []
    clause: list[Piece] = []
    for piece in pieces:
        if piece.tag == "mark" and piece.english in _CLAUSE_ENDS:
            arranged += [*_join(clause, parted), piece]
            clause = []
        else:
            clause.append(piece)
    return [*arranged, *_join(clause, parted)]


def _join(clause: list[Piece], parted: Mapping[str, str]) -> list[Piece]:
    last = len(clause) - 1
    while last > 0 and clause[last].english in _POLITE:
        last -= 1
    for at in range(last):
        english = parted.get(f"{clause[at].own} {clause[last].own}")
        if english:
            verb = clause[at].become(english=english, tag="verb")
            return [*clause[:at], verb, *clause[at + 1 : last], *clause[last + 1 :]]
    return clause
