"""A policy as it stands, and why it was chosen."""

from datetime import datetime

import msgspec

from catalog.connectors import PlainValue, PolicyRecord

__all__ = ["PassedOver", "PolicyAnswer", "PolicyRecord", "TermValue"]

TermValue = PlainValue


class PassedOver(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that would have applied, and why another one does."""

    policy: PolicyRecord
    reason: str


class PolicyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The policy of a name that applies, and those it was preferred to."""

    chosen: PolicyRecord
    passed_over: tuple[PassedOver, ...] = ()
    stale_since: datetime | None = None
    """When this was last read, where the merchant's system could not be asked."""
    source: str = ""
    """Which system keeps the merchant's policies."""
    teller: int = 0
    """Which of those that it has had."""
