"""The button: it orders exactly what was shown, once, and nothing else does."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest

from catalog.connectors import expire_offers
from catalog.ids import MerchantId, Sku
from catalog.models import Merchant, Order, StockLevel
from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.composition import Platform
from conversations.events.carts import Proposal, ProposalResolved
from conversations.ids import ConversationId
from tests.agent.conftest import NOW
from tests.agent.talking import find_reply, open_talk, say
from tests.agent.test_news import reprice


async def propose(platform: Platform, merchant: str) -> tuple[ConversationId, Proposal]:
    """A conversation with a proposal for one green lamp."""
    conversation = await open_talk(platform, merchant=merchant)
    for text in ("a green lamp", "add it to my cart", "check out"):
        await say(platform, conversation, text)
    state = await platform.conversations.load(conversation=conversation)
    assert state.cart.proposal is not None
    return conversation, state.cart.proposal


async def count_orders(merchant: str) -> int:
    """How many orders the merchant has."""
    return await Order.objects.filter(merchant_id=merchant).acount()


async def list_resolved(platform: Platform, conversation: ConversationId) -> list[str]:
    """What became of the conversation's proposals."""
    events = await platform.conversations.list_events(conversation=conversation)
    return [each.event.status for each in events if isinstance(each.event, ProposalResolved)]


async def test_pressed_five_times_at_once_it_orders_once(platform: Platform, lamp_shop: str) -> None:
    conversation, proposal = await propose(platform, lamp_shop)

    results = await asyncio.gather(*(press(platform, conversation, proposal) for _ in range(5)))

    assert {result.status for result in results} <= {"accepted", "failed"}
    assert len({result.order for result in results if result.status == "accepted"}) == 1
    assert await list_resolved(platform, conversation) == ["accepted"]
    assert await count_orders(lamp_shop) == 1
    stock = await StockLevel.objects.aget(variant__merchant_id=lamp_shop, variant__sku="MEADOW-G")
    assert stock.quantity == 11


async def test_what_the_checkout_read_holds_until_the_next_answer(platform: Platform, lamp_shop: str) -> None:
    conversation, proposal = await propose(platform, lamp_shop)

    placed = await press(platform, conversation, proposal, at=NOW + timedelta(seconds=30))

    state = await platform.conversations.load(conversation=conversation)
    price = state.facts.find(subject=proposal.lines[0].ref, name="price")
    assert price is not None
    assert (price.value, price.source, price.authority) == (
        proposal.lines[0].unit_price,
        f"order:{placed.order}",
        "checkout",
    )


async def test_another_hash_another_time_and_another_conversation_order_nothing(
    platform: Platform, lamp_shop: str
) -> None:
    conversation, proposal = await propose(platform, lamp_shop)
    stranger = await open_talk(platform, merchant=lamp_shop)
    token = await platform.confirmations.issue_token(conversation=conversation, proposal=proposal.id)

    foreign = await platform.confirmations.confirm(
        conversation=stranger,
        press=Press(proposal=proposal.id, hash=proposal.hash, token=token),
        at=NOW,
    )
    late = await press(platform, conversation, proposal, at=NOW + timedelta(minutes=15))

    assert (foreign.status, late.status) == ("failed", "expired")
    assert await list_resolved(platform, stranger) == []
    assert await count_orders(lamp_shop) == 0


async def test_a_forged_hash_or_token_orders_nothing(platform: Platform, lamp_shop: str) -> None:
    conversation, proposal = await propose(platform, lamp_shop)
    _, other = await propose(platform, lamp_shop)
    token = await platform.confirmations.issue_token(conversation=conversation, proposal=proposal.id)

    forged = [
        await platform.confirmations.confirm(
            conversation=conversation,
            press=Press(proposal=proposal.id, hash=digest, token=given),
            at=NOW,
        )
        for digest, given in (
            ("0" * 64, token),
            (other.hash, token),
            (proposal.hash, ""),
            (proposal.hash, proposal.hash),
            (proposal.hash, token[:-1] + ("A" if token[-1] != "A" else "B")),
        )
    ]

    assert {each.status for each in forged} == {"failed"}
    assert await count_orders(lamp_shop) == 0


