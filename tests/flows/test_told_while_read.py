"""A webhook that comes while a turn is reading the item that it is about, from the merchant API, a real process."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as chosen

from catalog.connectors.sealing import seal_secret
from catalog.ids import MerchantId
from catalog.inbox import apply_waiting, read_items, record_delivery
from catalog.models import Connector
from conversations.events.facts import FactsObserved
from conversations.events.messages import NoticeGiven
from conversations.ids import EntityRef
from tests.flows.test_misbehaving import Talk, find_reply, open_talk
from tests.merchant_api import KEY, RunningApi
from tests.waiting import wait_until_async

GREEN = EntityRef("variant", "MEADOW-G")


@pytest.fixture
async def talk(lamps: MerchantId, merchant_api: RunningApi, settings: Any) -> AsyncIterator[Talk]:
    """A shop whose warehouse does not number its answers: nothing in them says which is the later one."""
    settings.CONNECTOR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    await Connector.objects.acreate(
        merchant_id=lamps,
        kind="inventory",
        name="warehouse",
        url=f"{merchant_api.url}/v1/{{merchant}}/stock?skus={{skus}}",
        login="bearer",
        sealed_secret=seal_secret(KEY, keys=chosen.KEY_ENCRYPTION_KEYS, merchant=lamps, kind="inventory"),
        items="items",
        fields={"sku": "sku", "quantity": "quantity", "availability": "availability"},
        timeout_ms=9000,
    )
    async with open_talk(lamps, url="", settings=settings) as opened:
        yield opened


async def deliver(talk: Talk, **event: object) -> None:
    """As the webhook's endpoint takes it and the worker applies and tells it."""
    body = msgspec.json.encode({"id": uuid4().hex, **event})
    async with talk.platform.pool.connection() as lent:
        await record_delivery(
            lent, merchant=talk.merchant, via="test", items=read_items(body), size=len(body), at=talk.clock()
        )
    applied = await sync_to_async(apply_waiting)(merchant=talk.merchant, now=talk.clock())
    await talk.platform.newsroom.spread_all(applied.events)


async def test_what_was_read_before_a_webhook_is_set_right_when_the_turn_is_over(
    talk: Talk, merchant_api: RunningApi
) -> None:
    merchant_api.misbehave("held_answer", kind="inventory", seconds=60, times=1)
    turn = asyncio.create_task(talk.say("a green lamp"))

    async def is_held() -> bool:
        return await asyncio.to_thread(merchant_api.count_held, "inventory") > 0

    await wait_until_async(is_held, seconds=30, what="an answer that was read and is held back")
    # Nothing was shown yet, so there is nobody to be told; and the answer that is under way knows nothing of it.
    talk.clock.advance(1)
    await deliver(talk, kind="stock", sku="MEADOW-G", quantity=0)
    merchant_api.behave()
    shown = await turn

    assert talk.conversation is not None
    after = await talk.platform.conversations.load(conversation=talk.conversation)
    journal = await talk.platform.conversations.list_events(conversation=talk.conversation)
    read = [fact for event in shown if isinstance(event, FactsObserved) for fact in event.facts]
    told = [each.event for each in journal if isinstance(each.event, NoticeGiven)]
    known = after.facts.find(subject=GREEN, name="stock")
    assert {fact.name: fact.value for fact in read if fact.subject == GREEN}["stock"] == 12
    assert [(notice.notice, notice.ref, notice.stock) for notice in told] == [("stock.changed", GREEN, 0)]
    assert known is not None
    assert known.value == 0
    assert "sold out" in find_reply(await talk.say("is it in stock?"))
