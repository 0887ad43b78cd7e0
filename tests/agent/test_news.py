"""News of the shop reaches the conversations that it concerns, once each, whenever it comes."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from moneyed import Money

from catalog.events import PriceChanged, ProductChanged, StockChanged
from catalog.feeds import load_promotions, remove_items
from catalog.ids import CustomerKey, MerchantId, Sku
from catalog.inventory import StockSaid, set_stock, set_stocks
from catalog.models import Customer, Order
from catalog.pricing import set_price
from commerce_agent.agent.news import deciding, notices
from commerce_agent.composition import Platform
from conversations.events.facts import FactSuperseded
from conversations.events.messages import NoticeGiven
from conversations.ids import ConversationId, EntityRef
from conversations.ids import MerchantId as ConversationMerchantId
from conversations.models import AccessRecord
from conversations.service import Turn
from tests.agent.conftest import NOW
from tests.agent.talking import find_reply, list_cards, list_notices, open_talk, say


async def sell_out(merchant: str, sku: str) -> StockChanged:
    """Nothing of it is left."""
    return await sync_to_async(set_stock)(
        merchant=MerchantId(merchant), sku=Sku(sku), quantity=0, at=NOW, source="test"
    )


async def test_only_the_conversations_that_show_it_are_told_and_only_once(
    platform: Platform, lamp_shop: str
) -> None:
    shows = await open_talk(platform, merchant=lamp_shop)
    other = await open_talk(platform, merchant=lamp_shop)
    assert list_cards(await say(platform, shows, "a green lamp")) == ["MEADOW-G"]
    assert list_cards(await say(platform, other, "an oak chair")) == ["CHAIR-O"]

    event = await sell_out(lamp_shop, "MEADOW-G")
    told = await platform.newsroom.spread(event)
    again = await platform.newsroom.spread(event)

    assert (told, again) == (1, 0)
    assert await list_notices(platform, shows) == ["The Meadow lamp in green has just sold out."]
    assert await list_notices(platform, other) == []
    state = await platform.conversations.load(conversation=shows)
    superseded = state.facts.find(subject=state.entities.focus[0], name="stock")
    assert superseded is not None
    assert superseded.value == 0


async def test_what_sells_out_while_the_turn_runs_is_told_right_after_it(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    commit = platform.conversations.commit_turn

    async def commit_too_late(*, turn: Turn, **more: object) -> object:
        event = await sell_out(lamp_shop, "MEADOW-G")
        assert await platform.newsroom.spread(event) == 0
        return await commit(turn=turn, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(platform.conversations, "commit_turn", commit_too_late)
    before = await platform.conversations.load(conversation=conversation)
    await say(platform, conversation, "a green lamp")

    assert await list_notices(platform, conversation) == ["The Meadow lamp in green has just sold out."]
    events = await platform.conversations.list_events(conversation=conversation, after=before.version)
    assert sum(isinstance(each.event, FactSuperseded) for each in events) == 2


async def test_the_merchant_of_another_shop_hears_nothing(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a green lamp")
    event = await sell_out(lamp_shop, "MEADOW-G")
    foreign = StockChanged(
        merchant=MerchantId(str(uuid4())),
        sku=event.sku,
        quantity=0,
        availability="out_of_stock",
        version=event.version,
        at=NOW,
    )

    assert await platform.newsroom.spread(foreign) == 0
    assert await list_notices(platform, conversation) == []


async def test_an_outage_is_no_news_of_stock(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a green lamp")
    await platform.newsroom.spread(await sell_out(lamp_shop, "MEADOW-G"))
    platform.outages.take_down("inventory")

    await platform.newsroom.spread(await reprice(lamp_shop, "MEADOW-G", "90.00"))

    assert await list_notices(platform, conversation) == [
        "The Meadow lamp in green has just sold out.",
        "The Meadow lamp in green now costs €90.00 (it was €80.00).",
    ]
    state = await platform.conversations.load(conversation=conversation)
    stock = state.facts.find(subject=EntityRef("variant", "MEADOW-G"), name="availability")
    assert stock is not None
    assert stock.value == "out_of_stock"


async def test_one_conversation_that_cannot_be_read_does_not_keep_the_news_from_the_others(
    platform: Platform, lamp_shop: str
) -> None:
    broken, well = [await open_talk(platform, merchant=lamp_shop) for _ in range(2)]
    for conversation in (broken, well):
        await say(platform, conversation, "a green lamp")
    async with platform.pool.connection() as connection:
        await connection.execute(
            "INSERT INTO conversations_journalentry"
            " (merchant_id, conversation_id, seq, turn, kind, schema, at, body)"
            " SELECT merchant_id, id, version + 1, 0, 'from.the.future', 99, now(), '{}'"
            " FROM conversations_conversation WHERE id = %s",
            [broken],
        )
        await connection.execute(
            "UPDATE conversations_conversation SET version = version + 1 WHERE id = %s", [broken]
        )

    told = await platform.newsroom.spread(await sell_out(lamp_shop, "MEADOW-G"))

    assert told == 1
    assert await list_notices(platform, well) == ["The Meadow lamp in green has just sold out."]


async def reprice(merchant: str, sku: str, amount: str) -> PriceChanged:
    """It costs this now."""
    return await sync_to_async(set_price)(
        merchant=MerchantId(merchant), sku=Sku(sku), price=Money(amount, "EUR"), at=NOW, source="test"
    )


async def test_what_was_told_otherwise_is_said_once_when_it_comes_up_again(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "how much is the green Meadow lamp?")
    # Nobody is told of it: the change is found when the price is read again.
    await reprice(lamp_shop, "MEADOW-G", "90.00")
    await platform.forget_keys()

    again = await say(platform, conversation, "how much is it?")
    third = await say(platform, conversation, "how much is it now?")

    assert (
        "The Meadow lamp in green was €80.00 when I told you before; it is €90.00 now."
        in find_reply(again).text
    )
    assert [event.fact.name for event in again if isinstance(event, FactSuperseded)] == ["price"]
    assert "€80.00" not in find_reply(third).text


async def test_a_price_shown_anew_without_a_word_tells_that_it_is_still_sold_out(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "how much is the green Meadow lamp?")
    await platform.newsroom.spread(await sell_out(lamp_shop, "MEADOW-G"))
    await reprice(lamp_shop, "MEADOW-G", "90.00")
    await platform.forget_keys()
    await say(platform, conversation, "how much is it?")
    await reprice(lamp_shop, "MEADOW-G", "95.00")
    await platform.newsroom.note_own(conversation, skus=("MEADOW-G",), order="N-1")

    events = await platform.conversations.list_events(conversation=conversation)
    told = [
        (event.price.amount, event.text, event.availability, event.stock)
        for event in (each.event for each in events)
        if isinstance(event, NoticeGiven) and event.price is not None
    ]
    assert told == [
        (Decimal("90.00"), "", "out_of_stock", 0),
        (Decimal("95.00"), "", "out_of_stock", 0),
    ]


async def test_what_is_in_the_cart_is_marked_and_something_else_is_offered(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    for words in ("a green lamp", "add it to my cart", "check out"):
        await say(platform, conversation, words)
    before = await platform.conversations.load(conversation=conversation)
    assert before.cart.proposal is not None

    await platform.newsroom.spread(await sell_out(lamp_shop, "MEADOW-G"))

    state = await platform.conversations.load(conversation=conversation)
    assert {key: doubt.verdict for key, doubt in state.cart.doubts.items()} == {"MEADOW-G": "sold_out"}
    assert state.cart.proposal == before.cart.proposal
    assert "has sold out" in state.cart.off
    (notice,) = await list_notices(platform, conversation)
    assert notice.startswith("The Meadow lamp in green has just sold out. It is in your cart")
    assert "Instead there is the Meadow lamp" in notice
    other = EntityRef("variant", "MEADOW-W")
    assert other.key in state.entities.known
    assert state.facts.find(subject=other, name="price") is not None
    assert state.constraints == before.constraints


async def test_what_the_shop_sells_no_more_is_told_and_cannot_be_ordered(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    for words in ("a green lamp", "add it to my cart", "check out"):
        await say(platform, conversation, words)
    merchant, sku = MerchantId(lamp_shop), Sku("MEADOW-G")
    assert await sync_to_async(remove_items)(merchant=merchant, skus=[sku]) == {sku}
    event = ProductChanged(merchant=merchant, sku=sku, at=NOW)

    told = [await platform.newsroom.spread(event) for _ in range(2)]

    assert told == [1, 0]
    (notice,) = await list_notices(platform, conversation)
    assert notice.startswith("The Meadow lamp is no longer sold here. It is in your cart")
    assert "Instead there is the Meadow lamp in white, in stock at €80.00" in notice
    state = await platform.conversations.load(conversation=conversation)
    assert state.cart.doubts["MEADOW-G"].verdict == "sold_out"
    assert state.cart.off
    other = EntityRef("variant", "MEADOW-W")
    assert other.key in state.entities.known
    assert state.facts.find(subject=other, name="price") is not None
    answered = find_reply(await say(platform, conversation, "check out"))
    assert "sold out" in answered.text
    assert not await Order.objects.filter(merchant_id=lamp_shop).aexists()


async def test_a_promotion_that_lowers_what_was_told_is_told(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a green lamp")
    written = '[{"code": null, "title": "Half off", "discount": {"percent": 50}}]'
    (event,) = await sync_to_async(load_promotions)(merchant=MerchantId(lamp_shop), source=written, now=NOW)

    told = await platform.newsroom.spread(event)

    assert told == 1
    assert await list_notices(platform, conversation) == [
        "The Meadow lamp in green now costs €40.00 (it was €80.00)."
    ]


async def open_golden(platform: Platform, lamp_shop: str) -> ConversationId:
    """A talk of a shopper of whom the shop's own system says that everything costs half."""
    written = '[{"code": null, "title": "Gold", "discount": {"percent": 50}, "requires": {"tier": "gold"}}]'
    await sync_to_async(load_promotions)(merchant=MerchantId(lamp_shop), source=written, now=NOW)
    await Customer.objects.acreate(merchant_id=lamp_shop, key="c-7", tier="gold")
    merchant = ConversationMerchantId(lamp_shop)
    card = await platform.conversations.shoppers.record(
        merchant=merchant, key="c-7", name="Ada", tier=None, at=NOW
    )
    conversation = await platform.conversations.open_conversation(
        merchant=merchant, currency="EUR", shopper=card.id, at=NOW
    )
    assert (
        "€40.00" in find_reply(await say(platform, conversation, "how much is the green Meadow lamp?")).text
    )
    return conversation


