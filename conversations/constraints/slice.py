"""The slice of state that holds what the shopper asked for."""

from typing import assert_never

import msgspec

from conversations.events.constraints import (
    Constraint,
    ConstraintStated,
    ConstraintSuperseded,
    ConstraintWithdrawn,
)

KEPT_PAST = 40
"""Ended terms kept at hand; the journal has them all."""

ConstraintEvent = ConstraintStated | ConstraintSuperseded | ConstraintWithdrawn


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """A term that no longer holds, and why."""

    constraint: Constraint
    ended: int
    """The turn in which it ended."""
    reason: str
    """`superseded`, `dropped`, `topic_changed` or `started_over`."""
    by: str = ""
    """The id of the term that took its place."""


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """Every term the shopper stated: those that hold, and those that did."""

    active: tuple[Constraint, ...] = ()
    """In the order in which they were stated."""
    history: tuple[Past, ...] = ()
    count: int = 0
    """How many terms were ever stated."""

    @property
    def next_id(self) -> str:
        """The id for the term that is stated next."""
        return f"c{self.count + 1}"

    def find(self, id: str) -> Constraint | None:
        """The term, if it is active."""
        return next((constraint for constraint in self.active if constraint.id == id), None)

    def list_for(self, field: str) -> tuple[Constraint, ...]:
        """The active terms about the field."""
        return tuple(constraint for constraint in self.active if constraint.field == field)


def apply_constraints(ledger: Ledger, event: ConstraintEvent, *, turn: int) -> Ledger:
    """Answers the slice after the event. Ending a term that is not active changes nothing."""
    match event:
        case ConstraintStated():
            active = (*(c for c in ledger.active if c.id != event.constraint.id), event.constraint)
            return msgspec.structs.replace(ledger, active=active, count=ledger.count + 1)
        case ConstraintSuperseded():
            return _ended(ledger, event.id, turn=turn, reason="superseded", by=event.by)
        case ConstraintWithdrawn():
            return _ended(ledger, event.id, turn=turn, reason=event.reason)
        case _:
            assert_never(event)


def _ended(ledger: Ledger, id: str, *, turn: int, reason: str, by: str = "") -> Ledger:
    ended = ledger.find(id)
    if ended is None:
        return ledger
    past = Past(constraint=ended, ended=turn, reason=reason, by=by)
    active = tuple(constraint for constraint in ledger.active if constraint.id != id)
    return msgspec.structs.replace(ledger, active=active, history=(*ledger.history, past)[-KEPT_PAST:])
