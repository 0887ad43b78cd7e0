"""What a message said about the terms of the search."""

from typing import Literal

import msgspec

from conversations.events.constraints import Constraint, ConstraintValue, Op, Scope

EndReason = Literal["dropped", "topic_changed", "started_over"]


class Superseding(msgspec.Struct, frozen=True, kw_only=True):
    """A new term takes the place of an old one."""

    old: str
    new: str


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """A term ends."""

    id: str
    reason: EndReason
    text: str = ""
    """The shopper's own words that ended it."""


class ConstraintReading(msgspec.Struct, frozen=True, kw_only=True):
    """What a message changes in the ledger, and what is left of it to search for.

    Record `stated` first, then `superseded`, then `withdrawn`.
    """

    stated: tuple[Constraint, ...] = ()
    again: tuple[Constraint, ...] = ()
    """Terms that hold already and were said again: there is nothing of them to record."""
    superseded: tuple[Superseding, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()
    rest: str = ""
    """The words that name the goods, without the terms that were read and without small words."""
    spans: tuple[tuple[int, int], ...] = ()
    """Where in the text the terms were read."""
    foreign: tuple[str, ...] = ()
    """Limits in another currency than the shop's, in the shopper's words: they are no terms."""
    unmeasured: tuple[str, ...] = ()
    """Measures the shopper compared by ("lighter") that the item in focus has no value for."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A term as it stands in the text, before it has an id and a place in the ledger."""

    field: str
    op: Op
    value: ConstraintValue
    scope: Scope = "search"
    first: int
    """The index of its first token; `after` is the index behind its last one."""
    after: int
