"""News of the shop, carried into the open conversations that it concerns."""

import asyncio
from datetime import datetime, timedelta

import structlog

from catalog.clock import Clock
from catalog.connectors import Connectors, expire_offers, expire_terms
from catalog.events import (
    CatalogEvent,
    PolicyChanged,
    PriceChanged,
    ProductChanged,
    PromotionChanged,
    StockChanged,
)
from commerce_agent.agent.phrases import get_book
from commerce_agent.agent.turns import Turns
from commerce_agent.agent.wording import say_money
from commerce_agent.tools.naming import get_name, get_version_name
from commerce_agent.tools.shop import Offer, Shop
from commerce_agent.tools.showing import LOW_STOCK, get_availability, get_ref, to_amount
from conversations.events import Event
from conversations.events.facts import Amount, Fact, FactSuperseded
from conversations.events.messages import NoticeGiven
from conversations.ids import EntityRef, MerchantId
from conversations.service import ConversationId, Conversations, MovedOn
from conversations.state import ConversationState

log = structlog.get_logger(__name__)

TOLD_AT_ONCE = 8
"""Conversations told side by side; each takes a connection of the pool while it reads."""
OPEN_HOURS = 24
"""A conversation quiet for longer is told when its shopper comes back and asks."""


class Newsroom:
    """Finds the conversations an event concerns and tells each what it means there."""

    def __init__(
        self, *, conversations: Conversations, turns: Turns, connectors: Connectors, clock: Clock
    ) -> None:
        self._conversations = conversations
        self._turns = turns
        self._connectors = connectors
        self._clock = clock

    async def spread(self, event: CatalogEvent, *, beside: ConversationId | None = None) -> int:
        """Tells the open conversations, but `beside`, whose own doing it was; answers how many were told."""
        now = self._clock()
        ref = _get_ref(event)
        if isinstance(event, StockChanged | PriceChanged):
            await expire_offers(self._connectors, merchant=event.merchant, skus=(event.sku,))
        elif isinstance(event, ProductChanged):
            await self._connectors.catalogue.expire(merchant=event.merchant, keys=(event.sku,))
        else:
            await expire_terms(self._connectors, merchant=event.merchant)
        if ref is None:
            return 0
        concerned = await self._conversations.list_showing(
            merchant=MerchantId(event.merchant), refs=(ref,), active_after=now - timedelta(hours=OPEN_HOURS)
        )
        gate = asyncio.Semaphore(TOLD_AT_ONCE)

        async def tell(conversation: ConversationId) -> bool:
            async with gate:
                return await self._tell_logged(conversation, event, ref=ref, now=now)

        told = await asyncio.gather(*(tell(each) for each in concerned if each != beside))
        return sum(told)

    async def _tell_logged(
        self, conversation: ConversationId, event: CatalogEvent, *, ref: EntityRef, now: datetime
    ) -> bool:
        """One conversation that cannot be told must not keep the news from the others."""
        try:
            return await self._tell(conversation, event, ref=ref, now=now)
        except Exception:
            log.exception("news.not_told", conversation=conversation)
            return False

    async def recheck(self, conversation: ConversationId, skus: tuple[str, ...]) -> None:
        """Tells a conversation what changed about items while the turn that showed them was under way.

        News that came before the turn was committed did not find the conversation; the readings it made
        stale are not fresh any more, so asking again finds it.
        """
        now = self._clock()
        while skus:
            state = await self._conversations.load(conversation=conversation)
            shop = await self._turns.open_shop(merchant=state.transcript.merchant, state=state, now=now)
            offers = await shop.list_offers(skus)
            events = tuple(event for offer in offers for event in _list_offer_news(state, offer))
            if not events:
                return
            try:
                await self._conversations.record_arrivals(
                    conversation=conversation, events=events, at=now, expected_version=state.version
                )
            except MovedOn:
                continue
            return

    async def _tell(
        self, conversation: ConversationId, event: CatalogEvent, *, ref: EntityRef, now: datetime
    ) -> bool:
        while True:
            state = await self._conversations.load(conversation=conversation)
            events = await self._list_news(conversation, state, event, ref=ref, now=now)
            if not events:
                return False
            try:
                await self._conversations.record_arrivals(
                    conversation=conversation, events=events, at=now, expected_version=state.version
                )
            except MovedOn:
                # Another may have brought the same news; what is new is decided again.
                continue
            return any(isinstance(told, NoticeGiven) for told in events)

    async def _list_news(
        self,
        conversation: ConversationId,
        state: ConversationState,
        event: CatalogEvent,
        *,
        ref: EntityRef,
        now: datetime,
    ) -> tuple[Event, ...]:
        shop = await self._turns.open_shop(merchant=MerchantId(event.merchant), state=state, now=now)
        if ref.kind == "variant" and ref.key not in state.entities.known:
            # It was shown too long ago to be at hand, and the shopper may still see its card.
            state = await self._conversations.recall(conversation=conversation)
        if isinstance(event, PolicyChanged):
            return await _list_policy_news(state, event, ref=ref, shop=shop)
        offers = await shop.list_offers([ref.key])
        return _list_offer_news(state, offers[0]) if offers else ()


