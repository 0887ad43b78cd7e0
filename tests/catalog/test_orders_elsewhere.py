"""Orders of a shop whose stock, promotions or orders are kept by systems of its own."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from moneyed import Money

from catalog.connectors import ConnectorUnavailable
from catalog.connectors.readings import CallLimited
from catalog.connectors.sealing import seal_secret
from catalog.ids import MerchantId, Sku
from catalog.models import Connector, Order, StockLevel, Variant
from catalog.orders import (
    ChangeMade,
    Desks,
    OrderItem,
    OrderPlaced,
    OrderRefused,
    OrderWish,
    Reserved,
)
from catalog.pricing import PriceContext
from tests.catalog.conftest import BLUE, GOLD, NOW, Pool
from tests.catalog.ordering import BOOKED_WITHIN, HERE, KEYS, PRICE, Build, change, count_orders, wish
from tests.merchant_api import KEY, RunningApi


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
    # As many come in as were sold: from its number nobody can tell, so it is believed after a day.
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
