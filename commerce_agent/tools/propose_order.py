"""Proposes to order the cart. Only the shopper's button confirms; no tool does."""

import msgspec

from catalog.ids import Sku
from catalog.pricing import CartItem
from commerce_agent.tools.desk import CannotBeDone, Desk
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.proposing import Bound, make_order_proposal
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.showing import record_offer
from conversations.events.carts import CartLine, Proposal, ProposalMade
from conversations.events.entities import EntitiesFocused

DESCRIPTION = (
    "Propose to order what is in the cart: the shopper sees the lines, shipping, tax, the total and a button. "
    "You cannot confirm it, and the word yes does not either."
)

ELSEWHERE = (
    "The shop takes its orders in a system of its own, which takes none from here. The cart stays as it is; the "
    "shopper can order in the shop itself, or a person can help."
)
UNCHECKED = "Prices and stock cannot be checked this minute, so nothing can be ordered yet."


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to say: the cart is known."""


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What was proposed."""

    proposal: Proposal


@recorded("propose_order")
async def run(desk: Desk, arguments: Arguments) -> Proposed:  # noqa: ARG001
    """Prices the cart afresh and proposes it; raises `CannotBeDone` for an empty or unavailable cart, and where the
    shop takes no orders here.
    """
    cart = desk.trail.state.cart
    if not cart.lines:
        raise CannotBeDone("Your cart is empty. Name something to put in it first.", kind="empty_cart")
    if not await desk.shop.takes_orders():
        raise CannotBeDone(ELSEWHERE, kind="orders_elsewhere")
    await _require_offers(desk, cart.lines)
    items = tuple(CartItem(sku=Sku(line.ref.key), quantity=line.quantity) for line in cart.lines)
    priced = await desk.shop.price_lines(items, codes=cart.codes)
    if priced.unpriced or priced.stale:
        raise CannotBeDone(UNCHECKED, kind="unchecked")
    proposal = make_order_proposal(
        Bound(conversation=desk.conversation, state=desk.trail.state, turn=desk.trail.turn, now=desk.now),
        priced=priced,
        titles={line.ref.key: line.title for line in cart.lines},
        codes=cart.codes,
    )
    desk.trail.record(ProposalMade(proposal=proposal))
    desk.trail.record(EntitiesFocused(refs=tuple(line.ref for line in cart.lines)))
    return Proposed(proposal=proposal)


async def _require_offers(desk: Desk, lines: tuple[CartLine, ...]) -> None:
    """Nothing is proposed that is sold out, or of which nobody can say whether it is."""
    offers = {
        offer.item.sku: offer for offer in await desk.shop.list_offers([line.ref.key for line in lines])
    }
    for line in lines:
        offer = offers.get(Sku(line.ref.key))
        left = None if offer is None else offer.stock.quantity
        few = left is not None and left < line.quantity
        if offer is not None and (few or not offer.can_be_had):
            _record_stock(desk, offer)
        if offer is None or not offer.can_be_had:
            raise CannotBeDone(
                f"{line.title} is sold out; take it out of the cart first.",
                kind="line_sold_out",
                item=line.title,
            )
        if offer.price.stale or offer.stock.stale:
            raise CannotBeDone(UNCHECKED, kind="unchecked")
        if left is not None and few:
            raise CannotBeDone(
                f"There are only {left} of the {line.title} left.",
                kind="too_many",
                item=line.title,
                count=left,
            )


def _record_stock(desk: Desk, offer: Offer) -> None:
    """What stands in the way of an order is told, so it is a fact of this turn."""
    told = record_offer(desk.trail, offer)
    desk.trail.cite(told.availability)
    if told.stock.value is not None:
        desk.trail.cite(told.stock)
