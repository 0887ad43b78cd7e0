"""What news means for what the shopper is about to buy: lines that no longer hold, a proposal that is off."""

from collections.abc import Mapping

from moneyed import Money

from catalog.ids import Sku
from catalog.pricing import CartItem
from commerce_agent.agent.naming_items import name_line
from commerce_agent.agent.phrases import PhraseBook
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.shop import Shop
from commerce_agent.tools.showing import to_amount
from conversations.events import Event
from conversations.events.carts import CartLine, CartLineChecked, ProposalDoubted
from conversations.state import ConversationState

_PROBLEMS = ("sold_out", "too_few", "repriced")


async def list_cart_news(
    state: ConversationState, *, offers: Mapping[str, Offer], shop: Shop, book: PhraseBook
) -> tuple[Event, ...]:
    """The lines of these items checked again, and a word about a proposal that would not be met."""
    cart = state.cart
    news: list[Event] = []
    prices = await _price(cart.lines, offers=offers, shop=shop)
    for line in cart.lines:
        if line.ref.key in offers:
            checked = _check(line, offer=offers[line.ref.key], price=prices.get(line.ref.key))
            known = cart.doubts.get(line.ref.key)
            settled = known is None or known.verdict == "repriced"
            if checked != known and not (checked.verdict == "good" and settled):
                news.append(checked)
    if cart.proposal is not None and cart.proposal.kind == "order" and not cart.off:
        prices = await _price(cart.proposal.lines, offers=offers, shop=shop)
        for line in cart.proposal.lines:
            if line.ref.key in offers:
                checked = _check(line, offer=offers[line.ref.key], price=prices.get(line.ref.key))
                if checked.verdict in _PROBLEMS:
                    item = name_line(line, state=state, book=book)
                    reason = book.say(f"cart.doubt.{checked.verdict}", seed=0, item=item)
                    text = book.say("proposal.off", seed=0, reason=reason)
                    news.append(ProposalDoubted(id=cart.proposal.id, text=text))
                    break
    return tuple(news)


async def _price(
    lines: tuple[CartLine, ...], *, offers: Mapping[str, Offer], shop: Shop
) -> Mapping[str, Money]:
    """What each line costs now, as a whole cart: some promotions hold from a total on."""
    if not any(line.ref.key in offers for line in lines):
        return {}
    items = tuple(CartItem(sku=Sku(line.ref.key), quantity=line.quantity) for line in lines)
    priced = await shop.price_lines(items)
    return {line.sku: line.unit_price for line in priced.lines}


def _check(line: CartLine, *, offer: Offer, price: Money | None) -> CartLineChecked:
    left = offer.stock.quantity
    costs = to_amount(price) if price is not None and not offer.price.stale else None
    unit_price = costs if costs != line.unit_price else None
    if not offer.stock.stale and not offer.can_be_had:
        return CartLineChecked(ref=line.ref, verdict="sold_out", left=0, unit_price=unit_price)
    if not offer.stock.stale and left is not None and left < line.quantity:
        return CartLineChecked(ref=line.ref, verdict="too_few", left=left, unit_price=unit_price)
    if unit_price is not None:
        return CartLineChecked(ref=line.ref, verdict="repriced", unit_price=unit_price)
    return CartLineChecked(ref=line.ref, verdict="good")
