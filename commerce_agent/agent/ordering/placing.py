"""From a pressed button to an order or to what changed: asked at the source, reserved, placed."""

import msgspec
from moneyed import Money

from catalog.connectors import ConnectorUnavailable
from catalog.ids import Sku
from catalog.orders import (
    ChangeAltered,
    ChangeChecked,
    ChangeMade,
    ChangeRefused,
    LineChange,
    OrderItem,
    OrderPlaced,
    OrderRefused,
    OutcomeUnknown,
    Pressed,
    TakesNoOrders,
    TotalChange,
)
from catalog.pricing import CartItem
from commerce_agent.tools.proposing import (
    Bound,
    get_owed,
    list_cart_lines,
    list_taken_off,
    make_change_proposal,
    make_order_proposal,
    read_change,
)
from commerce_agent.tools.shop import Shop
from conversations.events import Event
from conversations.events.carts import CartChanged, Proposal, ProposalMade


class NotChecked(Exception):
    """A system of the shop's cannot be asked, so nothing was done. The shopper may press again later."""

    def __init__(self, *, outage: ConnectorUnavailable | None = None) -> None:
        super().__init__("Price and stock cannot be checked at their source, so nothing was ordered.")
        self.outage = outage
        """Why it cannot be asked, where that is known: a system that wants fewer calls is there all the same."""


async def order(
    shop: Shop, *, offered: Proposal, pressed: Pressed, tier_outage: ConnectorUnavailable | None
) -> OrderPlaced | OrderRefused:
    """Orders what was proposed, or says what is not as it was. The same proposal orders once.

    Raises NotChecked and TakesNoOrders where nothing was done, and OfferGone where the offer stands no more once the
    press is on record; OutcomeUnknown where what was done is not known.

    Where the shopper's tier could not be asked anew (`tier_outage`), nothing is ordered at a sum that rests on it.
    The source is asked, then the pieces are set aside, then the order takes them. Whoever dies in between has
    ordered nothing, and what was set aside is let go of by itself.
    """
    if tier_outage is not None:
        await _require_no_tier(shop, offered, outage=tier_outage)
    refused = await _ask_source(shop, offered)
    if refused is not None:
        return refused
    lines, total = _list_items(offered), _to_money(offered)
    try:
        reserved = await shop.reserve(lines=lines, codes=offered.codes, token=offered.hash, total=total)
        if isinstance(reserved, OrderRefused):
            return reserved
        return await shop.place_order(lines=lines, codes=offered.codes, total=total, pressed=pressed)
    except (OutcomeUnknown, TakesNoOrders):
        raise
    except ConnectorUnavailable as outage:
        raise NotChecked(outage=outage) from outage


async def change(
    shop: Shop, *, offered: Proposal, conversation: str, tier_outage: ConnectorUnavailable | None
) -> ChangeMade | ChangeAltered | ChangeRefused:
    """Makes the change that was proposed, once; or says that it comes to something else, or cannot be.

    Where the shopper's tier could not be asked anew, nothing comes in at a price that rests on it.
    Raises NotChecked and OutcomeUnknown.
    """
    try:
        if tier_outage is not None:
            await _require_change_without_tier(shop, offered, outage=tier_outage)
        return await shop.make_change(
            change=read_change(offered), token=offered.hash, amount=get_owed(offered), origin=conversation
        )
    except OutcomeUnknown:
        raise
    except ConnectorUnavailable as outage:
        raise NotChecked(outage=outage) from outage


async def _require_no_tier(shop: Shop, offered: Proposal, *, outage: ConnectorUnavailable) -> None:
    """Raises NotChecked where the lines would come to another sum for a shopper of no tier."""
    if shop.context.tier is None:
        return
    plain = msgspec.structs.replace(shop.context, tier=None)
    try:
        priced = await shop.at_source(context=plain).price_lines(_list_wanted(offered), codes=offered.codes)
    except ConnectorUnavailable as another:
        raise NotChecked(outage=another) from another
    if priced.charges.total != _to_money(offered):
        raise NotChecked(outage=outage)


async def _require_change_without_tier(
    shop: Shop, offered: Proposal, *, outage: ConnectorUnavailable
) -> None:
    """Raises NotChecked where what comes in would cost a shopper of no tier something else."""
    if shop.context.tier is None or not offered.new_lines:
        return
    plain = shop.at_source(context=msgspec.structs.replace(shop.context, tier=None))
    checked = await plain.check_change(read_change(offered))
    if not isinstance(checked, ChangeChecked) or checked.amount != get_owed(offered):
        raise NotChecked(outage=outage)


