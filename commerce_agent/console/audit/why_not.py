"""Why an item was not recommended: from the turn's record, and where that is silent, held against its terms today."""

from datetime import datetime
from typing import Literal

import msgspec

from catalog.connectors import build_sources
from catalog.products import SearchQuery
from commerce_agent.agent.explain import Account, Register, explain_turn
from commerce_agent.agent.explain.account import Weighed
from commerce_agent.agent.explain.plain import tell_constraint
from commerce_agent.composition import open_platform
from commerce_agent.console.pictures import show_money
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.seeking import look_up
from conversations.events import Recorded
from conversations.events.constraints import Constraint
from conversations.events.entities import SearchMade
from conversations.ids import MerchantId
from conversations.replay import fold_up_to

MOST = 5
HITS = 48


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one item."""

    sku: str
    name: str
    says: str
    basis: str
    """`record`: weighed in this turn. `other`: in another one. `today`: in none, so the shop was asked now."""
    outcome: Literal["shown", "left out", "not weighed"]
    turn: int = 0


class WhyNot(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an item that somebody asks after."""

    asked: str
    verdicts: tuple[Verdict, ...]
    weighed: int
    """How many the turn weighed."""


def look_up_record(asked: str, *, turn: int, register: Register) -> WhyNot:
    """The answer from the records: this turn's first, then those of the others."""
    numbers = (turn, *(number for number in register.decisions if number != turn))
    for number in numbers:
        account = explain_turn(number, register=register)
        found = _list_named(asked, account) if account else ()
        if account and found:
            verdicts = tuple(
                _tell(weighed, account=account, is_own=number == turn) for weighed in found[:MOST]
            )
            return WhyNot(asked=asked, verdicts=verdicts, weighed=_count(turn, register))
    return WhyNot(asked=asked, verdicts=(), weighed=_count(turn, register))


def _count(turn: int, register: Register) -> int:
    made = register.decisions.get(turn)
    return len(made[1].candidates) if made else 0


def _list_named(asked: str, account: Account) -> tuple[Weighed, ...]:
    words = asked.casefold().split()
    weighed = (*account.rejected, *account.kept)
    exact = tuple(each for each in weighed if each.sku.casefold() == asked.casefold())
    return exact or tuple(
        each for each in weighed if words and all(word in each.name.casefold() for word in words)
    )


def _tell(weighed: Weighed, *, account: Account, is_own: bool) -> Verdict:
    where = "" if is_own else f" That was in turn {account.turn}; this turn did not weigh it."
    if weighed.kept:
        says = f"It was shown: {weighed.reason.rstrip('.')}.{where}"
    else:
        term = f" The shopper's term was “{weighed.term}”." if weighed.term else ""
        margin = f" It missed by {weighed.margin}." if weighed.margin else ""
        reason = f"“{weighed.rule}”: {weighed.reason.rstrip('.')}."
        says = f"It was weighed and left out by the rule {reason}{term}{margin}{where}"
    return Verdict(
        sku=weighed.sku,
        name=weighed.name,
        says=says,
        basis="record" if is_own else "other",
        outcome="shown" if weighed.kept else "left out",
        turn=account.turn,
    )


async def ask_today(
    asked: str, *, turn: int, merchant: MerchantId, events: tuple[Recorded, ...], now: datetime
) -> tuple[Verdict, ...]:
    """Looks an item up that no record has, and holds it against the terms of the turn. Nothing is written."""
    own = [recorded for recorded in events if recorded.turn == turn]
    register = Register.read(events)
    made = register.decisions.get(turn)
    terms = made[1].constraints if made else ()
    searched = next((each.event.query for each in own if isinstance(each.event, SearchMade)), "")
    state = fold_up_to(events, seq=own[0].seq if own else 0)
    async with open_platform(clock=lambda: now, quiet=True) as platform:
        shop: Goods = await platform.turns.shops.open_shop(
            merchant=merchant, state=state, now=now, sources=build_sources(pool=platform.pool)
        )
        offers = await shop.list_offers([asked])
        if not offers:
            found = await look_up(shop, SearchQuery(text=asked, limit=MOST, now=now))
            offers = await shop.list_offers([hit.sku for hit in found.hits])
        account = explain_turn(turn, register=register)
        recorded = {each.sku: each for each in (*account.kept, *account.rejected)} if account else {}
        return tuple(
            [
                _tell(recorded[offer.item.sku], account=account, is_own=True)
                if account and offer.item.sku in recorded
                else await _judge(offer, shop=shop, terms=terms, searched=searched)
                for offer in offers
            ]
        )


async def _judge(offer: Offer, *, shop: Goods, terms: tuple[Constraint, ...], searched: str) -> Verdict:
    reasons = [] if offer.can_be_had else ["it is sold out"]
    broken = [
        term for term in terms if term.scope != "item" and not await _passes(offer, shop=shop, term=term)
    ]
    reasons.extend(
        f"it does not meet “{tell_constraint(term)}” (the shopper said “{term.text}”)" for term in broken
    )
    price = f" Today it costs {show_money(offer.price.price)}."
    if reasons:
        says = f"This turn did not weigh it. As the shop has it today, {'; and '.join(reasons)}.{price}"
    else:
        query = f" The search was for “{searched}”, and it was not among what that found." if searched else ""
        says = f"This turn did not weigh it, though it meets every term today.{query}{price}"
    return Verdict(
        sku=str(offer.item.sku), name=offer.item.title, says=says, basis="today", outcome="not weighed"
    )


async def _passes(offer: Offer, *, shop: Goods, term: Constraint) -> bool:
    query = SearchQuery(
        text=offer.item.title, filters=list_filters((term,)), tier=shop.context.tier, limit=HITS, now=shop.now
    )
    return any(
        hit.sku == offer.item.sku or _is_sister(hit, offer) for hit in (await look_up(shop, query)).hits
    )


def _is_sister(hit: object, offer: Offer) -> bool:
    """A search answers with one variant of a product: of the same colour it stands for the other sizes."""
    return getattr(hit, "group", None) == offer.item.group and getattr(hit, "color", None) == offer.item.color
