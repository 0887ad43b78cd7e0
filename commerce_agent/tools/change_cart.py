"""Puts items into the cart, takes them out, sets how many."""

import msgspec

from catalog.ids import Sku
from catalog.pricing import CartItem, CartPrice
from commerce_agent.tools.desk import AskAgain, CannotBeDone, Desk
from commerce_agent.tools.naming import get_version_name
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.shop import Offer
from commerce_agent.tools.showing import get_ref, record_offer, to_amount, to_entity
from conversations.events.carts import CartChanged, CartLine
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced

DESCRIPTION = (
    "Set how many of an item are in the cart; 0 takes it out. Only for items the shopper asked to put in."
)

MOST_OF_ONE = 99


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which item, and how many of it there shall be."""

    sku: str
    quantity: int


class CartNow(msgspec.Struct, frozen=True, kw_only=True):
    """The cart after the change, at this shopper's prices."""

    changed: Offer
    quantity: int
    lines: tuple[CartLine, ...]
    priced: CartPrice


@recorded("change_cart")
async def run(desk: Desk, arguments: Arguments) -> CartNow:
    """Changes and prices the cart.

    Raises `AskAgain` for an unknown SKU or an impossible number, `CannotBeDone` when there is too little
    stock; the cart is unchanged then.
    """
    if not 0 <= arguments.quantity <= MOST_OF_ONE:
        raise AskAgain(f"The quantity must be 0 to {MOST_OF_ONE}.")
    offers = await desk.shop.list_offers([arguments.sku])
    if not offers:
        raise AskAgain(f"There is no product {arguments.sku!r}; use a SKU from search_products.")
    offer = offers[0]
    _require_stock(offer, quantity=arguments.quantity)
    wanted = {line.ref.key: line.quantity for line in desk.trail.state.cart.lines}
    wanted[arguments.sku] = arguments.quantity
    items = tuple(CartItem(sku=Sku(sku), quantity=n) for sku, n in wanted.items() if n)
    priced = await desk.shop.price_lines(items)
    titles = {line.ref.key: line.title for line in desk.trail.state.cart.lines}
    titles[arguments.sku] = get_version_name(offer)
    lines = tuple(
        CartLine(
            ref=get_ref(line.sku),
            title=titles[line.sku],
            quantity=line.quantity,
            unit_price=to_amount(line.unit_price),
        )
        for line in priced.lines
    )
    desk.trail.record(EntitiesIntroduced(entities=(to_entity(offer),), source="cart"))
    told = record_offer(desk.trail, offer)
    desk.trail.cite(told.price, told.availability)
    desk.trail.record(CartChanged(lines=lines), EntitiesFocused(refs=(get_ref(arguments.sku),)))
    return CartNow(changed=offer, quantity=arguments.quantity, lines=lines, priced=priced)


def _require_stock(offer: Offer, *, quantity: int) -> None:
    if quantity == 0:
        return
    if not offer.can_be_had:
        raise CannotBeDone(f"The {get_version_name(offer)} is sold out.")
    if offer.stock.quantity is not None and quantity > offer.stock.quantity:
        raise CannotBeDone(f"There are only {offer.stock.quantity} of the {get_version_name(offer)} left.")
