"""After the sale: what may be changed, by the rules of the day the order was placed, and what comes of it."""

from datetime import datetime, timedelta

import pytest
from asgiref.sync import sync_to_async
from moneyed import Money
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from catalog.feeds import load_policies
from catalog.ids import MerchantId, Sku
from catalog.models import Order, OrderChange, OrderLine, OrderStatus, StockLevel, Variant
from catalog.orders import (
    CancelOrder,
    Change,
    ChangeAddress,
    ChangeAltered,
    ChangeChecked,
    ChangeItems,
    ChangeMade,
    ChangePayment,
    ChangeRefused,
    ExchangeItems,
    ItemCount,
    OrderItem,
    OrderPlaced,
    Place,
    ReturnItems,
    Swap,
    check_change,
    forget_customer,
    make_change,
    place_order,
    set_order_status,
)
from catalog.policies import set_policy
from catalog.pricing import PriceContext, set_price
from tests.catalog.conftest import NOW

Pool = AsyncConnectionPool[AsyncConnection]
POLICIES = """
- {name: returns, text: Thirty days for everything., terms: {window_days: 30}}
- {name: returns, text: Kettles are final sale., terms: {final_sale: true}, applies_to: {sku: CAFE}}
"""


@pytest.fixture
def policies(shop: MerchantId) -> MerchantId:
    load_policies(merchant=shop, source=POLICIES, now=NOW - timedelta(days=400))
    return shop


async def order(pool: Pool, shop: MerchantId, *lines: tuple[str, str, int], token: str = "t") -> str:  # noqa: S107
    """The number of an order that c-1 has placed."""
    items = tuple(
        OrderItem(sku=Sku(sku), unit_price=Money(price, "USD"), quantity=number)
        for sku, price, number in lines
    )
    async with pool.connection() as connection:
        placed = await place_order(
            connection,
            merchant=shop,
            lines=items,
            place=Place(customer_key="c-1", address="1 Old Road"),
            context=PriceContext(now=NOW),
            token=token,
        )
    assert isinstance(placed, OrderPlaced)
    return placed.number


async def check(
    pool: Pool, shop: MerchantId, change: Change, *, customer: str = "c-1", now: datetime = NOW
) -> ChangeChecked | ChangeRefused:
    async with pool.connection() as connection:
        return await check_change(
            connection, merchant=shop, customer_key=customer, change=change, context=PriceContext(now=now)
        )


async def make(
    pool: Pool,
    shop: MerchantId,
    change: Change,
    *,
    token: str = "m",
    now: datetime = NOW,  # noqa: S107
) -> ChangeMade | ChangeAltered | ChangeRefused:
    checked = await check(pool, shop, change, now=now)
    if isinstance(checked, ChangeRefused):
        return checked
    async with pool.connection() as connection:
        return await make_change(
            connection,
            merchant=shop,
            customer_key="c-1",
            change=change,
            context=PriceContext(now=now),
            token=token,
            amount=checked.amount,
        )


async def read_stock(shop: MerchantId, sku: str) -> int | None:
    level = await StockLevel.objects.aget(variant__merchant_id=shop, variant__sku=sku)
    return level.quantity


async def deliver(shop: MerchantId, number: str) -> None:
    await Order.objects.filter(merchant_id=shop, number=number).aupdate(
        status=OrderStatus.DELIVERED, delivered_at=NOW
    )


async def test_a_pending_order_is_cancelled_once_and_its_pieces_go_back(shop: MerchantId, pool: Pool) -> None:
    number = await order(pool, shop, ("CAFE", "31.95", 1), ("FELL-BLU-9", "89.00", 2))
    assert await read_stock(shop, "CAFE") == 0

    made = await make(pool, shop, CancelOrder(number=number, reason="changed my mind"))
    again = await make(pool, shop, CancelOrder(number=number), token="other")

    assert isinstance(made, ChangeMade)
    assert (made.status, made.amount) == ("cancelled", Money("-209.95", "USD"))
    assert {(change.sku, change.quantity) for change in made.changes} == {("CAFE", 1), ("FELL-BLU-9", 5)}
    assert isinstance(again, ChangeRefused)
    assert (again.because, again.status) == ("too_late", "cancelled")
    assert await read_stock(shop, "CAFE") == 1
    cafe = await Variant.objects.aget(merchant_id=shop, sku="CAFE")
    assert cafe.availability == "in_stock"
    kept = [change.kind async for change in OrderChange.objects.filter(merchant_id=shop).order_by("id")]
    assert kept == ["placed", "cancel"]