async def test_declined_it_leaves_the_cart_as_it_was(platform: Platform, lamp_shop: str) -> None:
    conversation, proposal = await propose(platform, lamp_shop)

    declined = await press(platform, conversation, proposal, decision="decline")

    state = await platform.conversations.load(conversation=conversation)
    assert declined.status == "declined"
    assert state.cart.proposal is None
    assert [line.quantity for line in state.cart.lines] == [1]
    assert await count_orders(lamp_shop) == 0


async def test_an_order_whose_answer_was_lost_is_found_again_and_not_made_twice(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, proposal = await propose(platform, lamp_shop)

    async def die(**_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as dying:
        dying.setattr(platform.conversations, "record_arrivals", die)
        with pytest.raises(ConnectionError):
            await press(platform, conversation, proposal)
    assert await count_orders(lamp_shop) == 1

    # The shopper goes on shopping and presses the old button much later.
    await say(platform, conversation, "an oak chair")
    late = await press(platform, conversation, proposal, at=NOW + timedelta(hours=1))

    assert late.status == "accepted"
    assert await list_resolved(platform, conversation) == ["accepted"]
    assert await count_orders(lamp_shop) == 1


async def test_an_order_that_is_found_again_leads_to_the_shops_checkout_as_before(
    platform: Platform, lamp_shop: str
) -> None:
    await Merchant.objects.filter(id=lamp_shop).aupdate(checkout_url="https://pay.example/{order}")
    conversation, proposal = await propose(platform, lamp_shop)
    token = await platform.confirmations.issue_token(conversation=conversation, proposal=proposal.id)
    button = Press(proposal=proposal.id, hash=proposal.hash, token=token)

    first, again = [
        await platform.confirmations.confirm(conversation=conversation, press=button, at=NOW) for _ in "12"
    ]

    assert (first.pay_at, again.pay_at) == (f"https://pay.example/{first.order}",) * 2
    assert "Pay it at the shop's own checkout" in first.text
    assert again.text == first.text
    assert await count_orders(lamp_shop) == 1


async def test_an_order_stands_though_the_cart_moved_while_it_was_placed(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, proposal = await propose(platform, lamp_shop)
    record = platform.conversations.record_arrivals
    moved: list[str] = []

    async def record_after_another(**given: Any) -> object:
        if not moved:
            moved.append("yes")
            await say(platform, conversation, "make it two")
        return await record(**given)

    monkeypatch.setattr(platform.conversations, "record_arrivals", record_after_another)
    resolved = await press(platform, conversation, proposal)

    assert resolved.status == "accepted"
    assert await list_resolved(platform, conversation) == ["accepted"]
    state = await platform.conversations.load(conversation=conversation)
    assert state.cart.orders == (resolved.order,)
    assert [line.quantity for line in state.cart.lines] == [1]


async def press(
    platform: Platform,
    conversation: ConversationId,
    proposal: Proposal,
    *,
    decision: Literal["accept", "decline"] = "accept",
    at: datetime = NOW,
) -> ProposalResolved:
    """The shopper's button."""
    token = await platform.confirmations.issue_token(conversation=conversation, proposal=proposal.id)
    return await platform.confirmations.confirm(
        conversation=conversation,
        press=Press(proposal=proposal.id, hash=proposal.hash, token=token, decision=decision),
        at=at,
    )


async def test_whether_an_offer_stands_is_looked_at_anew(platform: Platform, lamp_shop: str) -> None:
    """Nobody has told of the new price."""
    conversation, proposal = await propose(platform, lamp_shop)
    await reprice(lamp_shop, "MEADOW-G", "90.00")
    sku = Sku(proposal.lines[0].ref.key)
    await expire_offers(platform.connectors, merchant=MerchantId(lamp_shop), skus=(sku,))

    told = find_reply(await say(platform, conversation, "is my order still good?")).text

    reason = "the price of the Meadow lamp in green has changed"
    assert told.startswith(f"The order I proposed no longer stands: {reason}. Nothing was ordered;")
    assert "stands as it is" not in told
