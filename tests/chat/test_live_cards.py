"""What a card states changes while it is looked at: the open socket hears of it, and so does whoever comes back."""

import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from moneyed import Money

from catalog.connectors import expire_offers
from catalog.feeds import import_feed
from catalog.ids import MerchantId, Sku
from catalog.inventory import StockSaid, set_stocks
from catalog.models import Merchant
from catalog.pricing import set_price
from catalog.products import index_products
from commerce_agent.composition import Platform, open_platform
from tests.agent.conftest import LAMPS
from tests.chat.shopper import Frame, Gate, Shopper

GREEN = Sku("MEADOW-G")
STATED = ("t", "text", "price", "list_price", "stock", "availability")


@pytest.fixture
async def lamps(merchant: Merchant) -> MerchantId:
    """The shop of lamps, each at its list price."""
    await Merchant.objects.filter(pk=merchant.pk).aupdate(currency="EUR")
    name = MerchantId(str(merchant.pk))
    await sync_to_async(import_feed)(merchant=name, now=timezone.now(), path=LAMPS)
    await sync_to_async(index_products)(merchant=name, now=timezone.now())
    return name


async def reprice(platform: Platform, lamps: MerchantId, price: str, sale: str | None) -> int:
    """It costs this now; answers how many were told."""
    changed = await sync_to_async(set_price)(
        merchant=lamps,
        sku=GREEN,
        price=Money(price, "EUR"),
        sale_price=None if sale is None else Money(sale, "EUR"),
        at=timezone.now(),
        source="test",
    )
    return await platform.newsroom.spread(changed)


async def restock(platform: Platform, lamps: MerchantId, quantity: int, availability: str) -> int:
    """There are so many; answers how many were told."""
    said = StockSaid(sku=GREEN, quantity=quantity, availability=availability, at=timezone.now())
    changed = await sync_to_async(set_stocks)(merchant=lamps, said=(said,), source="test")
    return await platform.newsroom.spread(changed[GREEN])


def list_stated(frames: list[Frame]) -> list[dict[str, Any]]:
    """Of each frame of news what it states, without the words around sums of money."""
    return [
        {name: frame[name]["amount"] if "price" in name else frame[name] for name in STATED if name in frame}
        for frame in frames
        if frame["t"] in ("price", "stock", "version") and frame["sku"] == GREEN
    ]


async def ask_for_it(shopper: Shopper) -> str:
    """Has the card shown; answers what finds the talk again."""
    await shopper.hello()
    ack = await shopper.say("a green lamp")
    # The first search of a process loads what it searches with.
    part = await shopper.expect("part", seconds=60)
    await shopper.expect("done")
    assert [card["ref"]["key"] for card in part["cards"]] == [GREEN]
    return str(ack["resume"])


async def test_a_sale_that_starts_changes_and_ends_reaches_the_card_with_the_price_before(
    gate: Gate, lamps: MerchantId
) -> None:
    async with open_platform() as platform, gate.open() as shopper:
        resume = await ask_for_it(shopper)
        steps = [
            ("80.00", "60.00"),
            ("100.00", "60.00"),
            ("100.00", "50.00"),
            ("90.00", "45.00"),
            ("90.00", None),
        ]
        told = [await reprice(platform, lamps, price, sale) for price, sale in steps]
        told.append(await reprice(platform, lamps, "90.00", None))
        async with gate.open() as back:
            await back.hello(resume=resume, seq=0)
            await back.expect("price", lambda frame: frame["price"]["amount"] == "90.00")
        await shopper.expect("price", lambda frame: frame["price"]["amount"] == "90.00")

    # The look behind the turn may tell of a change first; either way it is told once, as the frames say.
    assert (max(told), told[-1]) == (1, 0)
    named = "The Meadow lamp in green now costs"
    expected = [
        {"t": "price", "text": f"{named} €60.00 (it was €80.00).", "price": "60.00", "list_price": "80.00"},
        {"t": "version", "price": "60.00", "list_price": "100.00", "stock": 12, "availability": "in_stock"},
        {"t": "price", "text": f"{named} €50.00 (it was €60.00).", "price": "50.00", "list_price": "100.00"},
        {"t": "price", "text": f"{named} €45.00 (it was €50.00).", "price": "45.00", "list_price": "90.00"},
        {"t": "price", "text": f"{named} €90.00 (it was €45.00).", "price": "90.00"},
    ]
    assert list_stated(shopper.frames) == list_stated(back.frames) == expected


async def test_stock_that_changes_without_a_word_reaches_the_card(gate: Gate, lamps: MerchantId) -> None:
    async with open_platform() as platform, gate.open() as shopper:
        resume = await ask_for_it(shopper)
        steps = [
            (3, "in_stock"),
            (2, "in_stock"),
            (50, "in_stock"),
            # Of so many a card does not say how many.
            (49, "in_stock"),
            (5, "in_stock"),
            (4, "in_stock"),
            (50, "preorder"),
            (50, "backorder"),
            (50, "in_stock"),
        ]
        told = [await restock(platform, lamps, quantity, availability) for quantity, availability in steps]
        await reprice(platform, lamps, "90.00", None)
        async with gate.open() as back:
            await back.hello(resume=resume, seq=0)
            await back.expect("price")
        await shopper.expect("price")

    # The look behind the turn may tell of a change first; either way it is told once, as the frames say.
    assert (max(told), told[3]) == (1, 0)
    low = "Only {} of the Meadow lamp in green left now."
    expected = [
        {"t": "stock", "text": low.format(3), "stock": 3, "availability": "low_stock"},
        {"t": "stock", "text": low.format(2), "stock": 2, "availability": "low_stock"},
        {"t": "version", "stock": 50, "availability": "in_stock"},
        {"t": "version", "stock": 5, "availability": "in_stock"},
        {"t": "version", "stock": 4, "availability": "in_stock"},
        {"t": "version", "stock": 50, "availability": "preorder"},
        {"t": "version", "stock": 50, "availability": "backorder"},
        {"t": "version", "stock": 50, "availability": "in_stock"},
    ]
    assert list_stated(shopper.frames)[:-1] == list_stated(back.frames)[:-1] == expected


