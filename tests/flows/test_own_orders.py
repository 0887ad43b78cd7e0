"""What the shop knows of a shopper: orders, at once, whatever was kept of them before; and the size they wear."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.conf import settings as chosen

from catalog.connectors.sealing import seal_secret
from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from catalog.models import Connector, Customer, Order, OrderAttempt, OrderChange, OrderLine
from commerce_agent.agent.ordering.confirming import Press
from conversations.events.carts import Proposal, ProposalMade, ProposalResolved
from conversations.events.messages import QuickRepliesOffered
from conversations.ids import MerchantId as TalkMerchantId
from tests.flows.recordings import OPENED, make_lamp_shop
from tests.flows.test_misbehaving import Talk, find_reply, open_talk
from tests.merchant_api import KEY, RunningApi

KEYS = chosen.KEY_ENCRYPTION_KEYS


async def open_for_ada(talk: Talk, *, merchant: MerchantId) -> None:
    """Ada's conversation."""
    conversations, name = talk.platform.conversations, TalkMerchantId(merchant)
    card = await conversations.shoppers.record(merchant=name, key="ada", name="Ada", tier=None, at=OPENED)
    talk.conversation = await conversations.open_conversation(
        merchant=name, currency="EUR", shopper=card.id, at=OPENED
    )


@pytest.fixture
async def talk(lamps: MerchantId, merchant_api: RunningApi, settings: Any) -> AsyncIterator[Talk]:
    """Ada's conversation with a shop behind its merchant API. The clock stands still, so answers stay fresh."""
    async with open_talk(lamps, url=merchant_api.url, settings=settings) as opened:
        await open_for_ada(opened, merchant=lamps)
        yield opened


async def press_button(talk: Talk, proposal: Proposal) -> ProposalResolved:
    """Presses the proposal's button with its own token."""
    assert talk.conversation is not None
    confirmations = talk.platform.confirmations
    token = await confirmations.issue_token(conversation=talk.conversation, proposal=proposal.id)
    button = Press(proposal=proposal.id, hash=proposal.hash, token=token)
    return await confirmations.confirm(conversation=talk.conversation, press=button, at=talk.clock())


async def press(talk: Talk, words: str) -> str:
    """Says what leads to a proposal and presses its button; answers what came of it."""
    made: list[Proposal] = [
        event.proposal for event in await talk.say(words) if isinstance(event, ProposalMade)
    ]
    done = await press_button(talk, *made)
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

    talk.platform.outages.take_down("orders")
    assert "your orders" in find_reply(await talk.say(f"cancel order {number}")).lower()
    talk.platform.outages.bring_up("orders")
    await press(talk, f"cancel order {number}")
    assert "cancelled" in find_reply(await talk.say("where is my order?"))


@pytest.fixture
def erp(lamps: MerchantId, merchant_api: RunningApi) -> Iterator[MerchantId]:
    """The lamp shop's orders are in a system that only shows them: here another shop's, with one order of Ada's."""
    kept = make_lamp_shop()
    order = Order.objects.create(
        merchant_id=kept, number="70077", customer_key="ada", placed_at=OPENED, total=80, total_currency="EUR"
    )
    OrderLine.objects.create(
        merchant_id=kept,
        order=order,
        sku="MEADOW-G",
        title="Meadow lamp",
        quantity=1,
        unit_price=80,
        unit_price_currency="EUR",
    )
    Connector.objects.create(
        merchant_id=lamps,
        kind="orders",
        name="erp",
        url=f"{merchant_api.url}/v1/{kept}/orders?customer={{customer}}",
        login="bearer",
        sealed_secret=seal_secret(KEY, keys=KEYS, merchant=lamps, kind="orders"),
        items="items",
        fields={name: name for name in ("number", "placed_at", "status", "total", "currency", "lines")},
        timeout_ms=9000,
    )
    yield kept
    delete_merchant(merchant=kept)


async def test_an_order_that_can_only_be_looked_at_is_not_called_unknown_nor_changed(
    lamps: MerchantId, erp: MerchantId, settings: Any
) -> None:
    settings.CONNECTOR_PRIVATE_NETWORKS = ("127.0.0.0/8",)
    async with open_talk(lamps, url="", settings=settings) as talk:
        await open_for_ada(talk, merchant=lamps)
        assert "70077" in find_reply(await talk.say_until_fresh("where is my order?"))
        asked = await talk.say("cancel order 70077")

    assert "I can't change it from here. Nothing was changed" in find_reply(asked)
    assert not any(isinstance(event, ProposalMade) for event in asked)
    (buttons,) = (event.replies for event in asked if isinstance(event, QuickRepliesOffered))
    assert len(buttons) == 1
    assert not await OrderChange.objects.filter(merchant_id__in=[lamps, erp]).aexists()


async def test_nothing_is_ordered_in_the_store_of_a_shop_whose_own_system_only_shows_orders(
    lamps: MerchantId, erp: MerchantId, settings: Any
) -> None:
    settings.CONNECTOR_PRIVATE_NETWORKS = ("127.0.0.0/8",)
    system = Connector.objects.filter(merchant_id=lamps)
    async with open_talk(lamps, url="", settings=settings) as talk:
        await open_for_ada(talk, merchant=lamps)
        await system.aupdate(active=False)
        await talk.say("show me green lamps")
        await talk.say("add the Meadow lamp in green to my cart")
        made = await talk.say("check out")
        (proposal,) = (event.proposal for event in made if isinstance(event, ProposalMade))
        await system.aupdate(active=True)
        talk.platform.connectors.parts.directory.forget(merchant=lamps)

        pressed = await press_button(talk, proposal)
        again = await press_button(talk, proposal)
        asked = await talk.say("check out")
        assert talk.conversation is not None
        state = await talk.platform.conversations.load(conversation=talk.conversation)

    assert pressed.status == "failed"
    assert "Nothing was ordered: the shop takes its orders on its own site" in pressed.text
    assert again.status == "failed"
    assert "the shop takes its orders on its own site" in find_reply(asked)
    assert not any(isinstance(event, ProposalMade) for event in asked)
    assert [(line.ref.key, line.quantity) for line in state.cart.lines] == [("MEADOW-G", 1)]
    assert state.cart.proposal is None
    assert not await Order.objects.filter(merchant_id=lamps).aexists()
    assert not await OrderAttempt.objects.filter(merchant_id=lamps).aexists()


async def test_the_size_that_the_shop_has_down_is_offered_and_not_taken(
    demo_shop: MerchantId, settings: Any
) -> None:
    await Customer.objects.acreate(merchant_id=demo_shop, key="bo", preferences={"shoe size": 9})
    async with open_talk(demo_shop, url="", settings=settings) as talk:
        conversations, merchant = talk.platform.conversations, TalkMerchantId(demo_shop)
        card = await conversations.shoppers.record(
            merchant=merchant, key="bo", name="Bo", tier=None, at=OPENED
        )
        talk.conversation = await conversations.open_conversation(
            merchant=merchant, currency="USD", shopper=card.id, at=OPENED
        )
        await talk.say("show me running shoes")
        asked = await talk.say("add the first one to my cart")
        (replies,) = (event.replies for event in asked if isinstance(event, QuickRepliesOffered))
        state = await conversations.load(conversation=talk.conversation)

    assert find_reply(asked) == (
        "The Halden Relay Pro in orange comes in several sizes. Is it 9 or 10?"
        " Your usual size with the shop is 9."
    )
    assert "9" in replies[0]
    assert state.cart.lines == ()
