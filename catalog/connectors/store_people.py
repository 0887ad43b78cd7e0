"""The built-in store: orders and customers as the shop's own tables have them."""

from datetime import datetime
from decimal import Decimal

import msgspec
from moneyed import Money

from catalog.connectors.readings import (
    CustomerReading,
    Kind,
    OrderedLine,
    OrderRecord,
    OrdersReading,
    PlainValue,
)
from catalog.connectors.store import SOURCE
from catalog.connectors.store_rows import Connections, read_rows
from catalog.ids import CustomerKey, MerchantId, Sku
from commerce_agent.decoding import convert

MOST_ORDERS = 20
ORDERS = """
SELECT customer, number, placed_at, status, total, currency, version, lines FROM (
  SELECT o.customer_key AS customer, o.number, o.placed_at, o.status, o.total, o.total_currency AS currency, o.version,
    (SELECT coalesce(json_agg(json_build_array(l.sku, l.title, l.quantity, l.unit_price::text, l.unit_price_currency,
      l.returned) ORDER BY l.id), '[]') FROM catalog_orderline l WHERE l.order_id = o.id) AS lines,
    row_number() OVER (PARTITION BY o.customer_key ORDER BY o.placed_at DESC, o.id DESC) AS place
  FROM catalog_order o WHERE o.merchant_id = %(merchant)s AND o.customer_key = ANY(%(customers)s)
) AS placed WHERE place <= %(most)s ORDER BY customer, place
"""
CUSTOMERS = """
SELECT key, tier, preferences, version FROM catalog_customer
WHERE merchant_id = %(merchant)s AND key = ANY(%(customers)s)
"""


class _Line(msgspec.Struct, frozen=True, array_like=True):
    sku: Sku
    title: str
    quantity: int
    amount: Decimal
    currency: str
    returned: int


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    customer: CustomerKey
    number: str
    placed_at: datetime
    status: str
    total: Decimal
    currency: str
    version: int
    lines: tuple[_Line, ...]


class _Customer(msgspec.Struct, frozen=True, kw_only=True):
    key: CustomerKey
    tier: str = ""
    preferences: dict[str, PlainValue] = {}
    version: int = 0


class StoreOrders:
    """A customer's last orders, and what went back of them."""

    def __init__(self, *, connections: Connections, kind: Kind = "orders") -> None:
        """`kind`: which connector is asked."""
        self._connections = connections
        self._kind = kind

    async def read(
        self, *, merchant: MerchantId, keys: tuple[CustomerKey, ...], now: datetime
    ) -> dict[CustomerKey, OrdersReading]:
        """Reads at the source. Raises ConnectorUnavailable when the database is out of reach."""
        asked = {"merchant": merchant, "customers": list(keys), "most": MOST_ORDERS}
        rows = [
            convert(row, _Order)
            for row in await read_rows(self._connections, ORDERS, asked, connector=self._kind)
        ]
        placed: dict[CustomerKey, list[OrderRecord]] = {key: [] for key in keys}
        for row in rows:
            placed[row.customer].append(_make_record(row))
        return {
            key: OrdersReading(source=SOURCE, observed_at=now, customer=key, orders=tuple(orders))
            for key, orders in placed.items()
        }


def _make_record(row: _Order) -> OrderRecord:
    return OrderRecord(
        number=row.number,
        placed_at=row.placed_at,
        status=row.status,
        total=Money(row.total, row.currency),
        version=row.version,
        lines=tuple(
            OrderedLine(
                sku=line.sku,
                title=line.title,
                quantity=line.quantity,
                unit_price=Money(line.amount, line.currency),
                returned=line.returned,
            )
            for line in row.lines
        ),
    )


class StoreCustomers:
    """Tiers and preferences."""

    def __init__(self, *, connections: Connections) -> None:
        self._connections = connections

    async def read(
        self, *, merchant: MerchantId, keys: tuple[CustomerKey, ...], now: datetime
    ) -> dict[CustomerKey, CustomerReading]:
        """Reads at the source; that nothing is kept of a customer is an answer too, good for as long as another.

        Raises ConnectorUnavailable when the database is out of reach.
        """
        rows = [
            convert(row, _Customer)
            for row in await read_rows(
                self._connections,
                CUSTOMERS,
                {"merchant": merchant, "customers": list(keys)},
                connector="customers",
            )
        ]
        known = {row.key: row for row in rows}
        return {
            key: CustomerReading(
                source=SOURCE,
                observed_at=now,
                version=row.version,
                customer=key,
                tier=row.tier or None,
                preferences=row.preferences,
            )
            for key in keys
            for row in [known.get(key) or _Customer(key=key)]
        }
