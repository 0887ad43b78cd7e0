"""News of the shop, carried into the open conversations that it concerns.

Told after the states were read. For each round the conversations' states are loaded first and the shop is asked
after that, at the source; a conversation that went on meanwhile is decided again. So an older value is never told
after a newer one.

Rounds of two hundred, three at once. Each told conversation's state is kept as it is after the news, and the hints
of a round go to Redis in one round trip: 0.3 ms of a worker's CPU a conversation, 0.5 and growing with each notice
without these.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice

import structlog

from catalog.clock import Clock
from catalog.connectors import Connectors, ConnectorUnavailable, ask_anew, expire_offers, expire_terms
from catalog.events import (
    CatalogEvent,
    PolicyChanged,
    PriceChanged,
    ProductChanged,
    PromotionChanged,
    StockChanged,
)
from catalog.ids import CustomerKey, Sku
from catalog.ids import MerchantId as CatalogMerchantId
from catalog.products import VariantRecord
from commerce_agent.agent.closing import list_shown_skus
from commerce_agent.agent.news.deciding import Deciding, Heard
from commerce_agent.agent.news.offers import (
    list_chip_news,
    list_offer_news,
    list_own_news,
    list_reread_news,
)
from commerce_agent.agent.turns import Turns
from commerce_agent.tools.customers import KnownTier, list_tiers
from commerce_agent.tools.showing import get_ref, name_availability
from conversations.events import Event
from conversations.events.facts import FactsObserved, FactSuperseded
from conversations.events.messages import NoticeGiven
from conversations.ids import EntityRef, MerchantId, ShopperId
from conversations.service import ConversationId, Conversations, MovedOn, News, Reader
from conversations.state import ConversationState

NEWS = Reader(actor="agent", purpose="news of the shop, at each shopper's prices")

log = structlog.get_logger(__name__)

TOLD_TOGETHER = 200
"""Conversations that are loaded, decided and appended in one go."""
ROUNDS_AT_ONCE = 3
MOST_ROUNDS = 8
"""A conversation that went on each time it was to be told hears it from its own next reading."""
OPEN_HOURS = 24
"""A conversation quiet for longer is told when its shopper comes back and asks."""


class Newsroom:
    """Finds the conversations that events concern and tells each what they mean there."""

    def __init__(
        self, *, conversations: Conversations, turns: Turns, connectors: Connectors, clock: Clock
    ) -> None:
        self._conversations = conversations
        self._turns = turns
        self._connectors = connectors
        self._clock = clock

    async def spread(self, event: CatalogEvent, *, beside: ConversationId | None = None) -> int:
        """Tells the open conversations, but `beside`, whose own doing it was; answers how many had a notice."""
        return await self.spread_all((event,), beside=beside)

    async def spread_all(
        self, events: tuple[CatalogEvent, ...], *, beside: ConversationId | None = None
    ) -> int:
        """The same for what changed at once. What is told is what holds now, by a reading after each state."""
        told = 0
        for merchant in dict.fromkeys(event.merchant for event in events):
            own = tuple(event for event in events if event.merchant == merchant)
            await self._expire(own, merchant=merchant)
            name = MerchantId(merchant)
            concerned = await self._list_concerned(own, merchant=name, now=self._clock())
            concerned.pop(beside or ConversationId(""), None)
            told += await self._tell_all(concerned, merchant=name, events=own)
        return told

    async def _tell_all(
        self,
        concerned: Mapping[ConversationId, tuple[EntityRef, ...]],
        *,
        merchant: MerchantId,
        events: tuple[CatalogEvent, ...],
    ) -> int:
        """In rounds of so many, a few at once: one is decided while another is being committed."""
        gate = asyncio.Semaphore(ROUNDS_AT_ONCE)

        async def tell(chunk: dict[ConversationId, tuple[EntityRef, ...]]) -> int:
            async with gate:
                return await self._tell(chunk, merchant=merchant, events=events)

        rounds = [tell(chunk) for chunk in _split(concerned, size=TOLD_TOGETHER)]
        # A round that fails does not keep the others from being told, and is heard of after them.
        told = await asyncio.gather(*rounds, return_exceptions=True)
        for failed in told:
            if isinstance(failed, BaseException):
                raise failed
        return sum(count for count in told if isinstance(count, int))

    async def _expire(self, events: tuple[CatalogEvent, ...], *, merchant: CatalogMerchantId) -> None:
        """What is kept of it is fresh no more, for every process."""
        offered = tuple(
            dict.fromkeys(event.sku for event in events if isinstance(event, StockChanged | PriceChanged))
        )
        if offered:
            await expire_offers(self._connectors, merchant=merchant, skus=offered)
        items = tuple(dict.fromkeys(event.sku for event in events if isinstance(event, ProductChanged)))
        if items:
            await expire_offers(self._connectors, merchant=merchant, skus=items)
            await self._connectors.catalogue.expire(merchant=merchant, keys=items)
        if any(isinstance(event, PolicyChanged | PromotionChanged) for event in events):
            await expire_terms(self._connectors, merchant=merchant)

    async def _list_concerned(
        self, events: tuple[CatalogEvent, ...], *, merchant: MerchantId, now: datetime
    ) -> dict[ConversationId, tuple[EntityRef, ...]]:
        refs = tuple(dict.fromkeys(ref for ref in map(_find_ref, events) if ref is not None))
        since = now - timedelta(hours=OPEN_HOURS)
        concerned: dict[ConversationId, tuple[EntityRef, ...]] = {}
        if any(isinstance(event, PromotionChanged) for event in events):
            # A promotion may lower any price, so whoever was told one has it looked at again.
            open_now = await self._conversations.list_open(merchant=merchant, active_after=since)
            concerned = dict.fromkeys(open_now, ())
        if refs:
            concerned |= await self._conversations.list_concerned(
                merchant=merchant, refs=refs, active_after=since
            )
        return concerned

    async def _tell(
        self,
        concerned: Mapping[ConversationId, tuple[EntityRef, ...]],
        *,
        merchant: MerchantId,
        events: tuple[CatalogEvent, ...],
    ) -> int:
        """Loads, decides and appends; those that went on meanwhile are loaded and decided again.

        One that cannot be decided is heard of once the others were told.
        """
        told, left = 0, dict(concerned)
        failed: list[BaseException] = []
        noted: set[ShopperId] = set()
        for _ in range(MOST_ROUNDS):
            now = self._clock()
            states = await self._conversations.many.load(conversations=left)
            deciding = Deciding(
                shops=self._turns.shops,
                sources=ask_anew(self._connectors),
                recall=self._conversations.recall,
                merchant=merchant,
                events=events,
                now=now,
            )
            tiers = await self._list_tiers(states, merchant=merchant, noted=noted, now=now)
            heard = [
                Heard(conversation=name, state=state, refs=left[name], tier=tiers[name])
                for name, state in states.items()
            ]
            news = await deciding.decide(tuple(heard))
            failed += deciding.failed
            done = set(await self._conversations.many.record(news=news, at=now)) if news else set()
            told += sum(_has_notice(each) for each in news if each.conversation in done)
            left = {
                each.conversation: left[each.conversation] for each in news if each.conversation not in done
            }
            if not left:
                break
        if left:
            log.warning("news.not_told", conversations=len(left))
        if failed:
            raise failed[0]
        return told

    async def _list_tiers(
        self,
        states: Mapping[ConversationId, ConversationState],
        *,
        merchant: MerchantId,
        noted: set[ShopperId],
        now: datetime,
    ) -> dict[ConversationId, KnownTier]:
        """The tier of each one's shopper: by the merchant's own word, asked for all at once, else as it was.

        Whose is looked at is on record once, in `noted` from then on.
        """
        named = {
            state.transcript.shopper for state in states.values() if state.transcript.shopper is not None
        }
        await self._conversations.profiles.record_many(
            named - noted, "shopper.read", merchant=merchant, reader=NEWS, fields=("key", "tier"), at=now
        )
        noted |= named
        cards = await self._conversations.shoppers.list_cards(shoppers=named)
        keys = tuple(CustomerKey(card.key) for card in cards.values())
        tiers = await list_tiers(self._connectors.customers, merchant=merchant, keys=keys, now=now)
        said = {shopper: tiers[card.key] for shopper, card in cards.items() if card.key in tiers}
        return {
            name: _find_tier(said, shopper=state.transcript.shopper, before=state.transcript.tier)
            for name, state in states.items()
        }

    async def recheck(
        self, conversation: ConversationId, before: ConversationState, events: tuple[Event, ...]
    ) -> None:
        """Tells a conversation what changed about items while the turn that showed them was under way, and has cards
        of earlier turns show what this one read anew. `before` is the state that it began with, `events` are its own.

        News that came before the turn was committed did not find the conversation; the readings it made
        stale are not fresh any more, so asking again finds it.
        """
        now = self._clock()
        skus, reread = list_shown_skus(events), _list_reread(before, events)

        async def list_news(state: ConversationState) -> tuple[Event, ...]:
            news = tuple(event for ref in reread for event in list_reread_news(ref, before=before, now=state))
            return news + (await self._list_news_since(state, skus, now=now) if skus else ())

        if skus or reread:
            await self._record_news(conversation, list_news, now=now)

    async def note_own(self, conversation: ConversationId, *, skus: tuple[str, ...], order: str) -> None:
        """Has a conversation know what its own order left of these, and its cards show it, without a word: whoever
        bought the last piece knows that it is gone. What cannot be read is heard of as any other news.
        """
        now, is_expired = self._clock(), False

        async def list_news(state: ConversationState) -> tuple[Event, ...]:
            nonlocal is_expired
            merchant = state.transcript.merchant
            if not is_expired:
                own = tuple(map(Sku, skus))
                await expire_offers(self._connectors, merchant=CatalogMerchantId(merchant), skus=own)
                is_expired = True
            try:
                shop = await self._turns.shops.open_shop(merchant=merchant, state=state, now=now)
                offers = await shop.list_offers(skus)
            except ConnectorUnavailable:
                return ()
            return tuple(event for offer in offers for event in list_own_news(state, offer, order=order))

        if skus:
            await self._record_news(conversation, list_news, now=now)

    async def _record_news(
        self,
        conversation: ConversationId,
        list_news: Callable[[ConversationState], Awaitable[tuple[Event, ...]]],
        *,
        now: datetime,
    ) -> None:
        """What `list_news` has of the conversation's state; of its newer one where it went on meanwhile."""
        while True:
            state = await self._conversations.load(conversation=conversation)
            news = await list_news(state)
            if not news:
                return
            try:
                await self._conversations.record_arrivals(
                    conversation=conversation, events=news, at=now, expected_version=state.version
                )
            except MovedOn:
                continue
            return

    async def _list_news_since(
        self, state: ConversationState, skus: tuple[str, ...], *, now: datetime
    ) -> tuple[Event, ...]:
        shop = await self._turns.shops.open_shop(merchant=state.transcript.merchant, state=state, now=now)
        told = [sku for sku in skus if state.facts.find(subject=get_ref(sku), name="availability")]
        others = [sku for sku in skus if sku in state.transcript.chips and sku not in told]
        items = await shop.list_items((*told, *others))
        offers = await shop.list_offers(told, known=items)
        news = tuple(event for offer in offers for event in list_offer_news(state, offer))
        return news + _list_news_of_buttons(state, [item for sku, item in items.items() if sku in others])


