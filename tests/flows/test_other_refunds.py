"""A merchant's own order system that changes an order at another sum than the shopper confirmed."""

from typing import Any

import msgspec
import pytest
from moneyed import Money

from catalog.orders import ChangeMade
from catalog.orders.remote import RemoteDesk
from commerce_agent.agent.ordering.outcomes import say_made
from conversations.events.carts import Proposal, ProposalMade, ProposalResolved
from conversations.events.facts import Amount
from conversations.ids import EntityRef
from tests.flows.test_misbehaving import Talk
from tests.flows.test_own_orders import press, press_button, talk
from tests.merchant_api import RunningApi
from tests.observing.test_metrics import Counted

__all__ = ["talk"]

OTHERWISE = (
    "That is not what you confirmed, which was €80.00 back to you: the shop's own system has it so."
    " Please ask the shop."
)
SUMS = [
    ("-75.00", " €75.00 goes back the way it was paid.", "cancel.back"),
    ("0.00", "", "cancel.back"),
    ("5.00", " €5.00 more is due.", "cancel.due"),
]


async def offer_to_cancel(talk: Talk) -> Proposal:
    """An order of 80 euros is placed, and its cancellation offered."""
    await talk.say_until_fresh("show me green lamps")
    await talk.say("add the Meadow lamp in green to my cart")
    number = await press(talk, "check out")
    asked = await talk.say(f"cancel order {number}")
    (offered,) = (event.proposal for event in asked if isinstance(event, ProposalMade))
    assert (offered.total.amount, offered.goes_back) == (80, True)
    return offered


def answer_otherwise(monkeypatch: pytest.MonkeyPatch, call: str, *, amount: str) -> None:
    """The system does what it was asked for, and says that it came to this."""
    ask = getattr(RemoteDesk, call)

    async def change(desk: RemoteDesk, *given: Any, **named: Any) -> Any:
        made = await ask(desk, *given, **named)
        return made and msgspec.structs.replace(made, amount=Money(amount, "EUR"))

    monkeypatch.setattr(RemoteDesk, call, change)


async def expect_told_and_recorded(
    talk: Talk, done: ProposalResolved, *, amount: str, told: str, name: str
) -> None:
    assert done.status == "accepted"
    assert done.text == f"Order {done.order} is cancelled.{told} {OTHERWISE}"
    assert talk.conversation is not None
    state = await talk.platform.conversations.load(conversation=talk.conversation)
    fact = state.facts.find(subject=EntityRef("order", done.order or ""), name=name)
    assert fact is not None
    value = Amount(amount=abs(Money(amount, "EUR").amount), currency="EUR")
    assert (fact.value, fact.authority, fact.source) == (value, "checkout", f"order:{done.order}")


@pytest.mark.usefixtures("merchant_api")
@pytest.mark.parametrize(("amount", "told", "name"), SUMS)
async def test_the_sum_that_a_change_came_to_is_told_counted_and_recorded(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, amount: str, told: str, name: str
) -> None:
    offered = await offer_to_cancel(talk)
    answer_otherwise(monkeypatch, "make", amount=amount)
    counted = Counted()

    done = await press_button(talk, offered)

    await expect_told_and_recorded(talk, done, amount=amount, told=told, name=name)
    assert counted.since("commerce_commitment_without_check_total") == 1


async def test_a_change_whose_answer_was_lost_is_told_at_what_it_came_to_and_counted(
    talk: Talk, merchant_api: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = await offer_to_cancel(talk)
    merchant_api.misbehave("lost_answer", kind="orders")
    unheard = await press_button(talk, offered)
    assert unheard.status == "failed"
    merchant_api.behave()
    amount, told, name = SUMS[0]
    answer_otherwise(monkeypatch, "find_made", amount=amount)
    counted = Counted()

    done = await press_button(talk, offered)

    await expect_told_and_recorded(talk, done, amount=amount, told=told, name=name)
    assert counted.since("commerce_commitment_without_check_total") == 1


@pytest.mark.usefixtures("merchant_api")
async def test_a_change_at_the_sum_that_was_confirmed_is_told_so(talk: Talk) -> None:
    offered = await offer_to_cancel(talk)
    counted = Counted()

    done = await press_button(talk, offered)

    assert done.text == f"Order {done.order} is cancelled. €80.00 goes back the way it was paid."
    assert counted.since("commerce_commitment_without_check_total") == 0


@pytest.mark.usefixtures("merchant_api")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Bestätigt hatten Sie etwas anderes, nämlich {} zurück an Sie; das System des Ladens"),
        ("es", "No es lo que usted había confirmado, que era {} de vuelta; el sistema de la tienda"),
        ("fr", "Ce n'est pas ce que vous aviez confirmé, à savoir {} en retour ; le système de la boutique"),
    ],
)
async def test_another_sum_is_told_in_the_shoppers_language(talk: Talk, language: str, said: str) -> None:
    offered = await offer_to_cancel(talk)
    assert talk.conversation is not None
    state = await talk.platform.conversations.load(conversation=talk.conversation)
    spoken = msgspec.structs.replace(
        state, transcript=msgspec.structs.replace(state.transcript, locale=language)
    )

    for kind in ("cancel", "address", "payment", "return", "exchange", "items"):
        made = ChangeMade(number="7", status="cancelled", amount=Money("5.00", "EUR"))
        told = say_made(spoken, msgspec.structs.replace(offered, kind=kind), made=made).text
        told = told.replace("\u202f", " ").replace("\xa0", " ")
        assert said.format("80,00 €") in told
        assert told.count("5,00 €") == 1
