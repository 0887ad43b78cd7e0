"""Orders through the one door: over HTTP as in this process, and where the merchant's own systems have a say."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from moneyed import Money

from catalog.connectors import Allowed, Connectors, ConnectorUnavailable
from catalog.connectors.readings import CallLimited, NeverReached
from catalog.connectors.sealing import seal_secret
from catalog.ids import MerchantId, Sku
from catalog.models import Connector, Order, OrderChange, StockLevel, Variant
from catalog.orders import (
    AddressBook,
    CancelOrder,
    ChangeAddress,
    ChangeAltered,
    ChangeChecked,
    ChangeMade,
    ChangeRefused,
    ChangeWish,
    Desks,
    OrderDesk,
    OrderItem,
    OrderPlaced,
    OrderRefused,
    OrderWish,
    OutcomeUnknown,
    Place,
    Reserved,
)
from catalog.orders.hearing import BOOKED_WITHIN
from catalog.pricing import PriceContext
from tests.catalog.conftest import BLUE, GOLD, NOW, Pool
from tests.merchant_api import KEY, RunningApi

HERE = Allowed(networks=("127.0.0.0/8",))
KEYS = settings.KEY_ENCRYPTION_KEYS
PRICE = Money("89.00", "USD")
Build = Callable[..., Connectors]


def wish(
    token: str, *, quantity: int = 1, price: Money = PRICE, customer: str | None = GOLD, now: datetime = NOW
) -> OrderWish:
    return OrderWish(
        lines=(OrderItem(sku=BLUE, quantity=quantity, unit_price=price),),
        total=price * quantity,
        context=PriceContext(now=now),
        token=token,
        place=Place(customer_key=customer),
    )


def change(number: str, *, token: str = "", amount: Money | None = None) -> ChangeWish:
    return ChangeWish(
        customer_key=GOLD,
        change=CancelOrder(number=number, reason="no longer needed"),
        context=PriceContext(now=NOW),
        token=token,
        amount=amount,
    )


async def read_left(merchant: MerchantId) -> int | None:
    level = await StockLevel.objects.aget(variant__merchant_id=merchant, variant__sku=BLUE)
    return level.quantity


async def count_orders(merchant: MerchantId) -> int:
    return await Order.objects.filter(merchant_id=merchant).exclude(number="1001").acount()


@pytest.fixture(params=["in this process", "merchant api"])
async def desk(request: pytest.FixtureRequest, build: Build, pool: Pool, stocked: MerchantId) -> OrderDesk:
    """The built-in store's orders, reached in each of the two ways."""
    connectors = build(request.param, keys=KEYS)
    return await Desks(connections=pool, connectors=connectors).find(merchant=stocked)


@pytest.fixture
async def remote(build: Build, pool: Pool, stocked: MerchantId) -> OrderDesk:
    return await Desks(connections=pool, connectors=build("merchant api")).find(merchant=stocked)


async def test_an_order_is_reserved_placed_once_and_found_by_its_token(
    desk: OrderDesk, stocked: MerchantId
) -> None:
    before = await read_left(stocked)
    assert before is not None

    assert isinstance(await desk.reserve(wish("one"), merchant=stocked), Reserved)
    first = await desk.place(wish("one"), merchant=stocked)
    again = await desk.place(wish("one"), merchant=stocked)

    assert isinstance(first, OrderPlaced)
    assert isinstance(again, OrderPlaced)
    assert (first.number, first.total, [change.sku for change in first.changes]) == (
        again.number,
        PRICE,
        [BLUE],
    )
    assert first.changes[0].merchant == stocked
    assert again.changes == ()
    assert (await read_left(stocked), await count_orders(stocked)) == (before - 1, 1)
    found = await desk.find_placed(merchant=stocked, token="one")
    assert found is not None
    assert (found.number, found.total, found.status) == (first.number, PRICE, "pending")
    assert await desk.find_placed(merchant=stocked, token="another") is None


async def test_what_is_not_as_told_orders_nothing_and_says_what(desk: OrderDesk, stocked: MerchantId) -> None:
    refused = await desk.place(wish("dear", price=Money("79.00", "USD")), merchant=stocked)

    assert isinstance(refused, OrderRefused)
    (told,) = refused.changes
    assert (told.sku, told.kind, told.wanted, told.actual) == (BLUE, "price", Money("79.00", "USD"), PRICE)
    assert await count_orders(stocked) == 0


