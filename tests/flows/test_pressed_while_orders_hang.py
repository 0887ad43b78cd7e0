"""A button that is pressed while the system that takes the orders hangs: its shopper hears of it in time, and nothing
is ordered.
"""

import time
from datetime import timedelta
from typing import Any

import pytest

from catalog.connectors.directory import ORDER_TIMEOUT
from catalog.models import Order
from catalog.orders import OrderRefused, Reserved
from catalog.orders.remote import RemoteDesk
from commerce_agent.agent.ordering.confirming import LOST_AFTER, Press
from conversations.events.carts import ProposalResolved
from conversations.ids import ConversationId
from tests.flows.test_misbehaving import Talk, list_own_attempts, propose, talk
from tests.flows.test_pressed_in_an_outage import WHY
from tests.merchant_api import RunningApi

__all__ = ["talk"]

MOST = ORDER_TIMEOUT + 3
"""One call is waited for as long as an order's may take, and no second one; the rest is for a busy machine."""


async def press_timed(
    talk: Talk, conversation: ConversationId, press: Press
) -> tuple[ProposalResolved, float]:
    """What came of it, and after how many seconds."""
    began = time.monotonic()
    told = await talk.platform.confirmations.confirm(conversation=conversation, press=press, at=talk.clock())
    return told, time.monotonic() - began


async def test_a_press_ends_in_time_while_orders_hang_and_can_be_pressed_again(
    talk: Talk, merchant_api: RunningApi
) -> None:
    conversation, press = await propose(talk)
    merchant_api.misbehave("hang", kind="orders")

    told, took = await press_timed(talk, conversation, press)

    assert (told.status, told.order, told.text) == ("failed", None, WHY)
    assert 0.9 * ORDER_TIMEOUT < took < MOST
    assert await Order.objects.filter(merchant_id=talk.merchant).acount() == 0
    cart = (await talk.platform.conversations.load(conversation=conversation)).cart
    assert cart.proposal is not None
    assert cart.proposal.id == press.proposal

    merchant_api.behave()
    again, _ = await press_timed(talk, conversation, press)
    assert (again.status, again.order) == (
        "accepted",
        (await Order.objects.aget(merchant_id=talk.merchant)).number,
    )


async def test_a_press_whose_order_itself_hangs_ends_in_time_and_its_outcome_is_told(
    talk: Talk, merchant_api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, press = await propose(talk)
    reserve = RemoteDesk.reserve

    async def reserve_and_hang(desk: RemoteDesk, *wish: Any, **more: Any) -> Reserved | OrderRefused:
        reserved = await reserve(desk, *wish, **more)
        # The pieces are set aside; what takes them never answers.
        merchant_api.misbehave("hang", kind="orders")
        return reserved

    monkeypatch.setattr(RemoteDesk, "reserve", reserve_and_hang)

    told, took = await press_timed(talk, conversation, press)

    assert (told.status, told.order) == ("failed", None)
    assert "hasn't told me yet" in told.text
    assert 0.9 * ORDER_TIMEOUT < took < MOST
    assert await Order.objects.filter(merchant_id=talk.merchant).acount() == 0

    merchant_api.behave()
    (attempt,) = await list_own_attempts(talk)
    later = talk.clock() + LOST_AFTER + timedelta(seconds=1)
    assert await talk.platform.confirmations.settle(attempt, at=later)
    events = await talk.platform.conversations.list_events(conversation=conversation)
    (ended,) = (each.event for each in events if isinstance(each.event, ProposalResolved))
    assert (ended.status, ended.order) == ("failed", None)
    assert "nothing was done" in ended.text
    assert await Order.objects.filter(merchant_id=talk.merchant).acount() == 0
    assert await list_own_attempts(talk) == []
