"""What becomes of an append, and what the end of a turn changes."""

from datetime import datetime

import msgspec

from conversations.events import Recorded
from conversations.ids import ClientMessageId, ConversationId, EntityRef


class Fenced(Exception):
    """A later turn holder took over; this one's work was not committed and must be dropped."""

    def __init__(self, *, conversation: ConversationId, fence: int) -> None:
        super().__init__(
            f"Token {fence} of conversation {conversation!r} is no longer good: drop this turn's work."
        )
        self.conversation = conversation
        self.fence = fence


class Overtaken(Fenced):
    """The cart was changed or ordered while the turn ran; it was not committed and is to be taken again."""


class MovedOn(Exception):
    """The conversation went on since it was read; nothing was appended. Read it again and decide again."""

    def __init__(self, *, conversation: ConversationId, expected: int, version: int) -> None:
        super().__init__(
            f"Conversation {conversation!r} is at version {version}, not {expected}: read it again."
        )
        self.conversation = conversation
        self.expected = expected
        self.version = version


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was taken, now or before."""

    seq: int
    frame: int
    duplicate: bool
    recorded: tuple[Recorded, ...] = ()
    """The message, and the start of its turn where that came with it; nothing for one that came twice."""


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """What the end of a turn changes beside the journal."""

    answered: tuple[ClientMessageId, ...]
    """The messages that no longer wait once it is committed."""
    waiting: datetime | None
    """Since when the oldest of the others waits, as far as the turn saw; what came since is looked up."""
    at_once: bool = True
    """Whether one statement can write all of it; a person who was asked for has a row of their own."""
    shown: tuple[EntityRef, ...] = ()
    """The items that news of should reach this conversation from here on."""
