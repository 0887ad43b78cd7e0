"""A button that is pressed while stock or price cannot be asked at their source: nothing is ordered, the shopper hears
why, and the offer stands.
"""

from functools import partial
from typing import Any

import msgspec
import pytest

from catalog import conf
from catalog.connectors import CallLimited, StoreApi
from catalog.connectors.readings import BreakerOpen
from catalog.models import Order, Reservation
from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.agent.ordering.outcomes import resolve_unchecked
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
BUSY = (
    "Nothing was ordered: the shop's system has more to do than it can take right now."
    " Please confirm again in a moment."
)


class Offered:
    """An offer that was made while the shop behaved."""

    def __init__(self, talk: Talk, *, conversation: ConversationId, press: Press) -> None:
        self.talk = talk
        self.conversation = conversation
        self.press = press

    async def expect_no_order(self, platform: Platform, *, why: str = WHY) -> None:
        """Its button is pressed, and a process takes the press."""
        resolved = await platform.confirmations.confirm(
            conversation=self.conversation, press=self.press, at=self.talk.clock()
        )

        assert (resolved.status, resolved.order, resolved.text) == ("failed", None, why)
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
        await offered.expect_no_order(platform, why=BUSY if mode == "rate_limited" else WHY)
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


async def test_a_system_that_wants_fewer_calls_is_said_to_be_busy_and_not_to_be_silent(
    offered: Offered, merchant_api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever it is: those that are asked what things are and cost, and the one that takes the order."""
    # What does answer is waited for, however busy the machine is.
    monkeypatch.setattr(conf, "StoreApi", partial(StoreApi, seconds=15))
    first = offered.talk.platform
    async with open_platform(clock=offered.talk.clock, quiet=True, prefix=first.prefix) as platform:
        for kind in ("inventory", "pricing", "promotions", "orders"):
            merchant_api.behave()
            merchant_api.misbehave("rate_limited", kind=kind, seconds=60)
            await offered.expect_no_order(platform, why=BUSY)
            await platform.forget_keys()
        merchant_api.behave()

    await offered.expect_an_order(first)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Nothing was changed: the shop's system has more to do"),
        ("de", "Geändert wurde nichts: Das System des Ladens hat gerade mehr zu tun"),
        ("es", "No se ha cambiado nada: el sistema de la tienda tiene ahora más trabajo"),
        ("fr", "Rien n'est changé : le système de la boutique a trop à faire"),
    ],
)
async def test_a_change_is_told_so_too_in_the_shoppers_language(
    offered: Offered, language: str, said: str
) -> None:
    state = await offered.talk.platform.conversations.load(conversation=offered.conversation)
    spoken = msgspec.structs.replace(
        state, transcript=msgspec.structs.replace(state.transcript, locale=language)
    )
    assert state.cart.proposal is not None
    change = msgspec.structs.replace(state.cart.proposal, kind="cancel")

    limited = CallLimited(connector="orders", retry_after=60)
    busy = resolve_unchecked(spoken, change, outage=limited)
    silent = resolve_unchecked(spoken, change, outage=BreakerOpen(connector="orders"))

    assert busy.text.startswith(said)
    assert not silent.text.startswith(said)


async def test_nothing_is_ordered_while_the_shop_is_down(
    offered: Offered, settings: Any, database: str
) -> None:
    settings.MERCHANT_API_URL = f"http://127.0.0.1:{find_free_port()}"
    first = offered.talk.platform
    async with open_platform(clock=offered.talk.clock, quiet=True, prefix=first.prefix) as platform:
        await offered.expect_no_order(platform)

    await offered.expect_an_order(first)
