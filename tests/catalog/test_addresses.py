"""Where orders go and what pays them lies nowhere in the clear, opens for nobody else, and goes with the customer."""

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from moneyed import Money

from catalog.connectors.sealing import SecretUnreadable, find_version
from catalog.ids import MerchantId
from catalog.models import AddressKey, Customer, Order, OrderChange, PaymentMeans
from catalog.orders import (
    AddressBook,
    AddressUnreadable,
    ChangeAddress,
    ChangeMade,
    ChangePayment,
    ChangeWish,
    NoSealingKey,
    OrderItem,
    OrderPlaced,
    OrderWish,
    Place,
    forget_customer,
    list_orders,
    make_change,
    place_order,
    rewrap_address_keys,
)
from catalog.pricing import PriceContext
from tests.catalog.conftest import BLUE, GOLD, NOW, Pool

KEYS = settings.KEY_ENCRYPTION_KEYS
HOME = "4 Kiln Lane, Tidewater"
CONTEXT = PriceContext(now=NOW)


def wish(place: Place, *, token: str) -> OrderWish:
    line = OrderItem(sku=BLUE, quantity=1, unit_price=Money("89.00", "USD"))
    return OrderWish(lines=(line,), context=CONTEXT, token=token, place=place)


async def order(pool: Pool, shop: MerchantId, place: Place, *, token: str = "one") -> str:  # noqa: S107
    async with pool.connection() as connection:
        placed = await place_order(connection, wish(place, token=token), merchant=shop, keys=KEYS)
    assert isinstance(placed, OrderPlaced)
    return placed.number


async def list_open(pool: Pool, shop: MerchantId) -> dict[str, str]:
    async with pool.connection() as connection:
        orders = await list_orders(connection, merchant=shop, customer_key=GOLD, keys=KEYS)
    return {each.number: each.address for each in orders}


async def dump(pool: Pool, *tables: str) -> bytes:
    """Everything in these tables, as a backup has it."""
    rows = b""
    async with pool.connection() as connection:
        for table in tables:
            async with connection.cursor().copy(f"COPY {table} TO STDOUT") as copied:
                rows += b"".join([bytes(row) async for row in copied])
    return rows


async def test_an_order_goes_to_the_customers_address_or_the_one_named_and_none_is_read_in_the_tables(
    stocked: MerchantId, pool: Pool
) -> None:
    book = AddressBook(merchant=stocked, keys=KEYS)
    home = await sync_to_async(book.seal_own)(HOME, customer_key=GOLD)
    await Customer.objects.filter(merchant_id=stocked, key=GOLD).aupdate(sealed_address=home)
    away = "9 Quay Street, Harbourside"
    mine = await order(pool, stocked, Place(customer_key=GOLD))
    there = await order(pool, stocked, Place(customer_key=GOLD, address=away), token="two")
    wanted = ChangeAddress(number=mine, address="1 Peak Row, Tidewater")
    moved = ChangeWish(
        customer_key=GOLD, change=wanted, context=CONTEXT, token="three", amount=Money(0, "USD")
    )
    before = await list_open(pool, stocked)
    async with pool.connection() as connection:
        assert isinstance(await make_change(connection, moved, merchant=stocked, keys=KEYS), ChangeMade)

    assert before == {mine: HOME, there: away, "1001": ""}
    assert await list_open(pool, stocked) == {mine: "1 Peak Row, Tidewater", there: away, "1001": ""}
    kept = await dump(pool, "catalog_order", "catalog_customer", "catalog_orderchange", "catalog_addresskey")
    for word in ("Kiln Lane", "Quay Street", "Peak Row"):
        assert word.encode() not in kept
        assert word.encode().hex().encode() not in kept
    change = await OrderChange.objects.aget(merchant_id=stocked, kind="address")
    assert change.detail == {"type": "address", "number": mine}


