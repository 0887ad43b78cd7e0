"""News of the shop, carried into the open conversations that it concerns."""

from datetime import datetime, timedelta

from catalog.clock import Clock
from catalog.connectors import Connectors, forget_offers
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
            await forget_offers(self._connectors, merchant=event.merchant, skus=(event.sku,))
        if ref is None:
            return 0
        concerned = await self._conversations.list_showing(
            merchant=MerchantId(event.merchant), refs=(ref,), active_after=now - timedelta(hours=OPEN_HOURS)
        )
        told = 0
        for conversation in concerned:
            if conversation == beside:
                continue
            told += await self._tell(conversation, event, ref=ref, now=now)
        return told

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
    """What changed against what this shopper was told: stock that matters, and the price."""
    ref = get_ref(offer.item.sku)
    news: list[Event] = []
    name = get_name(offer)
    stock = state.facts.find(subject=ref, name="stock")
    availability = get_availability(offer)
    seen = state.facts.find(subject=ref, name="availability")
    if stock and stock.value != offer.stock.quantity:
        news.append(FactSuperseded(id=stock.id, fact=_renew(stock, value=offer.stock.quantity, offer=offer)))
    if seen and seen.value != availability:
        news.append(FactSuperseded(id=seen.id, fact=_renew(seen, value=availability, offer=offer)))
        text = _say_stock_news(
            get_version_name(offer), before=str(seen.value), now=availability, quantity=offer.stock.quantity
        )
        if text:
            news.append(
                NoticeGiven(
                    notice="stock.changed",
                    ref=ref,
                    text=text,
                    stock=offer.stock.quantity,
                    availability=availability,
                )
            )
    price = state.facts.find(subject=ref, name="price")
    now_costs = to_amount(offer.price.price)
    if price and isinstance(price.value, Amount) and price.value != now_costs:
        before = price.value
        news.append(FactSuperseded(id=price.id, fact=_renew(price, value=now_costs, offer=offer)))
        text = get_book("en").say(
            "notice.price", seed=0, item=name, price=say_money(now_costs), before=say_money(before)
        )
        news.append(NoticeGiven(notice="price.changed", ref=ref, text=text, price=now_costs))
    return tuple(news)


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