async def test_the_same_token_makes_one_change(shop: MerchantId, pool: Pool) -> None:
    number = await order(pool, shop, ("FELL-BLU-9", "89.00", 2))

    async with pool.connection() as connection:
        made = [
            await make_change(
                connection,
                merchant=shop,
                customer_key="c-1",
                change=CancelOrder(number=number),
                context=PriceContext(now=NOW),
                token="m",
                amount=Money("-178.00", "USD"),
            )
            for _ in range(3)
        ]

    assert {each.status for each in made if isinstance(each, ChangeMade)} == {"cancelled"}
    assert await read_stock(shop, "FELL-BLU-9") == 5
    assert await OrderChange.objects.filter(merchant_id=shop, kind="cancel").acount() == 1


@pytest.mark.parametrize("status", ["paid", "shipped", "delivered", "cancelled"])
async def test_what_is_not_pending_any_more_is_not_cancelled(
    shop: MerchantId, pool: Pool, status: str
) -> None:
    number = await order(pool, shop, ("CAFE", "31.95", 1))
    await Order.objects.filter(merchant_id=shop, number=number).aupdate(status=status)

    for change in (CancelOrder(number=number), ChangeAddress(number=number, address="2 New Road")):
        refused = await make(pool, shop, change)
        assert refused == ChangeRefused(because="too_late", number=number, status=status)
    assert await read_stock(shop, "CAFE") == 0


async def test_a_cancellation_policy_may_allow_it_until_it_ships(shop: MerchantId, pool: Pool) -> None:
    source = "[{name: cancellation, text: Until it ships., terms: {until: shipped}}]"
    load_policies(merchant=shop, source=source, now=NOW)
    number = await order(pool, shop, ("CAFE", "31.95", 1))
    await Order.objects.filter(merchant_id=shop, number=number).aupdate(status="paid")

    checked = await check(pool, shop, CancelOrder(number=number))

    assert isinstance(checked, ChangeChecked)
    assert checked.policy == "cancellation/store@1"


async def test_the_order_of_another_is_as_unknown_as_none(shop: MerchantId, pool: Pool) -> None:
    number = await order(pool, shop, ("CAFE", "31.95", 1))

    foreign = await check(pool, shop, CancelOrder(number=number), customer="c-2")
    none = await check(pool, shop, CancelOrder(number="nothing"), customer="c-2")

    assert foreign == ChangeRefused(because="unknown_order", number=number)
    assert none == ChangeRefused(because="unknown_order", number="nothing")


async def test_address_and_payment_of_a_pending_order(shop: MerchantId, pool: Pool) -> None:
    number = await order(pool, shop, ("CAFE", "31.95", 1))

    await make(pool, shop, ChangeAddress(number=number, address="2 New Road"), token="a")
    await make(pool, shop, ChangePayment(number=number, method="gift_card_1"), token="b")
    empty = await make(pool, shop, ChangeAddress(number=number, address="  "), token="c")

    changed = await Order.objects.aget(merchant_id=shop, number=number)
    assert (changed.address, changed.payment_method) == ("2 New Road", "gift_card_1")
    assert isinstance(empty, ChangeRefused)
    assert empty.because == "no_address"


async def test_items_of_a_pending_order_are_swapped_within_the_product(shop: MerchantId, pool: Pool) -> None:
    number = await order(pool, shop, ("SOCK-M", "18.00", 2))

    other = await check(
        pool, shop, ChangeItems(number=number, swaps=(Swap(sku=Sku("SOCK-M"), for_sku=Sku("CAFE")),))
    )
    made = await make(
        pool, shop, ChangeItems(number=number, swaps=(Swap(sku=Sku("SOCK-M"), for_sku=Sku("SOCK-L")),))
    )

    assert isinstance(other, ChangeRefused)
    assert other.because == "other_product"
    assert isinstance(made, ChangeMade)
    assert (made.status, made.amount) == ("pending", Money("0.00", "USD"))
    lines = OrderLine.objects.filter(order__number=number, merchant_id=shop).order_by("id")
    assert [(line.sku, line.quantity) async for line in lines] == [("SOCK-M", 1), ("SOCK-L", 1)]
    assert await read_stock(shop, "SOCK-L") == 8


