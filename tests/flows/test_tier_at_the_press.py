"""A tier that the customers' system takes back between an offer and its press: nothing is sold at it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.ids import MerchantId
from catalog.models import Customer, Order, OrderLine, Promotion
from commerce_agent.agent.ordering.confirming import Press
from conversations.events.carts import ProposalMade
from conversations.ids import ConversationId
from conversations.ids import MerchantId as TalkMerchantId
from tests.flows.test_misbehaving import Talk, open_talk, propose
from tests.merchant_api import RunningApi


@pytest.fixture
async def talk(lamps: MerchantId, merchant_api: RunningApi, settings: Any) -> AsyncIterator[Talk]:
    """The talk of a shopper of the gold tier, who pays ten percent less."""
    await Promotion.objects.acreate(merchant_id=lamps, title="Gold", percent="10", requires_tier="gold")
    await Customer.objects.acreate(merchant_id=lamps, key="ada", tier="gold")
    async with open_talk(lamps, url=merchant_api.url, settings=settings) as opened:
        conversations, shop = opened.platform.conversations, TalkMerchantId(lamps)
        card = await conversations.shoppers.record(
            merchant=shop, key="ada", name="Ada Moss", at=opened.clock()
        )
        opened.conversation = await conversations.open_conversation(
            merchant=shop, shopper=card.id, currency="EUR", at=opened.clock()
        )
        yield opened


async def lose_the_tier(talk: Talk) -> None:
    await Customer.objects.filter(merchant_id=talk.merchant, key="ada").aupdate(tier="", version=2)


async def test_a_tier_taken_back_is_asked_for_anew_when_an_order_is_pressed(
    talk: Talk, merchant_api: RunningApi
) -> None:
    conversations = talk.platform.conversations
    conversation, press = await propose(talk)
    offered = (await conversations.load(conversation=conversation)).cart.proposal
    await lose_the_tier(talk)
    confirm = talk.platform.confirmations.confirm

    # What is kept of the customer is gold still, also for whoever cannot ask.
    merchant_api.misbehave("error", kind="customers")
    unasked = await confirm(conversation=conversation, press=press, at=talk.clock())
    stands = (await conversations.load(conversation=conversation)).cart.proposal
    merchant_api.behave()
    asked = await confirm(conversation=conversation, press=press, at=talk.clock())
    fresh = (await conversations.load(conversation=conversation)).cart.proposal

    assert offered is not None
    assert fresh is not None
    assert (unasked.status, unasked.order, stands) == ("failed", None, offered)
    assert (asked.status, asked.order) == ("changed", None)
    assert fresh.total.amount > offered.total.amount
    assert await Order.objects.filter(merchant_id=talk.merchant).acount() == 0


async def propose_exchange(talk: Talk) -> tuple[ConversationId, Press]:
    """One lamp of an order of before, paid in full, for the dearer one."""
    delivered = talk.clock() - timedelta(days=2)
    order = await Order.objects.acreate(
        merchant_id=talk.merchant,
        number="A-1",
        customer_key="ada",
        placed_at=delivered,
        delivered_at=delivered,
        status="delivered",
        total=80,
        total_currency="EUR",
    )
    await OrderLine.objects.acreate(
        merchant_id=talk.merchant,
        order=order,
        sku="MEADOW-W",
        title="Meadow lamp",
        quantity=1,
        unit_price=80,
        unit_price_currency="EUR",
    )
    said = await talk.say("I want to exchange the white lamp of order A-1 for the green one")
    (proposal,) = (event.proposal for event in said if isinstance(event, ProposalMade))
    assert talk.conversation is not None
    token = await talk.platform.confirmations.issue_token(
        conversation=talk.conversation, proposal=proposal.id
    )
    return talk.conversation, Press(proposal=proposal.id, hash=proposal.hash, token=token)


async def test_a_tier_taken_back_is_asked_for_anew_when_an_exchange_is_pressed(
    talk: Talk, merchant_api: RunningApi
) -> None:
    conversations, confirm = talk.platform.conversations, talk.platform.confirmations.confirm
    conversation, press = await propose_exchange(talk)
    offered = (await conversations.load(conversation=conversation)).cart.proposal
    await lose_the_tier(talk)

    merchant_api.misbehave("error", kind="customers")
    unasked = await confirm(conversation=conversation, press=press, at=talk.clock())
    stands = (await conversations.load(conversation=conversation)).cart.proposal
    merchant_api.behave()
    asked = await confirm(conversation=conversation, press=press, at=talk.clock())
    fresh = (await conversations.load(conversation=conversation)).cart.proposal

    assert offered is not None
    assert fresh is not None
    # At the gold price the green one is cheaper than what was paid; at anybody's it costs as much.
    assert (offered.total.amount, offered.goes_back) == (Decimal(8), True)
    assert (unasked.status, stands) == ("failed", offered)
    assert "nothing" in unasked.text.lower()
    assert asked.status == "changed"
    assert (fresh.total.amount, fresh.kind) == (Decimal(0), "exchange")
    line = await OrderLine.objects.aget(merchant_id=talk.merchant, order__number="A-1")
    assert line.returned == 0


async def test_what_no_tier_makes_cheaper_is_exchanged_though_nobody_can_be_asked(
    talk: Talk, merchant_api: RunningApi
) -> None:
    await Promotion.objects.filter(merchant_id=talk.merchant).adelete()
    conversation, press = await propose_exchange(talk)

    merchant_api.misbehave("error", kind="customers")
    done = await talk.platform.confirmations.confirm(conversation=conversation, press=press, at=talk.clock())

    assert done.status == "accepted"
    line = await OrderLine.objects.aget(merchant_id=talk.merchant, order__number="A-1")
    assert line.returned == 1