async def test_a_comparison_says_which_items_it_is_of(gate: Gate, lamps: MerchantId) -> None:
    async with gate.open() as shopper:
        await shopper.hello()
        await shopper.say("compare the Meadow lamp in green and the Tall lamp")
        part = await shopper.expect("part", lambda frame: frame["kind"] == "table", seconds=60)

    assert part["skus"] == ["MEADOW-G", "TALL-B"]
    assert part["columns"] == ["", "Meadow lamp", "Tall lamp"]
    assert part["rows"][:2] == [["Price", "€80.00", "€150.00"], ["Stock", "In stock", "Only 4 left"]]


async def test_what_a_turn_reads_anew_reaches_the_card_of_an_earlier_one(
    gate: Gate, lamps: MerchantId
) -> None:
    async with open_platform() as platform, gate.open() as shopper:
        resume = await ask_for_it(shopper)
        # Nobody tells of it, and what is kept of it is too old by the time it is asked for.
        await sync_to_async(set_price)(
            merchant=lamps,
            sku=GREEN,
            price=Money("80.00", "EUR"),
            sale_price=Money("60.00", "EUR"),
            at=timezone.now(),
            source="test",
        )
        said = StockSaid(sku=GREEN, quantity=0, availability="out_of_stock", at=timezone.now())
        await sync_to_async(set_stocks)(merchant=lamps, said=(said,), source="test")
        await expire_offers(platform.connectors, merchant=lamps, skus=(GREEN,))
        await shopper.say("what does it cost, and is it in stock?")
        await shopper.expect("done")
        heard = [await shopper.expect("version") for _ in "12"]
        async with gate.open() as back:
            await back.hello(resume=resume, seq=0)
            again = [await back.expect("version") for _ in "12"]

    assert (
        list_stated(heard)
        == list_stated(again)
        == [
            {
                "t": "version",
                "price": "60.00",
                "list_price": "80.00",
                "stock": 0,
                "availability": "out_of_stock",
            },
            {"t": "version", "stock": 0, "availability": "out_of_stock"},
        ]
    )
    assert not [frame for frame in shopper.frames if frame["t"] in ("stock", "price")]


async def test_what_a_turn_reads_as_it_was_patches_nothing(gate: Gate, lamps: MerchantId) -> None:
    async with gate.open() as shopper:
        resume = await ask_for_it(shopper)
        await shopper.say("what does it cost, and is it in stock?")
        await shopper.expect("done")
        async with gate.open() as back:
            await back.hello(resume=resume, seq=0)
            await back.expect("done", lambda frame: frame["turn"] == 2)

    assert not [frame for frame in back.frames if frame["t"] in ("stock", "price", "version")]


async def test_an_order_of_ones_own_reaches_ones_own_card_at_once_and_without_a_word(
    gate: Gate, lamps: MerchantId
) -> None:
    said = StockSaid(sku=GREEN, quantity=1, availability="in_stock", at=timezone.now())
    await sync_to_async(set_stocks)(merchant=lamps, said=(said,), source="test")
    async with gate.open() as shopper:
        resume = await ask_for_it(shopper)
        for text in ("add it to my cart", "check out"):
            await shopper.say(text)
            await shopper.expect("done")
        offered = await shopper.have("proposal")
        press = {name: offered[name] for name in ("hash", "token")}
        await shopper.send(
            t="confirm", cid=str(uuid.uuid4()), proposal=offered["id"], decision="accept", **press
        )
        resolved = await shopper.expect("resolved")
        patched = await shopper.expect("version")
        async with gate.open() as back:
            await back.hello(resume=resume, seq=0)
            again = await back.expect("version")

    assert resolved["status"] == "accepted"
    expected = {"t": "version", "stock": 0, "availability": "out_of_stock"}
    assert list_stated([patched, again]) == [expected, expected]
    assert list_stated(shopper.frames) == [expected]


async def test_a_cart_and_an_offer_name_their_goods_in_the_shoppers_language(
    gate: Gate, lamps: MerchantId
) -> None:
    async with gate.open() as shopper:
        await shopper.hello(lang="de")
        await shopper.say("Leg bitte die Meadow lamp in Grün in den Warenkorb")
        cart = await shopper.expect("part", lambda frame: frame["kind"] == "cart", seconds=60)
        await shopper.expect("done")
        await shopper.say("zur Kasse bitte")
        offer = await shopper.expect("proposal", seconds=60)

    assert [line["title"] for line in cart["lines"]] == ["Meadow lamp in Grün"]
    assert [line["title"] for line in offer["lines"]] == ["Meadow lamp in Grün"]
