"""A word of a message with its English, while words change places."""

from collections.abc import Container, Sequence
from typing import Self

import msgspec

from conversations.language.catalogue import Tag


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A word or phrase, its English, the part it plays, and where the shopper wrote it."""

    own: str
    """As the shopper wrote it, lower-cased."""
    english: str
    tag: Tag
    start: int
    end: int
    tight: bool = False
    """Stands right behind what is before it."""

    def become(self, *, english: str, tag: Tag | None = None, own: str | None = None) -> Self:
        """Answers the piece with this English; with its own part and words where none are given."""
        return msgspec.structs.replace(
            self,
            english=english,
            tag=self.tag if tag is None else tag,
            own=self.own if own is None else own,
        )


def ends_clause(rest: Sequence[Piece], *, joints: Container[str]) -> bool:
    """Whether what was read before is all of its clause: a mark comes behind it, a word that joins clauses, or
    nothing.
    """
    return not rest or not rest[0].own[0].isalnum() or rest[0].own in joints
