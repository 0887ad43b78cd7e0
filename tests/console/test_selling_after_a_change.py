"""What was heard of a shop's system holds nothing against the one that an owner enters in its place: as it counts, so
it is shown and sold, whatever its numbers.
"""

import asyncio
from datetime import datetime, timedelta

import pytest
from django.test import Client
from moneyed import Money

from catalog.connectors import StockReading
from catalog.ids import MerchantId
from catalog.inventory import StockSaid, set_stocks
from catalog.models import Connector, Merchant, StockLevel
from catalog.orders import Desks, OrderItem, OrderPlaced, OrderWish, Place, reckon_sold
from catalog.pricing import PriceContext
from commerce_agent.composition import open_platform
from commerce_agent.tools.shop import Shop
from tests.catalog.conftest import NOW
from tests.console.test_changed_systems import ITEM, System, change, delete, enter, shop, system

__all__ = ["shop", "system"]

NEXT = NOW + timedelta(minutes=2)
PRICE = Money("9.00", "USD")


def sell(shop: Merchant, *tokens: str, at: datetime = NOW) -> list[bool]:
    """What became of an order for one piece under each token, in a process that just started."""

    async def place() -> list[bool]:
        async with open_platform(quiet=True) as platform:
            desks = Desks(connections=platform.pool, connectors=platform.connectors)
            desk = await desks.find(merchant=MerchantId(str(shop.id)))
            came = [
                await desk.place(
                    OrderWish(
                        lines=(OrderItem(sku=ITEM, quantity=1, unit_price=PRICE),),
                        total=PRICE,
                        context=PriceContext(now=at),
                        token=token,
                        place=Place(customer_key=None),
                    ),
                    merchant=MerchantId(str(shop.id)),
                )
                for token in tokens
            ]
        return [isinstance(each, OrderPlaced) for each in came]

    return asyncio.run(place())


def show(shop: Merchant, *, at: datetime = NOW) -> int | None:
    """How many a shopper is told that there are."""

    async def ask() -> int | None:
        async with open_platform(quiet=True) as platform:
            goods = Shop(
                pool=platform.pool,
                connectors=platform.connectors,
                merchant=MerchantId(str(shop.id)),
                context=PriceContext(now=at),
                customer_key=None,
            )
            return (await goods.read_stock((ITEM,)))[ITEM].quantity

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        pytest.param((8, 900), (3, 2), 2, id="lower in number and version"),
        pytest.param((8, 2), (3, 900), 2, id="lower in number, higher in version"),
        pytest.param((3, 900), (8, 2), 7, id="higher in number, lower in version"),
        pytest.param((3, 0), (8, 0), 7, id="without versions"),
        pytest.param((8, 5), (8, 5), 7, id="the same"),
    ],
)
def test_as_the_new_system_counts_so_it_is_shown_and_sold(
    owner: Client, shop: Merchant, system: System, old: tuple[int, int], new: tuple[int, int], left: int
) -> None:
    system.said |= {"old": old, "new": new}
    connector = enter(owner, shop, url=system.locate("old"))
    assert sell(shop, "a") == [True]
    assert show(shop) == old[0] - 1

    change(owner, connector, url=system.locate("new"))

    # It may not have booked what was sold while the old one counted.
    assert show(shop, at=NEXT) == left
    assert sell(shop, *(f"n{number}" for number in range(left + 1)), at=NEXT) == [*[True] * left, False]
    assert show(shop, at=NEXT) == 0


def test_a_system_that_replaces_one_that_was_deleted_is_believed_too(
    owner: Client, shop: Merchant, system: System
) -> None:
    system.said |= {"old": (8, 900), "new": (2, 1)}
    connector = enter(owner, shop, url=system.locate("old"))
    assert sell(shop, "a") == [True]

    delete(owner, connector)
    enter(owner, shop, url=system.locate("new"))

    assert show(shop, at=NEXT) == 1
    assert sell(shop, "b", "c", at=NEXT) == [True, False]


def test_a_late_answer_of_the_system_before_changes_nothing(
    owner: Client, shop: Merchant, system: System
) -> None:
    system.said |= {"old": (8, 900), "new": (3, 2)}
    connector = enter(owner, shop, url=system.locate("old"))
    assert sell(shop, "a") == [True]
    change(owner, connector, url=system.locate("new"))
    assert sell(shop, "b", at=NEXT) == [True]

    # A process that has not heard of the change goes on asking the old one for some seconds.
    before = Merchant.objects.get(pk=shop.pk).tellers["inventory"] - 1
    late = StockReading(
        sku=ITEM,
        quantity=8,
        availability="in_stock",
        version=901,
        source="erp",
        teller=before,
        observed_at=NEXT + timedelta(seconds=5),
    )

    async def reckon() -> int | None:
        async with open_platform(quiet=True) as platform, platform.pool.connection() as connection:
            now = late.observed_at
            merchant = MerchantId(str(shop.id))
            left = await reckon_sold(connection, {ITEM: late}, merchant=merchant, now=now)
            return left[ITEM].quantity

    assert asyncio.run(reckon()) == 1


def test_a_told_number_books_nothing_by_being_lower_than_that_of_a_system_that_is_gone(
    owner: Client, shop: Merchant, system: System
) -> None:
    system.said |= {"old": (8, 900), "new": (5, 1)}
    connector = enter(owner, shop, url=system.locate("old"))
    assert sell(shop, "a") == [True]
    change(owner, connector, url=system.locate("new"))

    said = StockSaid(sku=ITEM, quantity=5, availability=None, at=NEXT)
    set_stocks(merchant=MerchantId(str(shop.id)), said=(said,), source="webhook")

    assert StockLevel.objects.get(merchant=shop).quantity == 4


def test_a_shop_that_was_read_long_ago_writes_no_number_back(owner: Client, shop: Merchant) -> None:
    enter(owner, shop, url="https://erp.example/stock?skus={skus}")
    numbered = Merchant.objects.get(pk=shop.pk).tellers
    assert shop.tellers == {}

    shop.name = "Changed"
    shop.save()

    assert numbered["inventory"] > 0
    assert (Merchant.objects.get(pk=shop.pk).tellers, Merchant.objects.get(pk=shop.pk).name) == (
        numbered,
        "Changed",
    )


@pytest.mark.parametrize(
    ("changed", "is_another"),
    [
        ({"url": "https://other.example/stock?skus={skus}"}, True),
        ({"version": 2}, True),
        ({"fields": {"sku": "sku", "quantity": "free"}}, True),
        ({"active": False}, True),
        ({"timeout_ms": 3000, "per_second": 5}, False),
    ],
)
def test_what_makes_a_system_another_one(
    owner: Client, shop: Merchant, changed: dict[str, object], is_another: bool
) -> None:
    connector = enter(owner, shop, url="https://erp.example/stock?skus={skus}")
    before = Merchant.objects.get(pk=shop.pk).tellers["inventory"]

    Connector.objects.filter(pk=connector.pk).update(**changed)

    assert (Merchant.objects.get(pk=shop.pk).tellers["inventory"] > before) is is_another
