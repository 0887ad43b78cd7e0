"""What Claude is told of a cart that no longer holds, though no news of it came."""

import json
from decimal import Decimal
from typing import Any

from asgiref.sync import sync_to_async

from catalog.feeds import remove_items
from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from commerce_agent.composition import Platform
from conversations.events.carts import CartChanged, CartLine
from conversations.events.facts import Amount
from conversations.ids import ConversationId, EntityRef
from tests.agent.claude.test_prompt import read_state
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import find_reply, list_notices, open_talk, say
from tests.agent.test_news import reprice

CART = {"MEADOW-G": (2, "80.00"), "BRIM-Y": (4, "39.00"), "CHAIR-O": (1, "120.00"), "TALL-B": (1, "150.00")}


async def _fill(claude: Platform, shop: str) -> ConversationId:
    conversation = await open_talk(claude, merchant=shop)
    lines = tuple(
        CartLine(
            ref=EntityRef("variant", sku),
            title=sku,
            quantity=quantity,
            unit_price=Amount(amount=Decimal(price), currency="EUR"),
        )
        for sku, (quantity, price) in CART.items()
    )
    await claude.conversations.record_arrivals(
        conversation=conversation, events=(CartChanged(lines=lines),), at=NOW
    )
    return conversation


async def _look(
    claude: Platform, api: MessagesApi, conversation: ConversationId, *, reply: str
) -> tuple[dict[str, Any], str]:
    """What the tool answered, and what was said."""
    api.replies = [Reply(tool="look_at_cart", arguments={}), Reply(text=reply)]
    events = await say(claude, conversation, "what's in my cart?")
    (seen,) = api.requests[1]["body"]["messages"][-1]["content"]
    return json.loads(seen["content"]), find_reply(events).text


async def test_it_hears_what_is_too_few_sold_out_and_at_another_price_and_what_it_comes_to(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    conversation, merchant = await _fill(claude, lamp_shop), MerchantId(lamp_shop)
    for sku, left in (("BRIM-Y", 3), ("CHAIR-O", 0)):
        await sync_to_async(set_stock)(merchant=merchant, sku=Sku(sku), quantity=left, at=NOW, source="test")
    await reprice(lamp_shop, "MEADOW-G", "90.00")
    reply = "There are only 3 Brim lamps left. The oak chair is sold out. It comes to €586.00."

    seen, said = await _look(claude, messages_api, conversation, reply=reply)

    assert [(line["sku"], line["amiss"], line.get("left")) for line in seen["lines"]] == [
        ("MEADOW-G", None, None),
        ("BRIM-Y", "too_few", 3),
        ("CHAIR-O", "sold_out", 0),
        ("TALL-B", None, None),
    ]
    assert [line.get("unit_price_before") for line in seen["lines"]] == ["€80.00", None, None, None]
    assert (seen["goods_before"], seen["goods"], seen["total"]) == ("€586.00", "€606.00", "€606.00")
    assert "€586.00" not in said
    assert await list_notices(claude, conversation) == []
    cart = (await claude.conversations.load(conversation=conversation)).cart
    assert {key: (doubt.verdict, doubt.left) for key, doubt in cart.doubts.items()} == {
        "BRIM-Y": ("too_few", 3),
        "CHAIR-O": ("sold_out", 0),
    }


async def test_the_button_of_an_order_that_falls_short_says_so_once_the_cart_was_looked_at(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    conversation = await _fill(claude, lamp_shop)
    messages_api.replies = [Reply(tool="propose_order", arguments={}), Reply(text="Press Confirm.")]
    await say(claude, conversation, "check out")
    proposal = (await claude.conversations.load(conversation=conversation)).cart.proposal
    assert proposal is not None
    merchant = MerchantId(lamp_shop)
    await sync_to_async(set_stock)(merchant=merchant, sku=Sku("BRIM-Y"), quantity=3, at=NOW, source="test")
    await claude.forget_keys()

    await _look(claude, messages_api, conversation, reply="There are only 3 Brim lamps left.")

    cart = (await claude.conversations.load(conversation=conversation)).cart
    assert cart.proposal == proposal
    waiting = read_state(messages_api.requests[2]["body"])["proposal_waits_for_button"]
    assert waiting == {"kind": proposal.kind, "version": proposal.id, "total": "€586.00"}
    assert "too few" in cart.off


async def test_what_the_shop_has_taken_out_is_sold_out_and_what_came_back_is_well(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    conversation, merchant = await _fill(claude, lamp_shop), MerchantId(lamp_shop)
    await sync_to_async(set_stock)(merchant=merchant, sku=Sku("BRIM-Y"), quantity=0, at=NOW, source="test")
    seen, _ = await _look(claude, messages_api, conversation, reply="There it is.")
    assert [line["amiss"] for line in seen["lines"]] == [None, "sold_out", None, None]
    messages_api.requests.clear()

    await sync_to_async(set_stock)(merchant=merchant, sku=Sku("BRIM-Y"), quantity=9, at=NOW, source="test")
    await sync_to_async(remove_items)(merchant=merchant, skus=[Sku("TALL-B")])
    await claude.connectors.stock.expire(merchant=merchant, keys=(Sku("BRIM-Y"),))
    again, _ = await _look(claude, messages_api, conversation, reply="There it is.")

    assert [line["amiss"] for line in again["lines"]] == [None, None, None, "sold_out"]