async def test_an_order_is_cancelled_once_for_the_amount_told(desk: OrderDesk, stocked: MerchantId) -> None:
    placed = await desk.place(wish("one", quantity=2), merchant=stocked)
    assert isinstance(placed, OrderPlaced)

    checked = await desk.check(change(placed.number), merchant=stocked)
    assert isinstance(checked, ChangeChecked)
    assert checked.amount == -2 * PRICE
    altered = await desk.make(change(placed.number, token="c", amount=-PRICE), merchant=stocked)
    assert isinstance(altered, ChangeAltered)
    made = [
        await desk.make(change(placed.number, token="c", amount=-2 * PRICE), merchant=stocked) for _ in "ab"
    ]

    assert [isinstance(each, ChangeMade) and (each.number, each.status) for each in made] == [
        (placed.number, "cancelled")
    ] * 2
    assert await OrderChange.objects.filter(merchant_id=stocked, kind="cancel").acount() == 1
    found = await desk.find_made(merchant=stocked, token="c")
    assert found is not None
    assert found.amount == -2 * PRICE
    late = await desk.check(change(placed.number), merchant=stocked)
    assert isinstance(late, ChangeRefused)
    assert late.because == "too_late"


async def test_an_address_keeps_its_letters_on_the_way(desk: OrderDesk, stocked: MerchantId) -> None:
    asked = ChangeWish(
        customer_key=GOLD,
        change=ChangeAddress(number="1001", address="Grünwalder Straße 5,\n München"),
        context=PriceContext(now=NOW),
        token="a",
        amount=Money(0, "USD"),
    )

    assert isinstance(await desk.make(asked, merchant=stocked), ChangeMade)

    order = await Order.objects.aget(merchant_id=stocked, number="1001")
    book = AddressBook(merchant=stocked, keys=KEYS)
    assert await sync_to_async(book.open_of_order)(order) == "Grünwalder Straße 5,\n München"
    assert "Grünwalder".encode() not in bytes(order.sealed_address)


async def test_a_lost_answer_is_no_failure_and_the_same_token_orders_nothing_twice(
    remote: OrderDesk, stocked: MerchantId, merchant_api: RunningApi
) -> None:
    merchant_api.misbehave("lost_answer", kind="orders")
    with pytest.raises(OutcomeUnknown):
        await remote.place(wish("one"), merchant=stocked)
    found = await remote.find_placed(merchant=stocked, token="one")
    assert found is not None

    merchant_api.behave()
    again = await remote.place(wish("one"), merchant=stocked)

    assert isinstance(again, OrderPlaced)
    assert (again.number, await count_orders(stocked)) == (found.number, 1)


@pytest.mark.parametrize(
    ("mode", "certain"), [("error", False), ("rate_limited", True)], ids=["error", "rate limited"]
)
async def test_a_failure_says_whether_it_may_have_been_done(
    remote: OrderDesk, stocked: MerchantId, merchant_api: RunningApi, mode: str, certain: bool
) -> None:
    merchant_api.misbehave(mode, kind="orders")

    with pytest.raises(ConnectorUnavailable) as failed:
        await remote.place(wish("one"), merchant=stocked)

    assert isinstance(failed.value, OutcomeUnknown) != certain
    assert await count_orders(stocked) == 0


async def test_a_desk_that_is_down_is_never_reached(build: Build, pool: Pool, stocked: MerchantId) -> None:
    connectors = build("merchant api")
    connectors.parts.outages.take_down("orders")

    with pytest.raises(NeverReached):
        await Desks(connections=pool, connectors=connectors).find(merchant=stocked)


@pytest.mark.parametrize(
    ("key", "body", "says"),
    [
        ("", b"{}", "Idempotency-Key"),
        ("k", b"{", "Input data was truncated"),
        ("k", b'{"lines": []}', "at least one line"),
        ("k", b'{"lines": [{"sku": "A", "quantity": 1, "unit_price": "89"}]}', "no sum of money"),
    ],
)
def test_a_call_that_cannot_be_read_orders_nothing(
    stocked: MerchantId, merchant_api: RunningApi, key: str, body: bytes, says: str
) -> None:
    asked = urllib.request.Request(
        f"{merchant_api.url}/v1/{stocked}/orders",
        data=body,
        headers={"Authorization": f"Bearer {KEY}", **({"Idempotency-Key": key} if key else {})},
    )

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=10)

    assert refused.value.code == 400
    assert says in json.load(refused.value)["error"]
    assert Order.objects.filter(merchant_id=stocked).count() == 1


def enter(merchant: MerchantId, kind: str, url: str, fields: dict[str, str], **more: Any) -> None:
    """A system of the merchant's own, as it is entered in the admin."""
    Connector.objects.create(
        merchant_id=merchant,
        kind=kind,
        name="erp",
        url=url,
        login="bearer",
        sealed_secret=seal_secret(KEY, keys=KEYS, merchant=merchant, kind=kind),
        items="items",
        fields=fields,
        timeout_ms=9000,
        **more,
    )


