"""Prices what is in the cart anew: a promotion may have ended since it was put in, and nobody tells of that."""

import msgspec

from catalog.ids import Sku
from catalog.pricing import CartItem, CartPrice
from commerce_agent.tools.cart_lines import check_line, is_news
from commerce_agent.tools.desk import CannotBeDone, Desk
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.proposing import list_cart_lines, list_taken_off
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.showing import record_offer, to_amount
from conversations.events.carts import CartChanged, CartLine, CartLineChecked
from conversations.events.facts import Amount

DESCRIPTION = (
    "Look at the shopper's cart as it stands now: its lines at the prices of now and what they come to, with what is "
    "amiss with a line: sold out, fewer left than it holds, or another price than before. Call it before you say what "
    "the cart costs."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to say: the cart is known."""


class CartSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The cart at the prices of now; where nobody can say them, as it was, with `stale`."""

    lines: tuple[CartLine, ...]
    repriced: tuple[tuple[CartLine, CartLine], ...] = ()
    """Lines that cost another price than they did: as they were, and as they are."""
    amiss: dict[str, CartLineChecked] = {}
    """What cannot be ordered as it stands, by the item's key: sold out, or fewer of it than the line holds."""
    priced: CartPrice
    total_before: Amount | None = None
    """What the goods came to, where they come to something else now."""
    stale: bool = False


async def _read_offers(desk: Desk, priced: CartPrice) -> dict[str, Offer]:
    """The lines' items. What each costs is a fact, as old as it is; but for what a line costs in this cart alone, by a
    promotion that asks for a total.
    """
    costs = {line.sku: to_amount(line.unit_price) for line in priced.lines}
    offers = await desk.shop.list_offers(list(costs), codes=desk.trail.state.cart.codes)
    for offer in offers:
        price = record_offer(desk.trail, offer).price
        if price.value == costs[offer.item.sku]:
            desk.trail.cite(price)
    return {offer.item.sku: offer for offer in offers}


async def _check(
    desk: Desk, lines: tuple[CartLine, ...], *, offers: dict[str, Offer]
) -> dict[str, CartLineChecked]:
    """What is amiss with the lines, whether or not any news came of it; what is new of it is recorded."""
    known = desk.trail.state.cart.doubts
    checked = {
        line.ref.key: check_line(line, offer=offers[line.ref.key], price=None, known=known.get(line.ref.key))
        for line in lines
        if line.ref.key in offers
    }
    missing = {line.ref.key: line.ref for line in lines if line.ref.key not in offers}
    for key in missing.keys() - (await desk.shop.list_items(list(missing))).keys():
        # The shop has taken it out.
        checked[key] = CartLineChecked(ref=missing[key], verdict="sold_out", left=0)
    desk.trail.record(*(each for key, each in checked.items() if is_news(each, known=known.get(key))))
    doubts = desk.trail.state.cart.doubts
    return {line.ref.key: doubts[line.ref.key] for line in lines if line.ref.key in doubts}


@recorded("look_at_cart")
async def run(desk: Desk, arguments: Arguments) -> CartSeen:  # noqa: ARG001
    """Looks, and records what has changed. Raises `CannotBeDone` for an empty cart.

    A cart whose prices are as they were keeps the proposal that was made of it.
    """
    cart = desk.trail.state.cart
    if not cart.lines:
        raise CannotBeDone("The cart is empty.", kind="empty_cart")
    items = tuple(CartItem(sku=Sku(line.ref.key), quantity=line.quantity) for line in cart.lines)
    priced = await desk.shop.price_lines(items, codes=cart.codes)
    offers = await _read_offers(desk, priced)
    if priced.stale or priced.unpriced:
        amiss = await _check(desk, cart.lines, offers=offers)
        return CartSeen(lines=cart.lines, amiss=amiss, priced=priced, stale=True)
    lines = list_cart_lines(priced, titles={line.ref.key: line.title for line in cart.lines})
    taken_off = list_taken_off(priced)
    if (lines, taken_off) != (cart.lines, cart.taken_off):
        desk.trail.record(CartChanged(lines=lines, taken_off=taken_off))
    repriced = tuple(
        (before, now)
        for before, now in zip(cart.lines, lines, strict=True)
        if before.unit_price != now.unit_price
    )
    before = cart.find_total()
    return CartSeen(
        lines=lines,
        repriced=repriced,
        amiss=await _check(desk, lines, offers=offers),
        priced=priced,
        total_before=before if before != desk.trail.state.cart.find_total() else None,
    )
