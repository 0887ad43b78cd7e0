"""Whether a line of the cart can be ordered as it stands, by what the shop answers of its item."""

import msgspec
from moneyed import Money

from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import to_amount
from conversations.events.carts import CartLine, CartLineChecked

SHORT = ("sold_out", "too_few")
"""What keeps a line from being ordered in the number it holds."""


def check_line(
    line: CartLine, *, offer: Offer, price: Money | None, known: CartLineChecked | None
) -> CartLineChecked:
    """Sold out, too few, at another price, or good. An old answer is held against nothing, and takes nothing back that
    is `known` to be amiss.
    """
    left = offer.stock.quantity
    costs = to_amount(price) if price is not None and not offer.price.stale else None
    unit_price = costs if costs != line.unit_price else None
    if offer.stock.stale or offer.stock.availability == "unknown":
        if known is not None and known.verdict in SHORT:
            return known if unit_price is None else msgspec.structs.replace(known, unit_price=unit_price)
    elif not offer.can_be_had:
        return CartLineChecked(ref=line.ref, verdict="sold_out", left=0, unit_price=unit_price)
    if offer.falls_short_of(line.quantity):
        return CartLineChecked(ref=line.ref, verdict="too_few", left=left, unit_price=unit_price)
    if unit_price is not None:
        return CartLineChecked(ref=line.ref, verdict="repriced", unit_price=unit_price)
    return CartLineChecked(ref=line.ref, verdict="good")


def is_news(checked: CartLineChecked, *, known: CartLineChecked | None) -> bool:
    """Whether it says something else than is known of the line; a line of which nothing is known is good."""
    if checked.verdict == "good":
        return known is not None and known.verdict != "repriced"
    return checked != known