def keep_orders_at(
    api: RunningApi, merchant: MerchantId, *, kept_by: MerchantId | None = None, **more: Any
) -> None:
    """The merchant's orders are kept by a system of its own: another shop's, or its own over HTTP."""
    fields = ("number", "placed_at", "status", "total", "currency")
    shop = f"{api.url}/v1/{kept_by or merchant}"
    enter(
        merchant,
        "orders",
        f"{shop}/orders?customer={{customer}}",
        {field: field for field in fields},
        desk_url=f"{shop}/{{call}}",
        **more,
    )


STOCK = {"sku": "sku", "quantity": "quantity", "availability": "availability", "version": "version"}


@pytest.fixture
def elsewhere(stocked: MerchantId, make_merchant: Callable[[], MerchantId]) -> MerchantId:
    """Another shop with the same item, whose stock is the word of the first one's warehouse."""
    other = make_merchant()
    variant = Variant.objects.get(merchant_id=stocked, sku=BLUE)
    product = variant.product
    product.pk, product.merchant_id, product.brand, product.category = None, other, None, None
    product.save()
    variant.pk, variant.merchant_id, variant.product = None, other, product
    variant.save()
    StockLevel.objects.create(merchant_id=other, variant=variant, quantity=3, observed_at=NOW)
    return other


async def test_where_stock_is_kept_elsewhere_its_one_piece_is_sold_once(
    build: Build, pool: Pool, stocked: MerchantId, elsewhere: MerchantId, merchant_api: RunningApi
) -> None:
    await asyncio.to_thread(
        enter, stocked, "inventory", f"{merchant_api.url}/v1/{elsewhere}/stock?skus={{skus}}", STOCK
    )
    warehouse = StockLevel.objects.filter(variant__merchant_id=elsewhere)
    await warehouse.aupdate(quantity=1, version=2)
    await StockLevel.objects.filter(variant__merchant_id=stocked, variant__sku=BLUE).aupdate(quantity=0)
    desk = await Desks(connections=pool, connectors=build("in this process", allowed=HERE, keys=KEYS)).find(
        merchant=stocked
    )

    came = await asyncio.gather(*(desk.place(wish(f"t{n}"), merchant=stocked) for n in range(12)))

    assert sum(isinstance(each, OrderPlaced) for each in came) == 1
    assert {each.changes[0].actual for each in came if isinstance(each, OrderRefused)} == {0}


async def test_what_a_warehouse_has_not_booked_yet_is_not_sold_again(
    build: Build, pool: Pool, stocked: MerchantId, elsewhere: MerchantId, merchant_api: RunningApi
) -> None:
    await asyncio.to_thread(
        enter, stocked, "inventory", f"{merchant_api.url}/v1/{elsewhere}/stock?skus={{skus}}", STOCK
    )
    warehouse = StockLevel.objects.filter(variant__merchant_id=elsewhere)
    desk = await Desks(connections=pool, connectors=build("in this process", allowed=HERE, keys=KEYS)).find(
        merchant=stocked
    )

    async def sell(*tokens: str, says: int, version: int, at: datetime = NOW) -> list[bool]:
        await warehouse.aupdate(quantity=says, version=version)
        came = [await desk.place(wish(token, now=at), merchant=stocked) for token in tokens]
        return [isinstance(each, OrderPlaced) for each in came]

    assert await sell("a", "b", "c", says=2, version=2) == [True, True, False]
    # It has booked one of the two, then both.
    assert await sell("d", says=1, version=3) == [False]
    assert await sell("e", says=0, version=4) == [False]
    # Two have come in; then one is sold and given back, and it never heard of either.
    assert await sell("f", says=2, version=5) == [True]
    number = (await Order.objects.aget(merchant_id=stocked, token="f")).number
    made = await desk.make(change(number, token="g", amount=-PRICE), merchant=stocked)
    assert isinstance(made, ChangeMade)
    assert await sell("h", "i", "j", says=2, version=6) == [True, True, False]
    # As many come in as were sold: from its number nobody can tell, so it is believed after an hour.
    assert await sell("k", says=2, version=7) == [False]
    later = NOW + BOOKED_WITHIN + timedelta(seconds=1)
    assert await sell("l", "m", "n", says=2, version=8, at=later) == [True, True, False]