def _get_ref(event: CatalogEvent) -> EntityRef | None:
    match event:
        case StockChanged() | PriceChanged() | ProductChanged():
            return get_ref(event.sku)
        case PolicyChanged():
            return EntityRef("policy", event.name)
        case PromotionChanged():
            return None


def _list_offer_news(state: ConversationState, offer: Offer) -> tuple[Event, ...]:
    """What changed against what this shopper was told: stock that matters, and the price.

    A reading that is stale or unknown is no news: it takes no known fact's place.
    """
    stock_known = not offer.stock.stale and offer.stock.availability != "unknown"
    stock = _list_stock_news(state, offer) if stock_known else ()
    return (*stock, *(() if offer.price.stale else _list_price_news(state, offer)))


def _list_stock_news(state: ConversationState, offer: Offer) -> tuple[Event, ...]:
    ref, availability = get_ref(offer.item.sku), get_availability(offer)
    news: list[Event] = []
    stock = state.facts.find(subject=ref, name="stock")
    seen = state.facts.find(subject=ref, name="availability")
    if stock and stock.value != offer.stock.quantity:
        news.append(FactSuperseded(id=stock.id, fact=_renew(stock, value=offer.stock.quantity, offer=offer)))
    if seen and seen.value != availability:
        news.append(FactSuperseded(id=seen.id, fact=_renew(seen, value=availability, offer=offer)))
        text = _say_stock_news(
            get_version_name(offer), before=str(seen.value), now=availability, quantity=offer.stock.quantity
        )
        if text:
            notice = NoticeGiven(
                notice="stock.changed",
                ref=ref,
                text=text,
                stock=offer.stock.quantity,
                availability=availability,
            )
            news.append(notice)
    return tuple(news)


def _list_price_news(state: ConversationState, offer: Offer) -> tuple[Event, ...]:
    ref, now_costs = get_ref(offer.item.sku), to_amount(offer.price.price)
    price = state.facts.find(subject=ref, name="price")
    if price is None or not isinstance(price.value, Amount) or price.value == now_costs:
        return ()
    text = get_book("en").say(
        "notice.price",
        seed=0,
        item=get_name(offer),
        price=say_money(now_costs),
        before=say_money(price.value),
    )
    return (
        FactSuperseded(id=price.id, fact=_renew(price, value=now_costs, offer=offer)),
        NoticeGiven(notice="price.changed", ref=ref, text=text, price=now_costs),
    )


def _say_stock_news(name: str, *, before: str, now: str, quantity: int | None) -> str:
    book = get_book("en")
    if now == "out_of_stock":
        return book.say("notice.sold_out", seed=0, item=name)
    if now == "low_stock" and quantity is not None and quantity <= LOW_STOCK:
        return book.say("notice.low", seed=0, item=name, count=quantity)
    if before == "out_of_stock":
        return book.say("notice.back", seed=0, item=name)
    return ""


def _renew(fact: Fact, *, value: Amount | str | int | None, offer: Offer) -> Fact:
    """The fact by the newer reading. Its id names the reading, so that a turn in flight cannot mint it too."""
    reading = offer.price if fact.name == "price" else offer.stock
    return Fact(
        id=f"{fact.subject.key}/{fact.name}@{reading.version}",
        subject=fact.subject,
        name=fact.name,
        value=value,
        source=reading.source,
        observed_at=reading.observed_at,
        valid_until=reading.valid_until,
        version=reading.version,
        stale=reading.stale,
    )


async def _list_policy_news(
    state: ConversationState, event: PolicyChanged, *, ref: EntityRef, shop: Shop
) -> tuple[Event, ...]:
    """A policy that the shopper was told of has a newer version at the same scope."""
    name = f"policy.{event.name}"
    told, known = state.facts.find_cited(subject=ref, name=name), state.facts.find(subject=ref, name=name)
    scope = event.scope if event.scope == "store" else f"{event.scope}:{event.scope_value}"
    same_scope = told is not None and told.source.partition("@")[0] == f"policy:{event.name}/{scope}"
    if told is None or known is None or not same_scope or known.version >= event.version:
        return ()
    answer = await shop.find_policy(
        event.name,
        sku=event.scope_value if event.scope == "sku" else None,
        category=event.scope_value if event.scope == "category" else None,
    )
    if answer is None:
        return ()
    newer = Fact(
        id=f"{name}@{answer.chosen.version}",
        subject=ref,
        name=name,
        value=answer.chosen.text,
        source=f"policy:{answer.chosen.ref}",
        observed_at=answer.chosen.observed_at,
        version=answer.chosen.version,
    )
    text = get_book("en").say("notice.policy", seed=0, title=event.title or event.name.replace("_", " "))
    notice = NoticeGiven(notice="policy.changed", ref=ref, text=text)
    return (FactSuperseded(id=known.id, fact=newer), notice)
