"""What the shop's systems said, when they said it, and what the shopper was told of it."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from conversations.ids import EntityRef


class Amount(msgspec.Struct, frozen=True, gc=False, tag="money"):
    """A sum of money."""

    amount: Decimal
    currency: str


FactValue = str | int | float | bool | Amount | None


Authority = Literal["checkout", "api", "webhook", "cache", "feed"]
AUTHORITIES: tuple[Authority, ...] = ("checkout", "api", "webhook", "cache", "feed")
"""Whose word counts, the highest first: what was agreed at the checkout, what a system answers when it is asked,
what it sent by itself, what it last answered, what the catalogue says."""
ConflictRule = Literal["authority", "teller", "run_out", "version", "time", "order"]


class Reckoned(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """For whom an answer was reckoned, where that makes it another one: names that mean nothing here."""

    given: tuple[str, ...] = ()
    """What was given with the question, such as a shopper's tier and codes."""
    used: tuple[str, ...] = ()
    """What the answer rests on: of what was given, or what nobody can give, such as an order."""


UNBOOKED = "unbooked"
"""A count rests on sales here that its system has not booked yet."""


class Fact(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One answer of the shop's systems. `subject` and `name` together say what it is an answer to."""

    id: str
    subject: EntityRef
    name: str
    """`price`, `list_price`, `stock`, `availability`, `policy.returns`, `promotion`, an attribute's name."""
    value: FactValue
    source: str
    observed_at: datetime
    valid_until: datetime | None = None
    version: int = 0
    stale: bool = False
    """True when the source could not be asked and this is the last answer known."""
    authority: Authority = "api"
    reckoned: Reckoned | msgspec.UnsetType = msgspec.UNSET
    """For whom; most answers are for anybody, and nothing is kept of that."""
    teller: int | msgspec.UnsetType = msgspec.UNSET
    """Of systems that a shop has one after the other, which one said it: the later, the higher. Left out where it has
    had but one.
    """


class FactConflict(msgspec.Struct, frozen=True, kw_only=True):
    """Two answers to one question differed, and one of them gave way."""

    subject: EntityRef
    name: str
    winner: str
    """The id of the fact that holds."""
    loser: Fact
    rule: ConflictRule
    """`teller`: another system of the shop's answers since. `run_out`: what would have held was good no longer when
    another was read. `order`: neither is later, and the same one holds whichever came first.
    """


class FactsObserved(msgspec.Struct, frozen=True, kw_only=True, tag="facts.observed"):
    """Facts were read; each is canonical for its subject and name until a newer one is observed."""

    facts: tuple[Fact, ...]


class FactsCited(msgspec.Struct, frozen=True, kw_only=True, tag="facts.cited"):
    """The reply of this turn told the shopper these facts."""

    ids: tuple[str, ...]


class FactSuperseded(msgspec.Struct, frozen=True, kw_only=True, tag="fact.superseded"):
    """A fact that the shopper was told is no longer so."""

    id: str
    fact: Fact
    order: str | msgspec.UnsetType = msgspec.UNSET
    """The number of the shopper's own order that made it so; nothing is kept of that where something else did."""
