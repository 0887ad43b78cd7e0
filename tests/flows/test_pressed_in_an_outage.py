"""A button that is pressed while stock or price cannot be asked at their source: nothing is ordered, the shopper hears
why, and the offer stands.
"""

from functools import partial
from typing import Any

import pytest

from catalog import conf
from catalog.connectors import StoreApi
from catalog.models import Order, Reservation
from commerce_agent.agent.confirming import Press
from commerce_agent.composition import Platform, open_platform
from conversations.ids import ConversationId
from tests.flows.test_misbehaving import Talk, propose, talk
from tests.merchant_api import RunningApi
from tests.running import find_free_port
from tests.waiting import wait_until_async

__all__ = ["talk"]

MODES = ("older_version", "error", "slow", "hang", "rate_limited")
WHY = (
    "Nothing was ordered: the shop's system doesn't answer, so price and stock can't be checked."
    " Please confirm again in a moment."
)


class Offered:
    """An offer that was made while the shop behaved."""

    def __init__(self, talk: Talk, *, conversation: ConversationId, press: Press) -> None:
        self.talk = talk
        self.conversation = conversation
        self.press = press

    async def expect_no_order(self, platform: Platform) -> None:
        """Its button is pressed, and a process takes the press."""
        resolved = await platform.confirmations.confirm(
            conversation=self.conversation, press=self.press, at=self.talk.clock()
        )

        assert (resolved.status, resolved.order, resolved.text) == ("failed", None, WHY)
        cart = (await platform.conversations.load(conversation=self.conversation)).cart
        assert cart.proposal is not None
        assert cart.proposal.id == self.press.proposal
        for rows in (Order, Reservation):
            assert await rows.objects.filter(merchant_id=self.talk.merchant).acount() == 0

    async def expect_an_order(self, platform: Platform) -> None:
        """The shop behaves again; on a busy machine it may need to be pressed once more."""

        async def is_ordered() -> bool:
            resolved = await platform.confirmations.confirm(
                conversation=self.conversation, press=self.press, at=self.talk.clock()
            )
            return resolved.status == "accepted"

        await wait_until_async(is_ordered, seconds=30, what="an order")
        assert await Order.objects.filter(merchant_id=self.talk.merchant).acount() == 1


@pytest.fixture
async def offered(talk: Talk) -> Offered:
    conversation, press = await propose(talk)
    return Offered(talk, conversation=conversation, press=press)


@pytest.mark.parametrize("kind", ["inventory", "pricing"])
async def test_nothing_is_ordered_on_what_a_source_cannot_say(
    offered: Offered, merchant_api: RunningApi, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    async def is_asked_in_vain() -> bool:
        await offered.expect_no_order(platform)
        # What behaves may be late too where a machine is busy: then what misbehaves was not asked yet.
        return merchant_api.count_calls(kind) > 0

    monkeypatch.setattr(conf, "StoreApi", partial(StoreApi, seconds=0.4))
    first = offered.talk.platform
    async with open_platform(clock=offered.talk.clock, quiet=True, prefix=first.prefix) as platform:
        for mode in MODES:
            merchant_api.behave()
            merchant_api.misbehave(mode, kind=kind, seconds=60)
            await wait_until_async(is_asked_in_vain, seconds=30, what=f"a press during {mode}")
            # Neither the breaker nor a limit keeps the next way from being met.
            await platform.forget_keys()
        merchant_api.behave()
        platform.outages.take_down(kind)
        await offered.expect_no_order(platform)

    await offered.expect_an_order(first)


async def test_nothing_is_ordered_while_the_shop_is_down(
    offered: Offered, settings: Any, database: str
) -> None:
    settings.MERCHANT_API_URL = f"http://127.0.0.1:{find_free_port()}"
    first = offered.talk.platform
    async with open_platform(clock=offered.talk.clock, quiet=True, prefix=first.prefix) as platform:
        await offered.expect_no_order(platform)

    await offered.expect_an_order(first)