def _list_reread(before: ConversationState, events: tuple[Event, ...]) -> tuple[EntityRef, ...]:
    """The items that were known, and of which a turn read something else."""
    read = [fact for event in events if isinstance(event, FactsObserved) for fact in event.facts]
    read += [event.fact for event in events if isinstance(event, FactSuperseded)]
    known = ((fact, before.facts.find(subject=fact.subject, name=fact.name)) for fact in read)
    return tuple(
        dict.fromkeys(
            fact.subject
            for fact, was in known
            if fact.subject.kind == "variant" and was is not None and was.value != fact.value
        )
    )


def _list_news_of_buttons(state: ConversationState, items: list[VariantRecord]) -> tuple[Event, ...]:
    """By our own copy of the catalogue, which the buttons were drawn by: nothing is asked of the shop's systems."""
    return tuple(
        event
        for item in items
        for event in list_chip_news(
            state,
            item.sku,
            availability=name_availability(item.availability, left=item.quantity),
            left=item.quantity,
        )
    )


def _split(
    concerned: Mapping[ConversationId, tuple[EntityRef, ...]], *, size: int
) -> Iterator[dict[ConversationId, tuple[EntityRef, ...]]]:
    rest = iter(concerned.items())
    while chunk := dict(islice(rest, size)):
        yield chunk


def _find_tier(
    said: Mapping[ShopperId, KnownTier], *, shopper: ShopperId | None, before: str | None
) -> KnownTier:
    known = said.get(shopper) if shopper is not None else None
    if known is None:
        return KnownTier(tier=before)
    return KnownTier(tier=known.tier or before, since=known.since)


def _has_notice(news: News) -> bool:
    return any(isinstance(event, NoticeGiven) for event in news.events)


def _find_ref(event: CatalogEvent) -> EntityRef | None:
    match event:
        case StockChanged() | PriceChanged() | ProductChanged():
            return get_ref(event.sku)
        case PolicyChanged():
            return EntityRef("policy", event.name)
        case PromotionChanged():
            return None
