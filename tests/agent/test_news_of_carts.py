"""News of sums: what comes off a cart, what a proposal comes to, what a promotion takes off."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from catalog.events import StockChanged
from catalog.feeds import load_promotions, remove_items
from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from catalog.pricing import CartItem, CartPrice
from commerce_agent.composition import Platform
from commerce_agent.tools.shop import Shop
from commerce_agent.tools.showing import get_ref
from conversations.events.carts import ProposalDoubted
from conversations.events.facts import FactSuperseded
from conversations.ids import ConversationId
from tests.agent.conftest import NOW
from tests.agent.talking import find_reply, list_notices, open_talk, say
from tests.agent.test_news import reprice

OFF = (
    '[{"code": null, "title": "Five off", "discount": {"amount": "5.00 EUR"},'
    ' "requires": {"min_total": "70.00 EUR"}}]'
)


async def test_a_promotion_of_the_same_title_with_other_terms_is_told_once(
    platform: Platform, lamp_shop: str
) -> None:
    merchant = MerchantId(lamp_shop)
    await sync_to_async(load_promotions)(merchant=merchant, source=OFF, now=NOW)
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "any promotions?")
    (event,) = await sync_to_async(load_promotions)(
        merchant=merchant, source=OFF.replace("5.00", "8.00"), now=NOW
    )

    told = [await platform.newsroom.spread(event) for _ in range(2)]

    assert told == [1, 0]
    assert await list_notices(platform, conversation) == [
        "The terms of the promotion “Five off” have changed since I told you of it."
    ]
    events = await platform.conversations.list_events(conversation=conversation)
    superseded = [each.event.fact for each in events if isinstance(each.event, FactSuperseded)]
    assert [(fact.value, fact.source) for fact in superseded] == [("Five off", "promotions@8 from 70")]


async def test_the_same_cart_is_priced_once_for_all_who_hold_it(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        conversation = await open_talk(platform, merchant=lamp_shop)
        for words in ("a green lamp", "add it to my cart"):
            await say(platform, conversation, words)
    event, price_lines, asked = await reprice(lamp_shop, "MEADOW-G", "90.00"), Shop.price_lines, []

    async def count(shop: Shop, lines: tuple[CartItem, ...], **more: Any) -> CartPrice:
        asked.append(lines)
        return await price_lines(shop, lines, **more)

    monkeypatch.setattr(Shop, "price_lines", count)

    assert await platform.newsroom.spread(event) == 3
    assert asked == [(CartItem(sku=Sku("MEADOW-G"), quantity=1),)]


async def test_a_line_that_the_shop_has_no_more_stays_in_the_cart_when_the_sum_changes(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    for words in ("a green lamp", "add it to my cart", "an oak chair", "add it to my cart"):
        await say(platform, conversation, words)
    before = (await platform.conversations.load(conversation=conversation)).cart.lines
    assert [line.ref.key for line in before] == ["MEADOW-G", "CHAIR-O"]
    merchant = MerchantId(lamp_shop)
    await sync_to_async(remove_items)(merchant=merchant, skus=[Sku("MEADOW-G")])
    (event,) = await sync_to_async(load_promotions)(merchant=merchant, source=OFF, now=NOW)

    await platform.newsroom.spread(event)

    cart = (await platform.conversations.load(conversation=conversation)).cart
    assert cart.lines == before
    assert [(each.title, each.amount.amount) for each in cart.taken_off] == [("Five off", 5)]

    # Nor does it leave when another line changes.
    await say(platform, conversation, "make it two chairs")
    cart = (await platform.conversations.load(conversation=conversation)).cart
    assert [(line.ref.key, line.quantity) for line in cart.lines] == [("MEADOW-G", 1), ("CHAIR-O", 2)]


async def test_a_proposal_that_comes_to_another_sum_is_doubted(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    for words in ("a green lamp", "add it to my cart", "check out"):
        await say(platform, conversation, words)
    (event,) = await sync_to_async(load_promotions)(merchant=MerchantId(lamp_shop), source=OFF, now=NOW)

    await platform.newsroom.spread(event)

    state = await platform.conversations.load(conversation=conversation)
    assert state.cart.proposal is not None
    assert "it comes to €75.00 now, not €80.00" in state.cart.off


async def fill_cart(platform: Platform, merchant: str, *, number: int) -> ConversationId:
    """A talk with so many green lamps in its cart."""
    conversation = await open_talk(platform, merchant=merchant)
    for words in ("a green lamp", "add it to my cart", f"make it {number}"):
        await say(platform, conversation, words)
    (line,) = (await platform.conversations.load(conversation=conversation)).cart.lines
    assert (line.ref.key, line.quantity) == ("MEADOW-G", number)
    return conversation


async def leave(merchant: str, quantity: int) -> StockChanged:
    """So many green lamps are left."""
    return await sync_to_async(set_stock)(
        merchant=MerchantId(merchant), sku=Sku("MEADOW-G"), quantity=quantity, at=NOW, source="test"
    )


async def test_a_line_of_more_than_are_left_is_told_once_for_each_number_and_when_the_cart_is_looked_at(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await fill_cart(platform, lamp_shop, number=6)
    fits = await leave(lamp_shop, 7)
    assert await platform.newsroom.spread(fits) == 0
    event = await leave(lamp_shop, 5)

    told = [await platform.newsroom.spread(event) for _ in range(2)]

    assert told == [1, 0]
    assert await list_notices(platform, conversation) == [
        "Only 5 of the Meadow lamp in green left now. That is fewer than are in your cart."
    ]
    looked = find_reply(await say(platform, conversation, "what's in my cart?")).text
    assert "There are only 5 of the Meadow lamp in green left." in looked
    fewer = await leave(lamp_shop, 4)
    assert await platform.newsroom.spread(fewer) == 1
    assert (await list_notices(platform, conversation))[1].startswith("Only 4 of the Meadow lamp in green")


async def test_a_cart_that_was_told_of_by_nobody_says_itself_what_no_longer_fits(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await fill_cart(platform, lamp_shop, number=6)
    whole = find_reply(await say(platform, conversation, "what's in my cart?")).text
    await leave(lamp_shop, 0)
    await platform.forget_keys()

    looked = find_reply(await say(platform, conversation, "what's in my cart?")).text

    assert "left" not in whole
    assert "The Meadow lamp in green is sold out; take it out of the cart first." in looked


async def test_where_too_few_are_left_another_item_is_offered(platform: Platform, lamp_shop: str) -> None:
    conversation = await fill_cart(platform, lamp_shop, number=4)

    await platform.newsroom.spread(await leave(lamp_shop, 3))

    (notice,) = await list_notices(platform, conversation)
    assert notice.startswith(
        "Only 3 of the Meadow lamp in green left now. That is fewer than are in your cart. Instead there is the "
    )
    state = await platform.conversations.load(conversation=conversation)
    offered = [key for key in ("BRIM-Y", "TALL-B") if state.facts.find(subject=get_ref(key), name="price")]
    assert len(offered) == 1
    assert state.constraints.active


async def list_verdicts(platform: Platform, conversation: ConversationId) -> dict[str, str]:
    """What is known to be amiss with the lines of the cart."""
    cart = (await platform.conversations.load(conversation=conversation)).cart
    return {key: doubt.verdict for key, doubt in cart.doubts.items()}


@pytest.mark.parametrize(("left", "verdict"), [(0, "sold_out"), (2, "too_few")])
async def test_what_is_amiss_with_a_line_stays_so_while_nobody_can_say_how_much_there_is(
    platform: Platform, lamp_shop: str, left: int, verdict: str
) -> None:
    conversation = await fill_cart(platform, lamp_shop, number=3)
    await platform.newsroom.spread(await leave(lamp_shop, left))
    assert await list_verdicts(platform, conversation) == {"MEADOW-G": verdict}
    platform.outages.take_down("inventory")
    await platform.connectors.stock.expire(merchant=MerchantId(lamp_shop), keys=(Sku("MEADOW-G"),))

    looked = find_reply(await say(platform, conversation, "what's in my cart?")).text

    assert await list_verdicts(platform, conversation) == {"MEADOW-G": verdict}
    assert ("sold out" if left == 0 else "only 2") in looked

    # Nor does news of its price, heard in the outage, take it back.
    await platform.newsroom.spread(await reprice(lamp_shop, "MEADOW-G", "90.00"))
    assert await list_verdicts(platform, conversation) == {"MEADOW-G": verdict}
    cart = (await platform.conversations.load(conversation=conversation)).cart
    assert [line.unit_price.amount for line in cart.lines] == [90]

    platform.outages.bring_up("inventory")
    await leave(lamp_shop, 12)
    await platform.forget_keys()
    await say(platform, conversation, "what's in my cart?")
    assert await list_verdicts(platform, conversation) == {}


@pytest.mark.parametrize(
    ("left", "amiss", "why"),
    [
        (2, "There are only 2 of the Meadow lamp in green left.", "there are too few of the Meadow lamp"),
        (0, "The Meadow lamp in green is sold out; take it", "the Meadow lamp in green has sold out"),
    ],
)
async def test_a_look_at_a_cart_that_falls_short_doubts_the_order_and_names_another_item(
    platform: Platform, lamp_shop: str, left: int, amiss: str, why: str
) -> None:
    conversation = await fill_cart(platform, lamp_shop, number=3)
    await say(platform, conversation, "check out")
    before = (await platform.conversations.load(conversation=conversation)).cart
    assert before.proposal is not None
    # Nobody is told of it: the cart is looked at.
    await leave(lamp_shop, left)
    await platform.forget_keys()

    looked = [find_reply(await say(platform, conversation, "what's in my cart?")).text for _ in range(2)]

    state = await platform.conversations.load(conversation=conversation)
    assert amiss in looked[0]
    assert "So the order I proposed can't be placed as it is." in looked[0]
    assert "Instead there is the " in looked[0]
    assert "it was 12" not in looked[0]
    assert state.cart.proposal == before.proposal
    assert why in state.cart.off
    events = await platform.conversations.list_events(conversation=conversation)
    assert [each.event.id for each in events if isinstance(each.event, ProposalDoubted)] == [
        before.proposal.id
    ]
    offered = [key for key in ("BRIM-Y", "TALL-B") if state.facts.find(subject=get_ref(key), name="price")]
    assert len(offered) == 1
    assert "can't be placed" not in looked[1]


async def test_who_cannot_check_out_for_want_of_stock_is_named_another_item(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await fill_cart(platform, lamp_shop, number=3)
    await leave(lamp_shop, 2)
    await platform.forget_keys()

    refused = find_reply(await say(platform, conversation, "check out")).text

    assert "There are only 2 of the Meadow lamp in green left." in refused
    assert "Instead there is the " in refused
    assert (await platform.conversations.load(conversation=conversation)).cart.proposal is None
