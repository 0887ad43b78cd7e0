"""The cart, what was proposed to the shopper, and what came of it."""

from datetime import datetime
from typing import Literal

import msgspec

from conversations.events.facts import Amount
from conversations.ids import ConversationId, EntityRef


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many of one item, at the price told when it was put in or last checked."""

    ref: EntityRef
    title: str
    quantity: int
    unit_price: Amount


class TakenOff(msgspec.Struct, frozen=True, kw_only=True):
    """What a promotion takes off the cart as a whole; it is in no line's price."""

    title: str
    amount: Amount


class CartChanged(msgspec.Struct, frozen=True, kw_only=True, tag="cart.changed"):
    """The cart holds these lines now."""

    lines: tuple[CartLine, ...]
    taken_off: tuple[TakenOff, ...] = ()
    codes: tuple[str, ...] | None = None
    """The promotion codes that the shopper has given, all of them; None: as they were."""
    moved_from: ConversationId | None = None
    """The shopper's earlier conversation that the lines were in until now."""


ProposalKind = Literal["order", "cancel", "address", "payment", "items", "return", "exchange"]
"""What is proposed: an order of the cart, or a change of an order that was placed."""
MOVES_NOTHING: frozenset[ProposalKind] = frozenset({"address", "payment"})
"""Changes by which no goods leave the shop or come back to it: their lines only say which order it is."""


class CartLineChecked(msgspec.Struct, frozen=True, kw_only=True, tag="cart.line_checked"):
    """News came of an item in the cart: whether its line can still be ordered as it stands."""

    ref: EntityRef
    verdict: Literal["good", "sold_out", "too_few", "repriced"]
    left: int | None = None
    """How many there are, where that is too few."""
    unit_price: Amount | None = None
    """What one costs now, where that is another price than the line's."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What the shopper may confirm: exactly this, until it expires."""

    id: str
    hash: str
    """Binds merchant, shopper, conversation and everything below; the button sends it back with its token."""
    lines: tuple[CartLine, ...]
    total: Amount
    """What an order comes to, with shipping and tax; of a change, what is paid or goes back by it."""
    expires_at: datetime
    kind: ProposalKind = "order"
    order: str | None = None
    """The number of the order that is to be changed."""
    taken_off: tuple[TakenOff, ...] = ()
    shipping: Amount | None = None
    """None: the shop quotes no shipping."""
    tax: Amount | None = None
    tax_included: bool = True
    """Whether the tax is within the prices; else it is added to the total."""
    goes_back: bool = False
    """Whether the total is paid back to the shopper."""
    new_lines: tuple[CartLine, ...] = ()
    """What comes in place of the lines."""
    address: str = ""
    policy: str = ""
    """The rule that a change rests on, as `returns/store@3`."""
    codes: tuple[str, ...] = ()
    change: str = ""
    """The change itself, as the shop's system is asked for it."""


class ProposalMade(msgspec.Struct, frozen=True, kw_only=True, tag="proposal.made"):
    """An order, or a change of one, was proposed; only the shopper's button confirms it."""

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
    kind: ProposalKind = "order"
    pay_at: str = ""
    """Where the shop's own checkout takes the payment; empty where there is nothing to pay here."""
    bought: tuple[CartLine, ...] | None = None
    """What an order takes out of a cart that has gone on since it was proposed; None: the lines as proposed."""
    total: Amount | msgspec.UnsetType = msgspec.UNSET
    """What the keeper of an order says that it comes to; left out where no order was placed."""