async def _ask_source(shop: Shop, offered: Proposal) -> OrderRefused | None:
    """What the merchant's systems, asked anew, say otherwise than was told; None where all is as it was."""
    items = _list_wanted(offered)
    skus = tuple(item.sku for item in items)
    source = shop.at_source()
    try:
        stock = await source.read_stock(skus)
        priced = await source.price_lines(items, codes=offered.codes)
    except ConnectorUnavailable as outage:
        raise NotChecked(outage=outage) from outage
    unread = any(sku in stock and (stock[sku].stale or stock[sku].availability == "unknown") for sku in skus)
    if priced.stale or unread:
        raise NotChecked(outage=await _find_outage_of_promotions(source))
    prices = {line.sku: line.unit_price for line in priced.lines}
    changes: list[LineChange] = []
    for line in _list_items(offered):
        reading, price = stock.get(line.sku), prices.get(line.sku)
        if reading is None or price is None:
            changes.append(LineChange(sku=line.sku, kind="gone", wanted=line.quantity, actual=None))
            continue
        left = 0 if reading.availability == "out_of_stock" else reading.quantity
        counted = reading.availability not in ("preorder", "backorder")
        if counted and left is not None and left < line.quantity:
            changes.append(LineChange(sku=line.sku, kind="stock", wanted=line.quantity, actual=left))
        if price != line.unit_price:
            changes.append(LineChange(sku=line.sku, kind="price", wanted=line.unit_price, actual=price))
    if changes:
        return OrderRefused(changes=tuple(changes))
    total = _to_money(offered)
    if priced.charges.total != total:
        return OrderRefused(changes=(), total=TotalChange(wanted=total, actual=priced.charges.total))
    return None


async def _find_outage_of_promotions(source: Shop) -> ConnectorUnavailable | None:
    """Why prices are not certain: a price is told as old where what lowers it cannot be asked."""
    try:
        await source.list_promotions()
    except ConnectorUnavailable as outage:
        return outage
    return None


async def propose_again(
    shop: Shop, *, offered: Proposal, refused: OrderRefused, bound: Bound
) -> tuple[Event, ...]:
    """The cart as it can be had now, and a fresh proposal of it; nothing where nothing of it is left."""
    left = {change.sku: change.actual for change in refused.changes if change.kind in ("stock", "gone")}
    wanted: dict[Sku, int] = {}
    for line in offered.lines:
        sku = Sku(line.ref.key)
        actual = left.get(sku, line.quantity)
        wanted[sku] = min(line.quantity, actual) if isinstance(actual, int) else 0
    items = tuple(CartItem(sku=sku, quantity=number) for sku, number in wanted.items() if number > 0)
    priced = await shop.at_source().price_lines(items, codes=offered.codes)
    titles = {line.ref.key: line.title for line in offered.lines}
    cart = CartChanged(lines=list_cart_lines(priced, titles=titles), taken_off=list_taken_off(priced))
    if not priced.lines or priced.stale or priced.unpriced:
        return (cart,)
    fresh = make_order_proposal(bound, priced=priced, titles=titles, codes=offered.codes)
    return (cart, ProposalMade(proposal=fresh))


def propose_change_again(*, offered: Proposal, altered: ChangeAltered, bound: Bound) -> tuple[Event, ...]:
    """The same change at what it comes to now."""
    fresh = make_change_proposal(bound, change=read_change(offered), checked=altered.checked)
    return (ProposalMade(proposal=fresh),)


def _list_wanted(offered: Proposal) -> tuple[CartItem, ...]:
    return tuple(CartItem(sku=Sku(line.ref.key), quantity=line.quantity) for line in offered.lines)


def _list_items(offered: Proposal) -> tuple[OrderItem, ...]:
    return tuple(
        OrderItem(
            sku=Sku(line.ref.key),
            quantity=line.quantity,
            unit_price=Money(line.unit_price.amount, line.unit_price.currency),
        )
        for line in offered.lines
    )


def _to_money(offered: Proposal) -> Money:
    return Money(offered.total.amount, offered.total.currency)
