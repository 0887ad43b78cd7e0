"""A cart that leaves for a new talk in the moment in which another tab orders it: it is ordered or it leaves."""

import asyncio
from typing import Any

import pytest
from moneyed import Money

from catalog.models import Order
from catalog.orders import OfferGone, Pressed, is_waiting, record_attempt
from commerce_agent import composition
from conversations.events.carts import ProposalResolved
from conversations.ids import MerchantId
from tests.flows.test_misbehaving import Talk, list_own_attempts, propose, talk
from tests.waiting import wait_until_async

__all__ = ["talk"]


async def test_what_left_before_the_press_was_on_record_is_not_ordered_where_it_was(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier, press = await propose(talk)
    conversations, pressing = talk.platform.conversations, list[asyncio.Task[ProposalResolved]]()

    async def be_pressed_behind(connection: Any, **named: Any) -> bool:
        answer = await is_waiting(connection, **named)
        confirm = talk.platform.confirmations.confirm
        pressing.append(asyncio.create_task(confirm(conversation=earlier, press=press, at=talk.clock())))

        async def is_on_record() -> bool:
            return bool(await list_own_attempts(talk))

        await wait_until_async(is_on_record, seconds=30, what="the press on record")
        return answer

    monkeypatch.setattr(composition, "is_waiting", be_pressed_behind)
    later = await conversations.open_conversation(
        merchant=MerchantId(talk.merchant), currency="EUR", at=talk.clock()
    )

    async with asyncio.timeout(50):
        assert await conversations.carry_cart(conversation=later, at=talk.clock(), left_by=earlier)
        (resolved,) = await asyncio.gather(*pressing)

    assert (resolved.status, resolved.order) == ("failed", None)
    assert await Order.objects.filter(merchant_id=talk.merchant).acount() == 0
    assert await list_own_attempts(talk) == []
    carts = [(await conversations.load(conversation=name)).cart for name in (earlier, later)]
    assert [[line.ref.key for line in cart.lines] for cart in carts] == [[], ["MEADOW-G"]]


async def test_a_press_whose_offer_is_gone_strikes_out_no_other_press_that_is_at_the_desk(talk: Talk) -> None:
    earlier, press = await propose(talk)
    state = await talk.platform.conversations.load(conversation=earlier)
    shop = await talk.platform.turns.shops.open_for_button(state, now=talk.clock())

    async def is_gone() -> bool:
        return False

    async def press_in_vain() -> list[str]:
        pressed = Pressed(token=press.hash, origin=earlier, stands=is_gone)
        with pytest.raises(OfferGone):
            await shop.place_order(lines=(), codes=(), total=Money(0, "EUR"), pressed=pressed)
        return [attempt.token for attempt in await list_own_attempts(talk)]

    assert await press_in_vain() == []
    async with talk.platform.pool.connection() as lent:
        # Another one has just been put on record, and its answer is not there yet.
        assert await record_attempt(
            lent, merchant=talk.merchant, token=press.hash, origin=earlier, now=talk.clock()
        )
    assert await press_in_vain() == [press.hash]
