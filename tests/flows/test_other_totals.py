"""A merchant's own order system that places an order at another sum than the shopper confirmed."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from moneyed import Money

from catalog.orders.remote import RemoteDesk
from conversations.events.carts import Proposal
from conversations.events.facts import Amount
from tests.flows.recordings import OPENED
from tests.flows.test_misbehaving import Talk, list_own_attempts, propose, talk
from tests.merchant_api import RunningApi
from tests.observing.test_metrics import Counted

__all__ = ["talk"]

MORE = Money("5.00", "EUR")


def answer_more(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """The system charges five euros more for each lamp, whatever it was asked for."""
    ask = getattr(RemoteDesk, call)

    async def charge_more(desk: RemoteDesk, *given: Any, **named: Any) -> Any:
        order = await ask(desk, *given, **named)
        if order is None:
            return None
        lines = tuple(
            msgspec.structs.replace(line, unit_price=line.unit_price + MORE) for line in order.lines
        )
        return msgspec.structs.replace(
            order, lines=lines, total=order.total + MORE, placed_at=OPENED + timedelta(minutes=1)
        )

    monkeypatch.setattr(RemoteDesk, call, charge_more)


async def find_offered(talk: Talk) -> Proposal:
    assert talk.conversation is not None
    state = await talk.platform.conversations.load(conversation=talk.conversation)
    assert state.cart.proposal is not None
    return state.cart.proposal


OTHERWISE = (
    " Thank you! That is not the €80.00 you confirmed: the shop's own system has it so."
    " Please ask the shop before you pay."
)


@pytest.mark.usefixtures("merchant_api")
async def test_the_total_and_the_prices_of_the_placed_order_are_told_and_recorded(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, press = await propose(talk)
    offered = await find_offered(talk)
    assert (offered.total.amount, offered.lines[0].unit_price.amount) == (80, 80)
    answer_more(monkeypatch, "place")

    at = talk.clock() + timedelta(seconds=30)
    placed = await talk.platform.confirmations.confirm(conversation=conversation, press=press, at=at)

    assert placed.text == f"Order {placed.order} is placed: €85.00.{OTHERWISE}"
    state = await talk.platform.conversations.load(conversation=conversation)
    price = state.facts.find(subject=offered.lines[0].ref, name="price")
    assert price is not None
    assert (price.value, price.authority) == (
        Amount(amount=offered.total.amount + 5, currency="EUR"),
        "checkout",
    )


async def test_what_is_found_of_an_order_whose_answer_was_lost_is_told_at_its_own_total(
    talk: Talk, merchant_api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, press = await propose(talk)
    merchant_api.misbehave("lost_answer", kind="orders")
    await talk.platform.confirmations.confirm(conversation=conversation, press=press, at=talk.clock())
    merchant_api.behave()
    answer_more(monkeypatch, "find_placed")
    offered, counted = await find_offered(talk), Counted()

    (attempt,) = await list_own_attempts(talk)
    at = talk.clock() + timedelta(minutes=3)
    assert await talk.platform.confirmations.settle(attempt, at=at)

    assert counted.since("commerce_commitment_without_check_total") == 1
    state = await talk.platform.conversations.load(conversation=conversation)
    price = state.facts.find(subject=offered.lines[0].ref, name="price")
    assert price is not None
    assert (price.value, price.authority, price.observed_at) == (
        Amount(amount=offered.total.amount + 5, currency="EUR"),
        "checkout",
        OPENED + timedelta(minutes=1),
    )
    again = await talk.platform.confirmations.confirm(conversation=conversation, press=press, at=talk.clock())
    assert again.text == f"Order {again.order} is placed: €85.00.{OTHERWISE}"