async def test_what_an_order_is_paid_with_is_read_by_its_customers_key_alone(
    stocked: MerchantId, pool: Pool
) -> None:
    book, card, voucher = AddressBook(merchant=stocked, keys=KEYS), "checkout-card-77", "checkout-voucher-8"
    for customer in (GOLD, "another"):
        for reference in (card, voucher):
            sealed = await sync_to_async(book.seal_reference)(reference, customer_key=customer)
            await PaymentMeans.objects.acreate(
                merchant_id=stocked, customer_key=customer, reference=sealed, label=sealed, source="card"
            )
    number = await order(pool, stocked, Place(customer_key=GOLD, payment_method=card))
    wanted = ChangePayment(number=number, method=voucher)
    paid = ChangeWish(customer_key=GOLD, change=wanted, context=CONTEXT, token="two", amount=Money(0, "USD"))
    async with pool.connection() as connection:
        before = await list_orders(connection, merchant=stocked, customer_key=GOLD, keys=KEYS)
        assert isinstance(await make_change(connection, paid, merchant=stocked, keys=KEYS), ChangeMade)
        after = await list_orders(connection, merchant=stocked, customer_key=GOLD, keys=KEYS)

    assert [next(each for each in orders if each.number == number).payment_method for orders in (before, after)] == [
        card, voucher,
    ]  # fmt: skip
    kept = await dump(pool, "catalog_order", "catalog_orderchange", "catalog_payment", "catalog_paymentmeans")
    assert card.encode() not in kept
    assert voucher.encode() not in kept
    theirs = {row.reference async for row in PaymentMeans.objects.filter(merchant_id=stocked)}
    assert len(theirs) == 4, "alike for one customer, and for no two"
    with pytest.raises(AddressUnreadable):
        await sync_to_async(book.open_reference)(
            await sync_to_async(book.seal_reference)(card, customer_key="another"), customer_key=GOLD
        )
    await sync_to_async(forget_customer)(merchant=stocked, customer_key=GOLD)
    assert not await PaymentMeans.objects.filter(merchant_id=stocked, customer_key=GOLD).aexists()
    left = await Order.objects.aget(merchant_id=stocked, number=number)
    changes = OrderChange.objects.filter(order=left).values_list("detail", flat=True)
    assert left.payment_method == ""
    assert not [detail async for detail in changes if "method" in detail]


async def test_an_order_of_nobody_keeps_its_address_under_a_key_of_its_own(
    stocked: MerchantId, pool: Pool
) -> None:
    number = await order(pool, stocked, Place(address=HOME))

    placed = await Order.objects.aget(merchant_id=stocked, number=number)
    book = AddressBook(merchant=stocked, keys=KEYS)
    assert await sync_to_async(book.open_of_order)(placed) == HOME
    owners = AddressKey.objects.filter(merchant_id=stocked).values_list("owner", flat=True)
    assert [owner async for owner in owners] == [f"order {number}"]


async def test_without_a_key_to_seal_with_nothing_is_ordered(stocked: MerchantId, pool: Pool) -> None:
    async with pool.connection() as connection:
        with pytest.raises(NoSealingKey):
            await place_order(connection, wish(Place(address=HOME), token="one"), merchant=stocked)

    assert [each.number async for each in Order.objects.filter(merchant_id=stocked)] == ["1001"]


def test_an_address_opens_in_its_own_order_alone(stocked: MerchantId) -> None:
    book = AddressBook(merchant=stocked, keys=KEYS)
    sealed = book.seal_for_order(HOME, customer_key=GOLD, number="1001")
    order = Order.objects.get(merchant_id=stocked, number="1001")
    for elsewhere in (
        Order(number="1001", customer_key=GOLD, sealed_address=sealed[:-1] + bytes([sealed[-1] ^ 1])),
        Order(number="1002", customer_key=GOLD, sealed_address=sealed),
        Order(number="1001", customer_key="c-other", sealed_address=sealed),
    ):
        with pytest.raises(AddressUnreadable):
            book.open_of_order(elsewhere)
    order.sealed_address = sealed
    assert book.open_of_order(order) == HOME


def test_what_a_backup_holds_of_a_forgotten_customers_addresses_opens_no_more(stocked: MerchantId) -> None:
    book = AddressBook(merchant=stocked, keys=KEYS)
    order = Order.objects.get(merchant_id=stocked, number="1001")
    order.sealed_address = book.seal_for_order(HOME, customer_key=GOLD, number="1001")
    order.save()

    assert forget_customer(merchant=stocked, customer_key=GOLD) == 1

    assert not Order.objects.get(merchant_id=stocked, number="1001").sealed_address
    with pytest.raises(AddressUnreadable):
        AddressBook(merchant=stocked, keys=KEYS).open_of_order(order)


def test_addresses_open_after_the_installations_keys_were_changed(stocked: MerchantId) -> None:
    first = {1: KEYS[1]}
    order = Order.objects.get(merchant_id=stocked, number="1001")
    order.sealed_address = AddressBook(merchant=stocked, keys=first).seal_for_order(
        HOME, customer_key=GOLD, number="1001"
    )

    assert rewrap_address_keys(keys=KEYS) >= 1

    (row,) = AddressKey.objects.filter(merchant_id=stocked)
    assert find_version(bytes(row.wrapped)) == max(KEYS)
    assert AddressBook(merchant=stocked, keys={2: KEYS[2]}).open_of_order(order) == HOME
    with pytest.raises(SecretUnreadable):
        AddressBook(merchant=stocked, keys=first).open_of_order(order)
