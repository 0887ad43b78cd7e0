"""What one's own order takes out of the shop is told to the other talks, whatever comes of one's own cards."""

from typing import Any

import pytest

from commerce_agent.composition import Platform
from tests.agent.talking import list_notices, open_talk, say
from tests.agent.test_confirming import count_orders, press, propose
from tests.agent.test_too_few_at_the_press import leave


async def test_the_other_talks_hear_of_an_order_though_ones_own_cards_cannot_be_drawn_anew(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await leave(lamp_shop, "MEADOW-G", left=1)
    other = await open_talk(platform, merchant=lamp_shop)
    for text in ("a green lamp", "add it to my cart"):
        await say(platform, other, text)
    conversation, proposal = await propose(platform, lamp_shop)

    async def fall_out(*_: Any, **__: Any) -> None:
        raise RuntimeError("the cards cannot be drawn")

    monkeypatch.setattr(platform.newsroom, "note_own", fall_out)
    resolved = await press(platform, conversation, proposal)

    assert (resolved.status, resolved.kind) == ("accepted", "order")
    assert await count_orders(lamp_shop) == 1
    (told,) = await list_notices(platform, other)
    assert "sold out" in told
