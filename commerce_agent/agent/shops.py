"""Opens a merchant's shop for the shopper of a conversation: their tier, their orders, what is remembered of them."""

import asyncio
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from catalog.connectors import Connectors, ConnectorUnavailable, Sources
from catalog.connectors.store_rows import Connections
from catalog.ids import MerchantId as CatalogMerchantId
from catalog.orders import Desks
from catalog.pricing import PriceContext
from commerce_agent.agent.memory.remembering import Remembering
from commerce_agent.isolation.acting import acting_for_talk
from commerce_agent.tools.customers import KnownTier, ask_tier, find_customer, find_tier
from commerce_agent.tools.shop import Shop
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.service import Conversations, ShopperCard
from conversations.state import ConversationState


def acting_for_shopper_of(
    conversation: ConversationId, *, state: ConversationState, customer: str | None
) -> AbstractContextManager[None]:
    """Acts for this conversation's shopper within the block; of the shop's others the database shows nothing then.

    `customer` is the shop's own key of the shopper, without which no order of theirs is seen.
    """
    whose = state.transcript
    return acting_for_talk(whose.merchant, talk=conversation, shopper=whose.shopper, customer=customer)


CARD_SECONDS = 15
"""How long it is taken as known who a shopper is; whoever is vouched for anew in this process is known at once."""
MOST_CARDS = 2_000


class Shops:
    """The merchants' shops, as their shoppers see them."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
        connectors: Connectors,
        remembering: Remembering,
    ) -> None:
        self._conversations = conversations
        self._pool = pool
        self._connectors = connectors
        self._remembering = remembering
        self._desks = Desks(connections=pool, connectors=connectors)
        self._cards: dict[tuple[MerchantId, ShopperId], tuple[float, ShopperCard]] = {}

    async def open_shop(
        self,
        *,
        merchant: MerchantId,
        state: ConversationState,
        now: datetime,
        sources: Sources | None = None,
        connections: Connections | None = None,
        why: str | None = None,
    ) -> Shop:
        """The merchant's goods as this conversation's shopper sees them; asked of `sources`, and searched over
        `connections`, where given.

        `why` is put on record with the look at who the shopper is; within a turn none is given, for that is on record
        since the turn began.
        """
        card = await self.find_card(merchant, state=state)
        return await self.open_for(
            card, merchant=merchant, state=state, now=now, sources=sources, connections=connections, why=why
        )

    async def open_for_button(self, state: ConversationState, *, now: datetime) -> Shop:
        """The same for what a pressed button asks."""
        merchant = state.transcript.merchant
        return await self.open_shop(merchant=merchant, state=state, now=now, why="the shopper's button")

    async def find_card(self, merchant: MerchantId, *, state: ConversationState) -> ShopperCard | None:
        """Who the conversation's shopper is, where the shop has named them."""
        shopper = state.transcript.shopper
        if shopper is None:
            return None
        until, known = self._cards.get((merchant, shopper), (0.0, None))
        if known is not None and asyncio.get_running_loop().time() < until:
            return known
        found = await self._conversations.find_shopper(merchant=merchant, shopper=shopper)
        if found is None:
            self._cards.pop((merchant, shopper), None)
        else:
            self.keep_card(merchant, card=found)
        return found

    def keep_card(self, merchant: MerchantId, *, card: ShopperCard) -> None:
        """Takes it as known for a while who this is: the next turns need not ask."""
        self._cards.pop((merchant, card.id), None)
        if len(self._cards) >= MOST_CARDS:
            self._cards.pop(next(iter(self._cards)))
        self._cards[merchant, card.id] = (asyncio.get_running_loop().time() + CARD_SECONDS, card)

    async def open_for(
        self,
        card: ShopperCard | None,
        *,
        merchant: MerchantId,
        state: ConversationState,
        now: datetime,
        sources: Sources | None = None,
        connections: Connections | None = None,
        why: str | None = None,
    ) -> Shop:
        """The same, where it is known who the shopper is; `why` is what its reads go on record for, if not the turn."""
        asked, memory = sources or self._connectors, None
        known = KnownTier(tier=state.transcript.tier)
        if card:
            is_replay = sources is not None
            ask_given = partial(find_customer, asked.customers, merchant=merchant, customer=card.key, now=now)
            memory = await self._remembering.open(
                state, now=now, read_only=is_replay, why=why, ask_given=ask_given
            )
            if memory is not None and why is not None:
                await memory.note_look()
            known = await find_tier(
                asked.customers, merchant=merchant, card=card, before=state.transcript.tier, now=now
            )
            if memory is not None and not is_replay and known.tier != state.transcript.tier:
                # Their prices are others from here on: said in the reply, and on record.
                await memory.note("tier.changed", "tier")
        return Shop(
            pool=connections or self._pool,
            connectors=asked,
            merchant=CatalogMerchantId(merchant),
            context=PriceContext(now=now, tier=known.tier, tier_since=known.since, codes=state.cart.codes),
            customer_key=card.key if card else None,
            memory=memory,
            desks=self._desks,
        )

    async def take_tier_anew(self, shop: Shop, *, state: ConversationState) -> ConnectorUnavailable | None:
        """Has the shop sell at the tier that the merchant's own system says now, whatever is kept of it.

        Answers why, where it cannot be asked: then the shop stays at the last tier known.
        """
        merchant = state.transcript.merchant
        card = await self.find_card(merchant, state=state)
        if card is None:
            return None
        asked = self._connectors.direct.customers
        try:
            tier = await ask_tier(asked, merchant=merchant, card=card, now=shop.now)
        except ConnectorUnavailable as outage:
            return outage
        shop.context = msgspec.structs.replace(shop.context, tier=tier, tier_since=None)
        return None

    def open_shelf(self, context: PriceContext, *, merchant: MerchantId, sources: Sources) -> Shop:
        """The goods at these prices, without whose they are: all that news needs, and nothing is asked."""
        return Shop(
            pool=self._pool,
            connectors=sources,
            merchant=CatalogMerchantId(merchant),
            context=context,
            customer_key=None,
        )
