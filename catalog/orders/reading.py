"""Orders that were placed."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.ids import MerchantId, Sku
from catalog.orders.addresses import NO_KEYS, AddressSeal, Keys, find_seal, name_owner, name_place
from catalog.orders.records import OrderedLine, OrderRecord
from commerce_agent.decoding import convert

ORDERS = """
SELECT o.number, o.placed_at, o.status, o.total, o.total_currency AS currency, o.discount, o.shipping, o.tax,
  o.refunded, o.delivered_at, o.sealed_address, o.payment_method,
  (SELECT coalesce(json_agg(json_build_array(l.sku, l.title, l.quantity, l.unit_price::text, l.unit_price_currency,
    l.charged::text, l.returned) ORDER BY l.id), '[]') FROM catalog_orderline l WHERE l.order_id = o.id) AS lines
FROM catalog_order o WHERE o.merchant_id = %(merchant)s
"""
OF_CUSTOMER = (
    f"{ORDERS} AND o.customer_key = %(customer)s ORDER BY o.placed_at DESC, o.id DESC LIMIT %(limit)s"
)
BY_TOKEN = f"{ORDERS} AND o.token = %(token)s"
OWN = f"{ORDERS} AND o.number = %(number)s AND o.customer_key = %(customer)s"
OF_NOBODY = f"{ORDERS} AND o.number = %(number)s AND o.customer_key IS NULL"
CHECKOUT = "SELECT checkout_url FROM catalog_merchant WHERE id = %(merchant)s"


class _Line(msgspec.Struct, frozen=True, array_like=True):
    sku: Sku
    title: str
    quantity: int
    amount: Decimal
    currency: str
    charged: Decimal | None
    returned: int


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    placed_at: datetime
    status: str
    total: Decimal
    currency: str
    discount: Decimal
    shipping: Decimal
    tax: Decimal
    refunded: Decimal
    delivered_at: datetime | None
    sealed_address: bytes
    payment_method: str
    lines: tuple[_Line, ...]


def make_record(row: dict[str, object], *, seal: AddressSeal | None = None) -> OrderRecord:
    """The order of a row of `ORDERS`; without its customer's seal, without where it goes and with a sealed payment."""
    read = convert(row, _Order)
    return OrderRecord(
        number=read.number,
        placed_at=read.placed_at,
        status=read.status,
        total=Money(read.total, read.currency),
        discount=Money(read.discount, read.currency),
        shipping=Money(read.shipping, read.currency),
        tax=Money(read.tax, read.currency),
        refunded=Money(read.refunded, read.currency),
        delivered_at=read.delivered_at,
        address="" if seal is None else seal.open(read.sealed_address, place=name_place(read.number)),
        payment_method=read.payment_method if seal is None else seal.open_reference(read.payment_method),
        lines=tuple(
            OrderedLine(
                sku=line.sku,
                title=line.title,
                quantity=line.quantity,
                unit_price=Money(line.amount, line.currency),
                charged=None if line.charged is None else Money(line.charged, line.currency),
                returned=line.returned,
            )
            for line in read.lines
        ),
    )


async def list_orders(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    customer_key: str,
    limit: int = 20,
    keys: Keys = NO_KEYS,
) -> tuple[OrderRecord, ...]:
    """A customer's orders, the latest first; with the installation's keys, also where they go and what paid.

    Raises AddressUnreadable and SecretUnreadable.
    """
    seal = None
    if keys:
        owner = name_owner(customer_key=customer_key, number="")
        seal = await find_seal(connection, merchant=merchant, owner=owner, keys=keys)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(OF_CUSTOMER, {"merchant": merchant, "customer": customer_key, "limit": limit})
        return tuple(make_record(row, seal=seal) for row in await cursor.fetchall())


async def list_orders_of_nobody(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, numbers: Collection[str], keys: Keys
) -> tuple[OrderRecord, ...]:
    """Of these orders those that were placed while nobody was signed in, with where they go and what paid.

    Whoever asks has shown whose they are. Raises AddressUnreadable and SecretUnreadable.
    """
    found: list[OrderRecord] = []
    for number in numbers:
        owner = name_owner(customer_key=None, number=number)
        seal = await find_seal(connection, merchant=merchant, owner=owner, keys=keys)
        order = await _find(connection, OF_NOBODY, {"merchant": merchant, "number": number}, seal=seal)
        if order is not None:
            found.append(order)
    return tuple(found)


async def find_order_by_token(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, token: str
) -> OrderRecord | None:
    """The order that this token placed, if it did."""
    return await _find(connection, BY_TOKEN, {"merchant": merchant, "token": token})


async def find_own_order(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, customer_key: str, number: str
) -> OrderRecord | None:
    """The customer's order of this number: the one gate from a number that someone gave."""
    return await _find(connection, OWN, {"merchant": merchant, "customer": customer_key, "number": number})


async def find_checkout(connection: AsyncConnection[TupleRow], *, merchant: MerchantId, number: str) -> str:
    """Where the shop's own checkout takes the payment of an order; empty where it has named none."""
    cursor = await connection.execute(CHECKOUT, {"merchant": merchant})
    row = await cursor.fetchone()
    return str(row[0]).replace("{order}", quote(number, safe="")) if row else ""


async def _find(
    connection: AsyncConnection[TupleRow],
    query: str,
    asked: dict[str, str],
    *,
    seal: AddressSeal | None = None,
) -> OrderRecord | None:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, asked)
        row = await cursor.fetchone()
    return None if row is None else make_record(row, seal=seal)
