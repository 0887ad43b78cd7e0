"""Proposes to order the cart. Only the shopper's button confirms; no tool does."""

import hashlib
from datetime import datetime, timedelta

import msgspec

from catalog.ids import Sku
from catalog.pricing import CartItem
from commerce_agent.tools.desk import CannotBeDone, Desk
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.showing import get_ref, to_amount
from conversations.events.carts import CartLine, Proposal, ProposalMade
from conversations.events.facts import Amount

DESCRIPTION = (
    "Propose to order what is in the cart: the shopper sees the lines, the total and a button. "
    "You cannot confirm it, and the word yes does not either."
)

PROPOSAL_MINUTES = 15


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to say: the cart is known."""


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What was proposed."""

    proposal: Proposal


@recorded("propose_order")
async def run(desk: Desk, arguments: Arguments) -> Proposed:  # noqa: ARG001
    """Prices the cart afresh and proposes it; raises `CannotBeDone` for an empty or unavailable cart."""
    lines = desk.trail.state.cart.lines
    if not lines:
        raise CannotBeDone("Your cart is empty. Name something to put in it first.", kind="empty_cart")
    offers = {
        offer.item.sku: offer for offer in await desk.shop.list_offers([line.ref.key for line in lines])
    }
    for line in lines:
        offer = offers.get(Sku(line.ref.key))
        if offer is None or not offer.can_be_had:
            raise CannotBeDone(
                f"{line.title} is sold out; take it out of the cart first.",
                kind="line_sold_out",
                item=line.title,
            )
        if offer.price.stale or offer.stock.stale:
            raise CannotBeDone(
                "Prices and stock cannot be checked this minute, so nothing can be ordered yet.",
                kind="unchecked",
            )
    items = tuple(CartItem(sku=Sku(line.ref.key), quantity=line.quantity) for line in lines)
    priced = await desk.shop.price_lines(items)
    titles = {line.ref.key: line.title for line in lines}
    proposed = tuple(
        CartLine(
            ref=get_ref(line.sku),
            title=titles[line.sku],
            quantity=line.quantity,
            unit_price=to_amount(line.unit_price),
        )
        for line in priced.lines
    )
    proposal = make_proposal(
        conversation=desk.conversation,
        turn=desk.trail.turn,
        lines=proposed,
        total=to_amount(priced.total),
        now=desk.now,
    )
    desk.trail.record(ProposalMade(proposal=proposal))
    return Proposed(proposal=proposal)


def make_proposal(
    *, conversation: str, turn: int, lines: tuple[CartLine, ...], total: Amount, now: datetime
) -> Proposal:
    """A proposal whose hash binds the conversation, the turn, every line and the total."""
    expires_at = now + timedelta(minutes=PROPOSAL_MINUTES)
    said = msgspec.json.encode((conversation, turn, lines, total, expires_at))
    digest = hashlib.sha256(said).hexdigest()
    return Proposal(id=f"p{turn}-{digest[:8]}", hash=digest, lines=lines, total=total, expires_at=expires_at)
