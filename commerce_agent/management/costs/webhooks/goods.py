"""A shop, and conversations in it that each show one of its items: what a load of webhooks is aimed at."""

import asyncio
import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from catalog.feeds import FeedItem, import_items
from catalog.ids import MerchantId
from catalog.merchants import create_merchant, delete_merchant
from catalog.products import index_products
from commerce_agent.agent.news.offers import make_facts
from commerce_agent.composition import Platform
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import to_card, to_entity
from commerce_agent.webhooks.keys import make_key
from conversations.events.entities import EntitiesFocused, EntitiesShown
from conversations.events.facts import FactsCited, FactsObserved
from conversations.events.messages import CardsShown, ReplyGiven
from conversations.ids import ClientMessageId
from conversations.ids import MerchantId as ConversationMerchantId
from conversations.service import Turn

MADE_AT_ONCE = 8


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The shop under load."""

    merchant: MerchantId
    shop: str
    key: str
    secret: str
    skus: tuple[str, ...]


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that a browser can come back to, and the item it shows."""

    resume: str
    sku: str


@contextmanager
def lend_target(*, items: int) -> Iterator[Target]:
    """A shop with so many items, removed afterwards with everything it was told."""
    now = datetime.now(UTC)
    shop = f"load-{uuid4().hex[:12]}"
    merchant = MerchantId(str(create_merchant(key=shop, name="Load", ephemeral=True).id))
    try:
        skus = tuple(f"ITEM-{number}" for number in range(items))
        import_items(
            merchant=merchant,
            items=[
                FeedItem(id=sku, title=f"Thing {sku}", price="10.00 USD", quantity="50", line=number)
                for number, sku in enumerate(skus, start=1)
            ],
            name="load",
            now=now,
        )
        index_products(merchant=merchant, now=now)
        made = make_key(merchant=merchant, name="load", at=now)
        yield Target(merchant=merchant, shop=shop, key=made.row.key_id, secret=made.secret, skus=skus)
    finally:
        delete_merchant(merchant=merchant)


async def make_chats(platform: Platform, *, target: Target, count: int) -> tuple[Chat, ...]:
    """So many conversations that show an item each, in turn."""
    gate = asyncio.Semaphore(MADE_AT_ONCE)

    async def make(number: int) -> Chat:
        async with gate:
            return await _make_chat(platform, target=target, sku=target.skus[number % len(target.skus)])

    return tuple(await asyncio.gather(*(make(number) for number in range(count))))


async def _make_chat(platform: Platform, *, target: Target, sku: str) -> Chat:
    now, merchant = datetime.now(UTC), ConversationMerchantId(target.merchant)
    resume = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
    conversation = await platform.conversations.open_conversation(merchant=merchant, at=now, resume=resume)
    await platform.conversations.record_message(
        conversation=conversation, cid=ClientMessageId(uuid4().hex), text=f"Show me {sku}", at=now
    )
    turn = await platform.conversations.take_turn(conversation=conversation, at=now)
    if turn is None:
        raise RuntimeError("A conversation that was just made has its turn; another process took it.")
    shop = await platform.turns.shops.open_shop(merchant=merchant, state=turn.state, now=now)
    (offer,) = await shop.list_offers([sku])
    await platform.conversations.commit_turn(turn=turn, events=_show(offer, turn=turn), at=now)
    return Chat(resume=resume, sku=sku)


def _show(
    offer: Offer, *, turn: Turn
) -> tuple[EntitiesShown | FactsObserved | CardsShown | EntitiesFocused | FactsCited | ReplyGiven, ...]:
    entity, facts = to_entity(offer), make_facts(offer, known=turn.state.facts)
    return (
        EntitiesShown(entities=(entity,)),
        FactsObserved(facts=facts),
        CardsShown(part="p1", cards=(to_card(offer, now=datetime.now(UTC)),)),
        EntitiesFocused(refs=(entity.ref,)),
        FactsCited(ids=tuple(fact.id for fact in facts)),
        ReplyGiven(turn=turn.number, text="Here it is."),
    )
