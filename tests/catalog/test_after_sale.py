"""After the sale: what may be changed, by the rules of the day the order was placed, and what comes of it."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from moneyed import Money

from catalog.feeds import load_policies
from catalog.ids import MerchantId, Sku
from catalog.models import AddressKey, Order, OrderChange, OrderStatus
from catalog.orders import (
    AddressBook,
    CancelOrder,
    Change,
    ChangeAddress,
    ChangeAltered,
    ChangeChecked,
    ChangeItems,
    ChangeMade,
    ChangePayment,
    ChangeRefused,
    ChangeWish,
    ExchangeItems,
    ItemCount,
    OrderItem,
    OrderPlaced,
    OrderWish,
    Place,
    ReturnItems,
    Swap,
    check_change,
    forget_customer,
    list_orders,
    make_change,
    place_order,
    set_order_status,
)
from catalog.pricing import PriceContext
from commerce_agent.isolation.connections import Pool
from tests.catalog.conftest import NOW

KEYS = settings.KEY_ENCRYPTION_KEYS
POLICIES = """
- {name: returns, text: Thirty days for everything., terms: {window_days: 30}}
- {name: returns, text: Three days., terms: {window_days: 3}, version: 2, valid_from: "2026-05-05"}
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
        wish = OrderWish(
            lines=items,
            place=Place(customer_key="c-1", address="1 Old Road"),
            context=PriceContext(now=NOW),
            token=token,
        )
        placed = await place_order(connection, wish, merchant=shop, keys=KEYS)
    assert isinstance(placed, OrderPlaced)
    return placed.number


async def check(
    pool: Pool, shop: MerchantId, change: Change, *, customer: str = "c-1", now: datetime = NOW
) -> ChangeChecked | ChangeRefused:
    async with pool.connection() as connection:
        wish = ChangeWish(customer_key=customer, change=change, context=PriceContext(now=now))
        return await check_change(connection, wish, merchant=shop, keys=KEYS)


async def make(
    pool: Pool,
    shop: MerchantId,
    change: Change,
    *,
    token: str = "m",  # noqa: S107
    now: datetime = NOW,
) -> ChangeMade | ChangeAltered | ChangeRefused:
    checked = await check(pool, shop, change, now=now)
    if isinstance(checked, ChangeRefused):
        return checked
    wish = ChangeWish(
        customer_key="c-1", change=change, context=PriceContext(now=now), token=token, amount=checked.amount
    )
    async with pool.connection() as connection:
        return await make_change(connection, wish, merchant=shop, keys=KEYS)


async def ask(pool: Pool, shop: MerchantId, query: str, *values: object) -> list[tuple[object, ...]]:
    """Rows of the shop's own; the first value of the query is the shop."""
    async with pool.connection() as connection:
        cursor = await connection.execute(query, (shop, *values))
        return await cursor.fetchall() if cursor.description else []


async def read_stock(pool: Pool, shop: MerchantId, sku: str) -> object:
    query = (
        "SELECT s.quantity FROM catalog_stocklevel s JOIN catalog_variant v ON v.id = s.variant_id"
        " WHERE v.merchant_id = %s AND v.sku = %s"
    )
    ((quantity,),) = await ask(pool, shop, query, sku)
    return quantity


async def list_kept(pool: Pool, shop: MerchantId) -> list[object]:
    query = "SELECT kind FROM catalog_orderchange WHERE merchant_id = %s ORDER BY id"
    return [kind for (kind,) in await ask(pool, shop, query)]


async def set_status(pool: Pool, shop: MerchantId, status: str) -> None:
    query = (
        "UPDATE catalog_order o SET status = v.status, delivered_at ="
        " CASE WHEN v.status = 'delivered' THEN placed_at END"
        " FROM (SELECT %s::uuid AS shop, %s AS status) v WHERE merchant_id = v.shop"
    )
    await ask(pool, shop, query, status)


async def test_a_pending_order_is_cancelled_once_and_its_pieces_go_back(shop: MerchantId, pool: Pool) -> None:
    number = await order(pool, shop, ("CAFE", "31.95", 1), ("FELL-BLU-9", "89.00", 2))
    assert await read_stock(pool, shop, "CAFE") == 0

    made = await make(pool, shop, CancelOrder(number=number, reason="changed my mind"))
    again = await make(pool, shop, CancelOrder(number=number), token="other")

    assert isinstance(made, ChangeMade)
    assert (made.status, made.amount) == ("cancelled", Money("-209.95", "USD"))
    assert {(change.sku, change.quantity) for change in made.changes} == {("CAFE", 1), ("FELL-BLU-9", 5)}
    assert isinstance(again, ChangeRefused)
    assert (again.because, again.status) == ("too_late", "cancelled")
    assert await read_stock(pool, shop, "CAFE") == 1
    back = await ask(
        pool, shop, "SELECT availability FROM catalog_variant WHERE merchant_id = %s AND sku = 'CAFE'"
    )
    assert back == [("in_stock",)]
    assert await list_kept(pool, shop) == ["placed", "cancel"]


async def test_the_same_token_makes_one_change(shop: MerchantId, pool: Pool) -> None:
    number = await order(pool, shop, ("FELL-BLU-9", "89.00", 2))

    wish = ChangeWish(
        customer_key="c-1",
        change=CancelOrder(number=number),
        context=PriceContext(now=NOW),
        token="m",
        amount=Money("-178.00", "USD"),
    )
    async with pool.connection() as connection:
        made = [await make_change(connection, wish, merchant=shop) for _ in range(3)]

    assert {each.status for each in made if isinstance(each, ChangeMade)} == {"cancelled"}
    assert await read_stock(pool, shop, "FELL-BLU-9") == 5
    assert await list_kept(pool, shop) == ["placed", "cancel"]


