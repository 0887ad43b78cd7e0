"""The cart, what was proposed to the shopper, and what came of it."""

from datetime import datetime
from typing import Literal

import msgspec

from conversations.events.facts import Amount
from conversations.ids import EntityRef


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many of one item, at the price told when it was put in or last checked."""

    ref: EntityRef
    title: str
    quantity: int
    unit_price: Amount


class CartChanged(msgspec.Struct, frozen=True, kw_only=True, tag="cart.changed"):
    """The cart holds these lines now."""

    lines: tuple[CartLine, ...]


class CartLineChecked(msgspec.Struct, frozen=True, kw_only=True, tag="cart.line_checked"):
    """News came of an item in the cart: whether its line can still be ordered as it stands."""

    ref: EntityRef
    verdict: Literal["good", "sold_out", "too_few", "repriced"]
    left: int | None = None
    """How many there are, where that is too few."""
    unit_price: Amount | None = None
    """What one costs now, where that is another price than the line's."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What the shopper may confirm: exactly these lines, for this total, until it expires."""

    id: str
    hash: str
    """Binds merchant, conversation, lines and total; the button sends it back."""
    lines: tuple[CartLine, ...]
    total: Amount
    expires_at: datetime


class ProposalMade(msgspec.Struct, frozen=True, kw_only=True, tag="proposal.made"):
    """An order was proposed; only the shopper's button confirms it."""

    proposal: Proposal


class ProposalDoubted(msgspec.Struct, frozen=True, kw_only=True, tag="proposal.doubted"):
    """News came that a proposal would not be met as it stands; whoever presses its button all the same hears why."""

    id: str
    text: str


class ProposalResolved(msgspec.Struct, frozen=True, kw_only=True, tag="proposal.resolved"):
    """What became of a proposal. With `accepted` comes the order's number."""

    id: str
    status: Literal["accepted", "declined", "expired", "changed", "failed"]
    text: str
    order: str | None = None
