"""What the shop's systems said, when they said it, and what the shopper was told of it."""

from datetime import datetime
from decimal import Decimal

import msgspec

from conversations.ids import EntityRef


class Amount(msgspec.Struct, frozen=True, gc=False, tag="money"):
    """A sum of money."""

    amount: Decimal
    currency: str


FactValue = str | int | float | bool | Amount | None


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
