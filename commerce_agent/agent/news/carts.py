"""What news means for what the shopper is about to buy: lines that no longer hold, a proposal that is off."""

from collections.abc import Mapping
from typing import Protocol

from moneyed import Money

from catalog.ids import Sku
from catalog.pricing import CartItem, CartPrice
from commerce_agent.agent.doubts import make_doubt, say_doubt
from commerce_agent.agent.phrases import PhraseBook
from commerce_agent.agent.wording.terms import say_money
from commerce_agent.tools.cart_lines import check_line, is_news
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.proposing import list_kept_lines, list_taken_off
from conversations.events import Event
from conversations.events.carts import CartChanged, CartLine, Proposal
from conversations.state import ConversationState

_PROBLEMS = ("sold_out", "too_few", "repriced")


class PriceLines(Protocol):
    """Prices the items as one cart, at the prices and with the codes of whoever holds it."""

    async def __call__(self, items: tuple[CartItem, ...]) -> CartPrice:
        """What they cost now."""
        ...


async def list_cart_news(
    state: ConversationState, *, offers: Mapping[str, Offer], price_lines: PriceLines, book: PhraseBook
) -> tuple[Event, ...]:
    """The lines of these items checked again, and a word about a proposal that would not be met."""
    cart = state.cart
    news: list[Event] = []
    priced = await _price(cart.lines, offers=offers, price_lines=price_lines)
    prices = _list_prices(priced)
    of_now = priced if priced is not None and not priced.stale else None
    if of_now and cart.proposal is None and list_taken_off(of_now) != cart.taken_off:
        # "Five euros off from seventy" no longer holds, or does now: the sum has to be that of these prices.
        titles = {line.ref.key: line.title for line in cart.lines}
        lines = list_kept_lines(of_now, wanted=_list_items(cart.lines), titles=titles, held=cart.lines)
        news.append(CartChanged(lines=lines, taken_off=list_taken_off(of_now)))
    for line in cart.lines:
        if line.ref.key in offers:
            known = cart.doubts.get(line.ref.key)
            checked = check_line(
                line, offer=offers[line.ref.key], price=prices.get(line.ref.key), known=known
            )
            if is_news(checked, known=known):
                news.append(checked)
    if cart.proposal is not None and cart.proposal.kind == "order" and not cart.off:
        priced = await _price(cart.proposal.lines, offers=offers, price_lines=price_lines)
        reason = _find_doubt(cart.proposal, priced=priced, offers=offers, state=state, book=book)
        if reason is not None:
            news.append(make_doubt(cart.proposal, reason=reason, book=book))
    return tuple(news)


def _find_doubt(
    proposal: Proposal,
    *,
    priced: CartPrice | None,
    offers: Mapping[str, Offer],
    state: ConversationState,
    book: PhraseBook,
) -> str | None:
    """Why the order would not be met as it was proposed: the first line that does not hold, else the sum."""
    prices = _list_prices(priced)
    for line in proposal.lines:
        if line.ref.key in offers:
            known = state.cart.doubts.get(line.ref.key)
            checked = check_line(
                line, offer=offers[line.ref.key], price=prices.get(line.ref.key), known=known
            )
            if checked.verdict in _PROBLEMS:
                return say_doubt(line, verdict=checked.verdict, state=state, book=book)
    if priced is None or priced.stale or priced.unpriced:
        return None
    before, now = (
        say_money(total, language=book.language) for total in (proposal.total, priced.charges.total)
    )
    return None if before == now else book.say("cart.doubt.total", seed=0, before=before, now=now)


async def _price(
    lines: tuple[CartLine, ...], *, offers: Mapping[str, Offer], price_lines: PriceLines
) -> CartPrice | None:
    """What the lines cost now, as a whole cart: some promotions hold from a total on. None where no news is of them."""
    if not any(line.ref.key in offers for line in lines):
        return None
    return await price_lines(_list_items(lines))


def _list_items(lines: tuple[CartLine, ...]) -> tuple[CartItem, ...]:
    return tuple(CartItem(sku=Sku(line.ref.key), quantity=line.quantity) for line in lines)


def _list_prices(priced: CartPrice | None) -> Mapping[str, Money]:
    return {line.sku: line.unit_price for line in priced.lines} if priced else {}