@pytest.mark.parametrize("status", ["paid", "shipped", "delivered", "cancelled"])
async def test_what_is_not_pending_any_more_is_not_cancelled(
    shop: MerchantId, pool: Pool, status: str
) -> None:
    number = await order(pool, shop, ("CAFE", "31.95", 1))
    await set_status(pool, shop, status)

    for change in (CancelOrder(number=number), ChangeAddress(number=number, address="2 New Road")):
        refused = await make(pool, shop, change)
        assert refused == ChangeRefused(because="too_late", number=number, status=status)
    assert await read_stock(pool, shop, "CAFE") == 0


async def test_a_cancellation_policy_may_allow_it_until_it_ships(shop: MerchantId, pool: Pool) -> None:
    source = "[{name: cancellation, text: Until it ships., terms: {until: shipped}}]"
    load_policies(merchant=shop, source=source, now=NOW)
    number = await order(pool, shop, ("CAFE", "31.95", 1))
    await set_status(pool, shop, "paid")

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

    async with pool.connection() as connection:
        (kept,) = await list_orders(connection, merchant=shop, customer_key="c-1", keys=KEYS)
    assert (kept.address, kept.payment_method) == ("2 New Road", "gift_card_1")
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
    query = "SELECT sku, quantity FROM catalog_orderline WHERE merchant_id = %s ORDER BY id"
    assert await ask(pool, shop, query) == [("SOCK-M", 1), ("SOCK-L", 1)]
    assert await read_stock(pool, shop, "SOCK-L") == 8


async def test_returns_go_by_the_policy_of_the_day_of_the_order(policies: MerchantId, pool: Pool) -> None:
    shop = policies
    number = await order(pool, shop, ("FELL-BLU-9", "89.00", 2), ("CAFE", "31.95", 1))
    change = ReturnItems(number=number, items=(ItemCount(sku=Sku("FELL-BLU-9")),))
    early = await check(pool, shop, change)
    await set_status(pool, shop, "delivered")

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


async def test_parts_of_a_line_are_returned_once_and_sum_to_what_was_paid(
    policies: MerchantId, pool: Pool
) -> None:
    number = await order(pool, policies, ("SOCK-M", "18.00", 3))
    await set_status(pool, policies, "delivered")
    await ask(pool, policies, "UPDATE catalog_orderline SET charged = 50 WHERE merchant_id = %s")

    refunds = []
    for piece in range(4):
        change = ReturnItems(number=number, items=(ItemCount(sku=Sku("SOCK-M")),))
        refunds.append(await make(pool, policies, change, token=f"r{piece}"))

    made = [str(each.amount.amount) for each in refunds if isinstance(each, ChangeMade)]
    assert made == ["-16.67", "-16.66", "-16.67"]
    assert isinstance(refunds[3], ChangeRefused)
    assert refunds[3].because == "already_returned"
    query = "SELECT status, refunded FROM catalog_order WHERE merchant_id = %s"
    assert await ask(pool, policies, query) == [("return_requested", 50)]


async def test_an_exchange_takes_the_other_version_and_tells_the_difference(
    policies: MerchantId, pool: Pool
) -> None:
    number = await order(pool, policies, ("SOCK-M", "18.00", 2))
    await set_status(pool, policies, "delivered")
    change = ExchangeItems(number=number, swaps=(Swap(sku=Sku("SOCK-M"), for_sku=Sku("SOCK-L"), quantity=2),))
    told = await check(pool, policies, change)
    await ask(
        pool, policies, "UPDATE catalog_variant SET price = 20 WHERE merchant_id = %s AND sku = 'SOCK-L'"
    )

    assert isinstance(told, ChangeChecked)
    wish = ChangeWish(
        customer_key="c-1", change=change, context=PriceContext(now=NOW), token="x", amount=told.amount
    )
    async with pool.connection() as connection:
        altered = await make_change(connection, wish, merchant=policies)
    made = await make(pool, policies, change, token="y")

    assert isinstance(altered, ChangeAltered)
    assert altered.checked.amount == Money("4.00", "USD")
    assert isinstance(made, ChangeMade)
    assert (made.status, made.amount) == ("exchange_requested", Money("4.00", "USD"))
    assert await read_stock(pool, policies, "SOCK-L") == 7


def test_a_status_of_the_shop_is_recorded_and_a_forgotten_customer_leaves_no_address(
    shop: MerchantId,
) -> None:
    order = Order.objects.create(
        merchant_id=shop,
        number="7",
        customer_key="c-1",
        placed_at=NOW,
        total=Money(5, "USD"),
        sealed_address=AddressBook(merchant=shop, keys=KEYS).seal_for_order(
            "1 Old Road", customer_key="c-1", number="7"
        ),
    )
    OrderChange.objects.create(
        merchant_id=shop, order=order, kind="cancel", at=NOW, detail={"reason": "I moved"}
    )

    set_order_status(merchant=shop, number="7", status=OrderStatus.DELIVERED, at=NOW + timedelta(days=2))
    forgotten = forget_customer(merchant=shop, customer_key="c-1")

    kept = Order.objects.get(merchant_id=shop, number="7")
    assert forgotten == 1
    assert (kept.status, kept.delivered_at) == ("delivered", NOW + timedelta(days=2))
    assert (kept.customer_key, bytes(kept.sealed_address)) == (None, b"")
    assert not AddressKey.objects.filter(merchant_id=shop).exists()
    assert [change.detail for change in OrderChange.objects.filter(merchant_id=shop)] == [
        {},
        {"from": "pending", "to": "delivered"},
    ]
