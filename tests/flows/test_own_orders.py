"""What a shopper has ordered is known at once: what was kept of the orders before holds no longer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from catalog.ids import MerchantId
from commerce_agent.agent.confirming import Press
from conversations.events.carts import Proposal, ProposalMade
from conversations.ids import MerchantId as TalkMerchantId
from tests.flows.recordings import OPENED
from tests.flows.test_misbehaving import Talk, find_reply, open_talk
from tests.merchant_api import RunningApi


@pytest.fixture
async def talk(lamps: MerchantId, merchant_api: RunningApi, settings: Any) -> AsyncIterator[Talk]:
    """Ada's conversation with a shop behind its merchant API. The clock stands still, so answers stay fresh."""
    async with open_talk(lamps, url=merchant_api.url, settings=settings) as opened:
        conversations, merchant = opened.platform.conversations, TalkMerchantId(lamps)
        card = await conversations.shoppers.record(
            merchant=merchant, key="ada", name="Ada", tier=None, at=OPENED
        )
        opened.conversation = await conversations.open_conversation(
            merchant=merchant, currency="EUR", shopper=card.id, at=OPENED
        )
        yield opened


async def press(talk: Talk, words: str) -> str:
    """Says what leads to a proposal and presses its button; answers what came of it."""
    made: list[Proposal] = [
        event.proposal for event in await talk.say(words) if isinstance(event, ProposalMade)
    ]
    (proposal,) = made
    assert talk.conversation is not None
    token = await talk.platform.confirmations.issue_token(
        conversation=talk.conversation, proposal=proposal.id
    )
    button = Press(proposal=proposal.id, hash=proposal.hash, token=token)
    done = await talk.platform.confirmations.confirm(
        conversation=talk.conversation, press=button, at=talk.clock()
    )
    assert (done.status, done.text) == ("accepted", done.text)
    return done.order or ""


async def test_orders_and_their_changes_are_seen_though_the_clock_stands_still(
    talk: Talk, merchant_api: RunningApi
) -> None:
    await talk.say_until_fresh("show me green lamps")
    assert "no orders" in find_reply(await talk.say("what did I order?")).lower()
    asked = merchant_api.count_calls("orders")
    await talk.say("where is my order?")
    assert merchant_api.count_calls("orders") == asked

    await talk.say("add the Meadow lamp in green to my cart")
    number = await press(talk, "check out")
    assert number in find_reply(await talk.say("what did I order?"))

    await press(talk, f"cancel order {number}")
    assert "cancelled" in find_reply(await talk.say("where is my order?"))