async def test_news_of_a_price_reckons_with_the_tier_that_the_shops_own_system_knows(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_golden(platform, lamp_shop)

    await platform.newsroom.spread(await reprice(lamp_shop, "MEADOW-G", "90.00"))

    assert await list_notices(platform, conversation) == [
        "The Meadow lamp in green now costs €45.00 (it was €40.00)."
    ]


async def test_who_is_of_a_tier_no_longer_is_told_so_and_no_news_of_prices(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_golden(platform, lamp_shop)
    await Customer.objects.filter(key="c-7").aupdate(tier="")
    keys = (CustomerKey("c-7"),)
    await platform.connectors.customers.expire(merchant=MerchantId(lamp_shop), keys=keys)

    again = find_reply(await say(platform, conversation, "how much is the green Meadow lamp?")).text

    assert "€80.00" in again
    assert "Your membership has ended, so prices are the ordinary ones again." in again
    assert "when I told you before" not in again


async def test_a_price_at_a_tier_that_nobody_could_be_asked_for_is_no_news(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_golden(platform, lamp_shop)
    keys = (CustomerKey("c-7"),)
    await platform.connectors.customers.expire(merchant=MerchantId(lamp_shop), keys=keys)
    platform.outages.take_down("customers")

    assert await platform.newsroom.spread(await reprice(lamp_shop, "MEADOW-G", "90.00")) == 0
    assert await list_notices(platform, conversation) == []


async def test_who_is_told_in_several_rounds_is_looked_at_once_on_record(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await open_golden(platform, lamp_shop)
    looks = AccessRecord.objects.filter(
        merchant_id=lamp_shop, action="shopper.read", purpose=notices.NEWS.purpose
    )
    append, rounds = platform.conversations.many.record, iter([True, True])

    async def go_on(**given: Any) -> tuple[ConversationId, ...]:
        return () if next(rounds, False) else await append(**given)

    monkeypatch.setattr(platform.conversations.many, "record", go_on)
    await platform.newsroom.spread(await reprice(lamp_shop, "MEADOW-G", "90.00"))

    assert len(await list_notices(platform, conversation)) == 1
    assert await looks.acount() == 1


async def test_in_an_outage_what_a_webhook_told_is_a_fact_of_that_authority(
    platform: Platform, lamp_shop: str
) -> None:
    said = (StockSaid(sku=Sku("MEADOW-G"), quantity=2, availability=None, at=NOW),)
    await sync_to_async(set_stocks)(merchant=MerchantId(lamp_shop), said=said, source="webhook")
    platform.outages.take_down("inventory")
    platform.outages.take_down("pricing")
    conversation = await open_talk(platform, merchant=lamp_shop)

    await say(platform, conversation, "a green lamp")

    state = await platform.conversations.load(conversation=conversation)
    ref = EntityRef("variant", "MEADOW-G")
    stock, price = (state.facts.find(subject=ref, name=name) for name in ("stock", "price"))
    assert stock is not None
    assert price is not None
    assert (stock.value, stock.source, stock.authority, stock.stale) == (2, "webhook", "webhook", True)
    assert (price.source, price.authority, price.stale) == ("catalogue copy", "feed", True)


async def test_hundreds_are_told_in_rounds_and_each_state_is_kept_as_the_journal_has_it(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "TOLD_TOGETHER", 2)
    talks = [await open_talk(platform, merchant=lamp_shop) for _ in range(5)]
    for talk in talks:
        await say(platform, talk, "a green lamp")

    told = await platform.newsroom.spread(await reprice(lamp_shop, "MEADOW-G", "90.00"))

    assert told == 5
    for talk in talks:
        kept = await platform.projection.find_state(conversation=talk)
        assert kept == await platform.conversations.rebuild(conversation=talk)
        assert await list_notices(platform, talk) == [
            "The Meadow lamp in green now costs €90.00 (it was €80.00)."
        ]


async def test_a_conversation_that_cannot_be_decided_keeps_no_other_from_being_told(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    talks = [await open_talk(platform, merchant=lamp_shop) for _ in range(3)]
    for talk in talks:
        await say(platform, talk, "a green lamp")
    decide, calls = deciding.list_offer_news, iter([True])

    def break_once(*given: object) -> object:
        if next(calls, False):
            raise ValueError("it cannot be read")
        return decide(*given)

    monkeypatch.setattr(deciding, "list_offer_news", break_once)
    with pytest.raises(ValueError, match="it cannot be read"):
        await platform.newsroom.spread(await reprice(lamp_shop, "MEADOW-G", "90.00"))

    told = [await list_notices(platform, talk) for talk in talks]
    assert sorted(map(len, told)) == [0, 1, 1]
