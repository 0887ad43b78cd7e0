"""What there is instead, where fewer are left than the shopper wants; and nothing where nobody can say."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from catalog.connectors import ConnectorUnavailable
from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from commerce_agent.agent.news import deciding
from commerce_agent.composition import Platform
from tests.agent.conftest import NOW
from tests.agent.talking import list_notices, open_talk, say
from tests.agent.test_confirming import count_orders, press


async def leave(shop: str, sku: str, *, left: int) -> Any:
    return await sync_to_async(set_stock)(
        merchant=MerchantId(shop), sku=Sku(sku), quantity=left, at=NOW, source="test"
    )


async def test_an_alternative_is_told_at_the_press_when_too_few_are_left(
    platform: Platform, lamp_shop: str
) -> None:
    for sku in ("MEADOW-G", "MEADOW-W"):
        await leave(lamp_shop, sku, left=9)
    conversation = await open_talk(platform, merchant=lamp_shop)
    for text in ("a green lamp", "add three of it to my cart", "check out"):
        await say(platform, conversation, text)
    state = await platform.conversations.load(conversation=conversation)
    assert state.cart.proposal is not None
    assert [line.quantity for line in state.cart.proposal.lines] == [3]
    await leave(lamp_shop, "MEADOW-G", left=2)

    refused = await press(platform, conversation, state.cart.proposal)

    assert refused.status == "changed"
    assert "3 wanted → 2 left" in refused.text
    assert "Meadow lamp in white" in refused.text
    assert await count_orders(lamp_shop) == 0


async def test_news_of_a_stock_is_told_though_nobody_can_say_what_there_is_instead(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    for text in ("a green lamp", "add it to my cart"):
        await say(platform, conversation, text)

    async def fall_out(*_: object, **__: object) -> None:
        raise ConnectorUnavailable(connector="pricing", reason="it is away")

    monkeypatch.setattr(deciding, "find_alternative", fall_out)

    assert await platform.newsroom.spread(await leave(lamp_shop, "MEADOW-G", left=0)) == 1
    (told,) = await list_notices(platform, conversation)
    assert "sold out" in told
