"""Puts items into the cart, takes them out, sets how many."""

import msgspec

from catalog.ids import Sku
from catalog.pricing import CartItem, CartPrice
from commerce_agent.tools.desk import AskAgain, CannotBeDone, Desk
from commerce_agent.tools.naming import get_version_name
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.proposing import list_kept_lines, list_taken_off
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.showing import get_ref, record_offer, to_entity
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

    sku: str
    """Of the item that was changed, as is the title."""
    title: str
    quantity: int
    lines: tuple[CartLine, ...]
    priced: CartPrice


def _list_counts(desk: Desk) -> list[tuple[str, int]]:
    return [(line.ref.key, line.quantity) for line in desk.trail.state.cart.lines]


@recorded("change_cart", alters=_list_counts)
async def run(desk: Desk, arguments: Arguments) -> CartNow:
    """Changes and prices the cart.

    Raises `AskAgain` for an unknown SKU or an impossible number, `CannotBeDone` when there is too little
    stock; the cart is unchanged then.
    """
    if not 0 <= arguments.quantity <= MOST_OF_ONE:
        raise AskAgain(f"The quantity must be 0 to {MOST_OF_ONE}.")
    held = {line.ref.key: line for line in desk.trail.state.cart.lines}
    offers = await desk.shop.list_offers([arguments.sku])
    if not offers and (arguments.quantity or arguments.sku not in held):
        raise AskAgain(f"There is no product {arguments.sku!r}; use a SKU from search_products.")
    titles = {sku: line.title for sku, line in held.items()}
    for offer in offers:
        _require_stock(offer, quantity=arguments.quantity)
        titles[arguments.sku] = get_version_name(offer)
    wanted = {sku: line.quantity for sku, line in held.items()} | {arguments.sku: arguments.quantity}
    items = tuple(CartItem(sku=Sku(sku), quantity=number) for sku, number in wanted.items() if number)
    priced = await desk.shop.price_lines(items, codes=desk.trail.state.cart.codes)
    lines = list_kept_lines(priced, wanted=items, titles=titles, held=held.values())
    changed = CartChanged(lines=lines, taken_off=list_taken_off(priced))
    _record(desk, offers, changed=changed, sku=arguments.sku)
    return CartNow(
        sku=arguments.sku,
        title=titles[arguments.sku],
        quantity=arguments.quantity,
        lines=lines,
        priced=priced,
    )


def _record(desk: Desk, offers: tuple[Offer, ...], *, changed: CartChanged, sku: str) -> None:
    """What the shop no longer has can leave the cart all the same; there are no facts to record of it then."""
    for offer in offers:
        desk.trail.record(EntitiesIntroduced(entities=(to_entity(offer),), source="cart"))
        told = record_offer(desk.trail, offer)
        desk.trail.cite(told.price, told.availability)
    desk.trail.record(changed, EntitiesFocused(refs=(get_ref(sku),)))


def _require_stock(offer: Offer, *, quantity: int) -> None:
    if quantity == 0:
        return
    if not offer.can_be_had:
        raise CannotBeDone(
            f"The {get_version_name(offer)} is sold out.", kind="sold_out", item=get_version_name(offer)
        )
    if offer.stock.quantity is not None and quantity > offer.stock.quantity:
        raise CannotBeDone(
            f"There are only {offer.stock.quantity} of the {get_version_name(offer)} left.",
            kind="too_many",
            item=get_version_name(offer),
            count=offer.stock.quantity,
        )