async def test_returns_go_by_the_policy_of_the_day_of_the_order(policies: MerchantId, pool: Pool) -> None:
    shop = policies
    number = await order(pool, shop, ("FELL-BLU-9", "89.00", 2), ("CAFE", "31.95", 1))
    change = ReturnItems(number=number, items=(ItemCount(sku=Sku("FELL-BLU-9")),))
    early = await check(pool, shop, change)
    await deliver(shop, number)
    await shorten_window(shop)

    within = await check(pool, shop, change, now=NOW + timedelta(days=30))
    late = await check(pool, shop, change, now=NOW + timedelta(days=31))
    final = await check(pool, shop, ReturnItems(number=number, items=(ItemCount(sku=Sku("CAFE")),)))

    assert isinstance(early, ChangeRefused)
    assert (early.because, early.status) == ("not_delivered", "pending")
    assert isinstance(within, ChangeChecked)
    assert (within.policy, within.days, within.amount) == ("returns/store@1", 30, Money("-89.00", "USD"))
    assert isinstance(late, ChangeRefused)
    assert (late.because, late.days, late.policy) == ("window_over", 30, "returns/store@1")
    assert isinstance(final, ChangeRefused)
    assert (final.because, final.policy) == ("final_sale", "returns/sku:CAFE@1")


async def shorten_window(shop: MerchantId) -> None:
    """A shorter window, from now on: too late for what was ordered before."""
    await sync_to_async(set_policy)(
        merchant=shop,
        name="returns",
        text="Three days.",
        terms={"window_days": 3},
        at=NOW + timedelta(days=1),
    )


async def test_parts_of_a_line_are_returned_once_and_sum_to_what_was_paid(
    policies: MerchantId, pool: Pool
) -> None:
    number = await order(pool, policies, ("SOCK-M", "18.00", 3))
    await deliver(policies, number)
    await OrderLine.objects.filter(merchant_id=policies, order__number=number).aupdate(charged="50.00")

    refunds = []
    for piece in range(4):
        change = ReturnItems(number=number, items=(ItemCount(sku=Sku("SOCK-M")),))
        refunds.append(await make(pool, policies, change, token=f"r{piece}"))

    made = [str(each.amount.amount) for each in refunds if isinstance(each, ChangeMade)]
    assert made == ["-16.67", "-16.66", "-16.67"]
    assert isinstance(refunds[3], ChangeRefused)
    assert refunds[3].because == "already_returned"
    left = await Order.objects.aget(merchant_id=policies, number=number)
    assert (left.status, left.refunded) == ("return_requested", 50)


async def test_an_exchange_takes_the_other_version_and_tells_the_difference(
    policies: MerchantId, pool: Pool
) -> None:
    number = await order(pool, policies, ("SOCK-M", "18.00", 2))
    await deliver(policies, number)
    change = ExchangeItems(number=number, swaps=(Swap(sku=Sku("SOCK-M"), for_sku=Sku("SOCK-L"), quantity=2),))
    told = await check(pool, policies, change)
    await sync_to_async(set_price)(
        merchant=policies, sku=Sku("SOCK-L"), price=Money("20.00", "USD"), at=NOW, source="test"
    )

    assert isinstance(told, ChangeChecked)
    async with pool.connection() as connection:
        altered = await make_change(
            connection,
            merchant=policies,
            customer_key="c-1",
            change=change,
            context=PriceContext(now=NOW),
            token="x",
            amount=told.amount,
        )
    made = await make(pool, policies, change, token="y")

    assert isinstance(altered, ChangeAltered)
    assert altered.checked.amount == Money("4.00", "USD")
    assert isinstance(made, ChangeMade)
    assert (made.status, made.amount) == ("exchange_requested", Money("4.00", "USD"))
    assert await read_stock(policies, "SOCK-L") == 7


async def test_a_status_of_the_shop_is_recorded_and_a_forgotten_customer_leaves_no_address(
    shop: MerchantId, pool: Pool
) -> None:
    number = await order(pool, shop, ("CAFE", "31.95", 1))
    await make(pool, shop, ChangeAddress(number=number, address="2 New Road"), token="a")

    await sync_to_async(set_order_status)(
        merchant=shop, number=number, status=OrderStatus.DELIVERED, at=NOW + timedelta(days=2)
    )
    assert await sync_to_async(forget_customer)(merchant=shop, customer_key="c-1") == 1

    kept = await Order.objects.aget(merchant_id=shop, number=number)
    assert (kept.status, kept.delivered_at) == ("delivered", NOW + timedelta(days=2))
    assert (kept.customer_key, kept.address) == (None, "")
    details = [str(change.detail) async for change in OrderChange.objects.filter(merchant_id=shop)]
    assert not any("New Road" in detail for detail in details)
