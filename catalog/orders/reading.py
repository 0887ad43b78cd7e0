"""Orders that were placed."""

from datetime import datetime
from decimal import Decimal

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.ids import MerchantId, Sku
from catalog.orders.records import OrderedLine, OrderRecord

ORDERS = """
SELECT o.number, o.placed_at, o.status, o.total, o.total_currency AS currency,
  (SELECT coalesce(json_agg(json_build_array(l.sku, l.title, l.quantity, l.unit_price::text, l.unit_price_currency)
    ORDER BY l.id), '[]') FROM catalog_orderline l WHERE l.order_id = o.id) AS lines
FROM catalog_order o WHERE o.merchant_id = %(merchant)s
"""
OF_CUSTOMER = (
    f"{ORDERS} AND o.customer_key = %(customer)s ORDER BY o.placed_at DESC, o.id DESC LIMIT %(limit)s"
)
BY_TOKEN = f"{ORDERS} AND o.token = %(token)s"


class _Line(msgspec.Struct, frozen=True, array_like=True):
    sku: Sku
    title: str
    quantity: int
    amount: Decimal
    currency: str


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    placed_at: datetime
    status: str
    total: Decimal
    currency: str
    lines: tuple[_Line, ...]


def _make_record(row: dict[str, object]) -> OrderRecord:
    read = msgspec.convert(row, _Order)
    return OrderRecord(
        number=read.number,
        placed_at=read.placed_at,
        status=read.status,
        total=Money(read.total, read.currency),
        lines=tuple(
            OrderedLine(
                sku=line.sku,
                title=line.title,
                quantity=line.quantity,
                unit_price=Money(line.amount, line.currency),
            )
            for line in read.lines
        ),
    )


async def list_orders(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, customer_key: str, limit: int = 20
) -> tuple[OrderRecord, ...]:
    """A customer's orders, the latest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(OF_CUSTOMER, {"merchant": merchant, "customer": customer_key, "limit": limit})
        return tuple(_make_record(row) for row in await cursor.fetchall())


async def find_order_by_token(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, token: str
) -> OrderRecord | None:
    """The order that this token placed, if it did."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(BY_TOKEN, {"merchant": merchant, "token": token})
        row = await cursor.fetchone()
    return None if row is None else _make_record(row)
