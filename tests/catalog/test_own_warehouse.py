"""A warehouse that is not ours: what was sold here and it has not booked is neither sold nor shown again."""

import asyncio
from datetime import datetime, timedelta

import pytest
from asgiref.sync import sync_to_async

from catalog.connectors import Connectors, StockReading
from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from catalog.models import Connector, Merchant, StockLevel
from catalog.orders import Desks, OrderPlaced, reckon_sold
from catalog.orders.desk import StoreDesk
from catalog.pricing import PriceContext
from commerce_agent.tools.shop import Shop
from tests.catalog.conftest import BLUE, NOW, Pool
from tests.catalog.ordering import BOOKED_WITHIN, HERE, KEYS, Build, wish
from tests.catalog.test_orders_elsewhere import STOCK, elsewhere, enter
from tests.merchant_api import RunningApi

__all__ = ["elsewhere"]


class Warehouse:
    """Another shop's shelf, whose number is the first one's stock."""

    def __init__(self, *, shop: MerchantId, at: MerchantId, pool: Pool, connectors: Connectors) -> None:
        self.shop = shop
        self.level = StockLevel.objects.filter(variant__merchant_id=at)
        self.pool = pool
        self.connectors = connectors
        self.desks = Desks(connections=pool, connectors=connectors)

    async def sell(self, *tokens: str, says: int, version: int, at: datetime = NOW) -> list[bool]:
        """What became of an order for one piece under each token."""
        await self.level.aupdate(quantity=says, version=version)
        desk = await self.desks.find(merchant=self.shop)
        came = [await desk.place(wish(token, now=at), merchant=self.shop) for token in tokens]
        return [isinstance(each, OrderPlaced) for each in came]

    async def show(self, *, at: datetime = NOW) -> tuple[int | None, str]:
        """What a shopper is told that there is, at the source as by what is kept."""
        shop = Shop(
            pool=self.pool,
            connectors=self.connectors,
            merchant=self.shop,
            context=PriceContext(now=at),
            customer_key=None,
        )
        asked = (Sku(BLUE),)
        (kept,) = (await shop.read_stock(asked)).values()
        (anew,) = (await shop.at_source().read_stock(asked)).values()
        assert (kept.quantity, kept.availability) == (anew.quantity, anew.availability)
        return anew.quantity, anew.availability


@pytest.fixture
async def warehouse(
    build: Build,
    pool: Pool,
    stocked: MerchantId,
    elsewhere: MerchantId,
    merchant_api: RunningApi,
) -> Warehouse:
    address = f"{merchant_api.url}/v1/{elsewhere}/stock?skus={{skus}}"
    await asyncio.to_thread(enter, stocked, "inventory", address, STOCK)
    connectors = build("in this process", allowed=HERE, keys=KEYS)
    return Warehouse(shop=stocked, at=elsewhere, pool=pool, connectors=connectors)


async def test_what_is_shown_is_what_can_be_ordered(warehouse: Warehouse) -> None:
    await warehouse.level.aupdate(quantity=3, version=2)
    assert await warehouse.show() == (3, "in_stock")

    # It says 3 still, and one of them is sold here.
    assert await warehouse.sell("a", says=3, version=2) == [True]
    assert await warehouse.show() == (2, "in_stock")
    assert await warehouse.sell("b", "c", "d", says=3, version=2) == [True, True, False]
    assert await warehouse.show() == (0, "out_of_stock")


async def test_a_number_without_versions_is_believed_again_after_a_day(warehouse: Warehouse) -> None:
    assert await warehouse.sell("a", "b", "c", says=2, version=0) == [True, True, False]
    later = NOW + BOOKED_WITHIN + timedelta(seconds=1)

    assert await warehouse.show(at=later) == (2, "in_stock")
    assert await warehouse.sell("d", says=2, version=0, at=later) == [True]
    assert await warehouse.show(at=later) == (1, "in_stock")


async def test_a_number_that_somebody_else_puts_on_the_shelf_raises_nothing(warehouse: Warehouse) -> None:
    assert await warehouse.sell("a", says=3, version=2) == [True]

    # A webhook came late, and the warehouse still says 3: one of those is sold.
    await sync_to_async(set_stock)(
        merchant=warehouse.shop, sku=Sku(BLUE), quantity=7, at=NOW, source="webhook"
    )
    assert await warehouse.show() == (2, "in_stock")
    assert await warehouse.sell("b", "c", "d", says=3, version=2) == [True, True, False]

    # One that lowers it is believed.
    assert await warehouse.sell(says=5, version=3) == []
    assert await warehouse.sell("e", says=5, version=3) == [True]
    await sync_to_async(set_stock)(
        merchant=warehouse.shop, sku=Sku(BLUE), quantity=1, at=NOW, source="webhook"
    )
    assert await warehouse.show() == (1, "in_stock")
    assert await warehouse.sell("f", "g", says=5, version=3) == [True, False]


async def test_a_number_from_before_a_sale_books_none_of_it(warehouse: Warehouse) -> None:
    assert await warehouse.sell("a", says=3, version=2) == [True]

    # It was read before, kept, and is lower because the warehouse has sold one by itself.
    teller = (await Merchant.objects.aget(pk=warehouse.shop)).tellers["inventory"]
    reading = StockReading(
        sku=Sku(BLUE),
        quantity=2,
        availability="in_stock",
        version=3,
        source="erp",
        teller=teller,
        observed_at=NOW - timedelta(seconds=5),
    )
    async with warehouse.pool.connection() as connection:
        left = await reckon_sold(
            connection, {reading.sku: reading}, merchant=warehouse.shop, now=NOW + timedelta(seconds=5)
        )

    assert left[reading.sku].quantity == 1


async def test_an_order_waits_for_its_turn_at_a_warehouse_that_is_asked_seldom(warehouse: Warehouse) -> None:
    await Connector.objects.filter(merchant_id=warehouse.shop, kind="inventory").aupdate(per_second=2)

    assert await warehouse.sell("a", "b", "c", says=3, version=2) == [True, True, True]


async def test_the_store_asks_who_counts_at_the_moment_of_the_order(warehouse: Warehouse) -> None:
    """As the merchant API does, in a process that goes on by the warehouse before for some seconds."""
    await warehouse.level.aupdate(quantity=0, version=2)
    desk = StoreDesk(connections=warehouse.pool, connectors=warehouse.connectors)
    assert await warehouse.show() == (0, "out_of_stock")

    await Connector.objects.filter(merchant_id=warehouse.shop, kind="inventory").adelete()

    assert isinstance(await desk.place(wish("a", now=NOW), merchant=warehouse.shop), OrderPlaced)
