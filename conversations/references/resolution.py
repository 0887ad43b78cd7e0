"""What the resolver answers."""

import msgspec

from conversations.events.entities import Reference
from conversations.ids import EntityRef


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """What the words of a message refer to."""

    references: tuple[Reference, ...] = ()
    """One for each stretch of words that points at something, in order; empty where nothing is referred to.
    """
    among: tuple[EntityRef, ...] = ()
    """The set that a question chooses from without meaning all of it: "are any of these waterproof?"."""
    starts_search: bool = False
    """The message asks for goods by describing them, alone or beside what it refers to."""
    of_purchases: bool = False
    """The message speaks of what was bought before."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where in the text each reference stands."""