async def test_the_limit_of_a_merchants_order_system_holds_its_calls_back_and_orders_once(
    build: Build, pool: Pool, stocked: MerchantId, merchant_api: RunningApi
) -> None:
    await asyncio.to_thread(keep_orders_at, merchant_api, stocked, per_second=2)
    desk = await Desks(connections=pool, connectors=build("in this process", allowed=HERE, keys=KEYS)).find(
        merchant=stocked
    )
    began = time.monotonic()

    reserved = await desk.reserve(wish("one"), merchant=stocked)
    placed = [await desk.place(wish("one"), merchant=stocked) for _ in range(3)]

    assert isinstance(reserved, Reserved)
    assert all(isinstance(each, OrderPlaced) for each in placed)
    assert await count_orders(stocked) == 1
    assert time.monotonic() - began > 0.5


async def test_a_merchants_order_system_that_says_when_to_come_back_is_left_alone_until_then(
    build: Build, pool: Pool, stocked: MerchantId, merchant_api: RunningApi
) -> None:
    await asyncio.to_thread(keep_orders_at, merchant_api, stocked)
    desk = await Desks(connections=pool, connectors=build("in this process", allowed=HERE, keys=KEYS)).find(
        merchant=stocked
    )
    merchant_api.behave()
    merchant_api.misbehave("rate_limited", kind="orders", seconds=60)

    for _ in range(3):
        with pytest.raises(CallLimited) as refused:
            await desk.place(wish("one"), merchant=stocked)
        assert refused.value.retry_after is not None
        assert 50 < refused.value.retry_after <= 60

    assert merchant_api.count_calls("orders") == 1
    assert await count_orders(stocked) == 0


async def test_an_item_that_the_warehouse_does_not_know_is_not_sold(
    build: Build,
    pool: Pool,
    stocked: MerchantId,
    make_merchant: Callable[[], MerchantId],
    merchant_api: RunningApi,
) -> None:
    empty = await asyncio.to_thread(make_merchant)
    await asyncio.to_thread(
        enter, stocked, "inventory", f"{merchant_api.url}/v1/{empty}/stock?skus={{skus}}", STOCK
    )
    connectors = build("in this process", allowed=HERE, keys=KEYS)
    desk = await Desks(connections=pool, connectors=connectors).find(merchant=stocked)

    refused = await desk.place(wish("one"), merchant=stocked)

    assert isinstance(refused, OrderRefused)
    assert refused.changes[0].kind == "gone"
    assert await count_orders(stocked) == 0


async def test_where_promotions_are_kept_elsewhere_what_they_come_to_is_charged(
    build: Build, pool: Pool, stocked: MerchantId, elsewhere: MerchantId, merchant_api: RunningApi
) -> None:
    fields = {"title": "title", "percent": "percent", "code": "code", "id": "id"}
    await asyncio.to_thread(
        enter, elsewhere, "promotions", f"{merchant_api.url}/v1/{stocked}/promotions", fields
    )
    connectors = build("in this process", allowed=HERE, keys=KEYS)
    desk = await Desks(connections=pool, connectors=connectors).find(merchant=elsewhere)
    asked = OrderWish(
        lines=(OrderItem(sku=BLUE, quantity=1, unit_price=Money("80.10", "USD")),),
        total=Money("80.10", "USD"),
        context=PriceContext(now=NOW, codes=("TEN",)),
        token="ten",
    )

    placed = await desk.place(asked, merchant=elsewhere)
    assert isinstance(placed, OrderPlaced)
    assert placed.total == Money("80.10", "USD")

    # An outage is no end of a promotion: nothing is charged without it.
    merchant_api.misbehave("error", kind="promotions")
    with pytest.raises(ConnectorUnavailable):
        await desk.place(
            OrderWish(lines=asked.lines, context=asked.context, token="more"), merchant=elsewhere
        )
    assert await Order.objects.filter(merchant_id=elsewhere).acount() == 1


async def test_a_merchants_own_order_system_takes_the_order(
    build: Build, pool: Pool, stocked: MerchantId, elsewhere: MerchantId, merchant_api: RunningApi
) -> None:
    """The orders of one shop are kept by another, which stands for a system of the merchant's own."""
    await asyncio.to_thread(keep_orders_at, merchant_api, elsewhere, kept_by=stocked)
    connectors = build("in this process", allowed=HERE, keys=KEYS)
    desk = await Desks(connections=pool, connectors=connectors).find(merchant=elsewhere)

    placed = await desk.place(wish("own"), merchant=elsewhere)

    assert isinstance(placed, OrderPlaced)
    assert {change.merchant for change in placed.changes} == {elsewhere}
    assert await Order.objects.filter(merchant_id=elsewhere).acount() == 0
    assert await Order.objects.filter(merchant_id=stocked, number=placed.number).aexists()
    orders = (await connectors.orders.read(merchant=elsewhere, keys=(GOLD,), now=NOW))[GOLD].orders
    assert placed.number in {order.number for order in orders}
    assert Sku(placed.lines[0].sku) == BLUE
