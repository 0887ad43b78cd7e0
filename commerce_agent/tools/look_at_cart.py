"""Prices what is in the cart anew: a promotion may have ended since it was put in, and nobody tells of that."""

import msgspec

from catalog.ids import Sku
from catalog.pricing import CartItem, CartPrice
from commerce_agent.tools.desk import CannotBeDone, Desk
from commerce_agent.tools.proposing import list_cart_lines, list_taken_off
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.showing import record_offer, to_amount
from conversations.events.carts import CartChanged, CartLine

DESCRIPTION = (
    "Look at the shopper's cart as it stands now: its lines at the prices of now and what they come to, with what is "
    "amiss with a line, such as sold out. Call it before you say what the cart costs."
)


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to say: the cart is known."""


class CartSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The cart at the prices of now; where nobody can say them, as it was, with `stale`."""

    lines: tuple[CartLine, ...]
    repriced: tuple[tuple[CartLine, CartLine], ...] = ()
    """Lines that cost another price than they did: as they were, and as they are."""
    priced: CartPrice
    stale: bool = False


async def _record_prices(desk: Desk, priced: CartPrice) -> None:
    """What each line costs is a fact, as old as it is; but for what a line costs in this cart alone, by a promotion
    that asks for a total.
    """
    costs = {line.sku: to_amount(line.unit_price) for line in priced.lines}
    for offer in await desk.shop.list_offers(list(costs), codes=desk.trail.state.cart.codes):
        price = record_offer(desk.trail, offer).price
        if price.value == costs[offer.item.sku]:
            desk.trail.cite(price)


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
    await _record_prices(desk, priced)
    if priced.stale or priced.unpriced:
        return CartSeen(lines=cart.lines, priced=priced, stale=True)
    lines = list_cart_lines(priced, titles={line.ref.key: line.title for line in cart.lines})
    taken_off = list_taken_off(priced)
    if (lines, taken_off) != (cart.lines, cart.taken_off):
        desk.trail.record(CartChanged(lines=lines, taken_off=taken_off))
    repriced = tuple(
        (before, now)
        for before, now in zip(cart.lines, lines, strict=True)
        if before.unit_price != now.unit_price
    )
    return CartSeen(lines=lines, repriced=repriced, priced=priced)
