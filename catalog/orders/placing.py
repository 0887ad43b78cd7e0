"""Placing an order: everything is checked at the source in the very transaction that takes the stock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.connectors import StorePrices
from catalog.errors import CatalogError
from catalog.events import StockChanged
from catalog.ids import MerchantId, Sku
from catalog.orders.reading import find_order_by_token
from catalog.orders.records import LineChange, OrderedLine, OrderItem, OrderPlaced, OrderRefused
from catalog.pricing import CartItem, CartPrice, PriceContext, price_cart

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%(token)s, 3))"
# Rows are locked in the order of their keys: two orders for the same items cannot wait for each other. The stock is
# read in a statement of its own: a wait for a lock shows the locked row anew, but what it joins as it was.
LOCK = """
SELECT sku, title, availability, id FROM catalog_variant
WHERE merchant_id = %(merchant)s AND sku = ANY(%(skus)s) ORDER BY id FOR UPDATE
"""
STOCK = "SELECT variant_id, quantity FROM catalog_stocklevel WHERE variant_id = ANY(%(variants)s) FOR UPDATE"
TAKE = """
UPDATE catalog_stocklevel SET quantity = quantity - %(taken)s, version = version + 1, observed_at = %(now)s,
  source = 'order' WHERE variant_id = %(variant)s RETURNING quantity, version
"""
SELL_OUT = """
UPDATE catalog_variant SET availability = 'out_of_stock' WHERE id = %(variant)s AND availability = 'in_stock'
RETURNING availability
"""
NUMBER = "SELECT nextval(pg_get_serial_sequence('catalog_order', 'id'))"
ORDER = """
INSERT INTO catalog_order (id, merchant_id, number, token, customer_key, placed_at, status, total, total_currency)
VALUES (%(id)s, %(merchant)s, %(number)s, %(token)s, %(customer)s, %(now)s, 'pending', %(total)s, %(currency)s)
"""
LINE = """
INSERT INTO catalog_orderline (merchant_id, order_id, sku, title, quantity, unit_price, unit_price_currency)
VALUES (%(merchant)s, %(order)s, %(sku)s, %(title)s, %(quantity)s, %(amount)s, %(currency)s)
"""
FIRST_NUMBER = 10_000
UNCOUNTED = ("preorder", "backorder")


class EmptyOrder(CatalogError):
    """An order needs at least one line, and each at least one piece."""

    def __init__(self) -> None:
        super().__init__("An order needs at least one line, each SKU once, with a quantity from 1.")


class _Shelf(msgspec.Struct, frozen=True):
    sku: Sku
    title: str
    availability: str
    variant: int
    quantity: int | None


class _Lent:
    """The transaction's own connection, for a source that asks for one."""

    def __init__(self, lent: AsyncConnection[TupleRow]) -> None:
        self._lent = lent

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[TupleRow]]:
        yield self._lent


def _find_stock_change(line: OrderItem, shelf: _Shelf | None) -> LineChange | None:
    if shelf is None:
        return LineChange(sku=line.sku, kind="gone", wanted=line.quantity, actual=None)
    if shelf.availability in UNCOUNTED:
        return None
    left = 0 if shelf.availability == "out_of_stock" and shelf.quantity is None else shelf.quantity
    if left is not None and left < line.quantity:
        return LineChange(sku=line.sku, kind="stock", wanted=line.quantity, actual=left)
    return None


def _make_ordered_line(line: OrderItem, *, shelf: _Shelf) -> OrderedLine:
    return OrderedLine(sku=line.sku, title=shelf.title, quantity=line.quantity, unit_price=line.unit_price)


def _list_changes(
    lines: tuple[OrderItem, ...], *, shelves: dict[Sku, _Shelf], priced: CartPrice
) -> tuple[LineChange, ...]:
    prices = {line.sku: line.unit_price for line in priced.lines}
    changes = []
    for line in lines:
        changed = _find_stock_change(line, shelves.get(line.sku))
        if changed is not None:
            changes.append(changed)
        actual = prices.get(line.sku)
        if actual is not None and actual != line.unit_price:
            changes.append(LineChange(sku=line.sku, kind="price", wanted=line.unit_price, actual=actual))
    return tuple(changes)


async def place_order(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    lines: tuple[OrderItem, ...],
    customer_key: str | None,
    context: PriceContext,
    token: str,
) -> OrderPlaced | OrderRefused:
    """Orders these lines at the prices told, or orders nothing and says what changed.

    Stock and price are checked at the source and taken in one transaction. The same token places one order, however
    often it comes; a refused one may be tried again. Raises EmptyOrder.
    """
    if (
        not lines
        or min(line.quantity for line in lines) < 1
        or len({line.sku for line in lines}) < len(lines)
    ):
        raise EmptyOrder
    async with connection.transaction():
        await connection.execute(ONE_AT_A_TIME, {"token": f"{merchant}/{token}"})
        before = await find_order_by_token(connection, merchant=merchant, token=token)
        if before is not None:
            return OrderPlaced(
                number=before.number, lines=before.lines, total=before.total, placed_at=before.placed_at
            )
        shelves = await _lock_shelves(connection, merchant=merchant, skus=[line.sku for line in lines])
        priced = await price_cart(
            connection,
            merchant=merchant,
            lines=tuple(CartItem(sku=line.sku, quantity=line.quantity) for line in lines),
            context=context,
            source=StorePrices(connections=_Lent(connection)),
        )
        changed = _list_changes(lines, shelves=shelves, priced=priced)
        if changed:
            return OrderRefused(changes=changed)
        taken = await _take_stock(
            connection, merchant=merchant, lines=lines, shelves=shelves, now=context.now
        )
        ordered = tuple(_make_ordered_line(line, shelf=shelves[line.sku]) for line in lines)
        number = await _record_order(
            connection,
            merchant=merchant,
            lines=ordered,
            total=priced.total,
            customer_key=customer_key,
            token=token,
            now=context.now,
        )
    return OrderPlaced(number=number, lines=ordered, total=priced.total, placed_at=context.now, changes=taken)


async def _lock_shelves(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, skus: list[Sku]
) -> dict[Sku, _Shelf]:
    cursor = await connection.execute(LOCK, {"merchant": merchant, "skus": skus})
    rows = await cursor.fetchall()
    cursor = await connection.execute(STOCK, {"variants": [row[3] for row in rows]})
    quantities: dict[int, int | None] = dict(await cursor.fetchall())
    return {
        sku: _Shelf(sku, title, availability, variant, quantities.get(variant))
        for sku, title, availability, variant in rows
    }


async def _take_stock(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    lines: tuple[OrderItem, ...],
    shelves: dict[Sku, _Shelf],
    now: datetime,
) -> tuple[StockChanged, ...]:
    changes = []
    for line in lines:
        shelf = shelves[line.sku]
        if shelf.quantity is None or shelf.quantity < line.quantity:
            continue
        asked = {"variant": shelf.variant, "taken": line.quantity, "now": now}
        cursor = await connection.execute(TAKE, asked)
        row = await cursor.fetchone()
        quantity, version = msgspec.convert(row, tuple[int, int])
        availability = shelf.availability
        if quantity == 0:
            await connection.execute(SELL_OUT, asked)
            availability = "out_of_stock" if availability == "in_stock" else availability
        changes.append(
            StockChanged(
                merchant=merchant,
                sku=line.sku,
                quantity=quantity,
                availability=availability,
                version=version,
                at=now,
            )
        )
    return tuple(changes)


async def _record_order(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    lines: tuple[OrderedLine, ...],
    total: Money,
    customer_key: str | None,
    token: str,
    now: datetime,
) -> str:
    cursor = await connection.execute(NUMBER)
    (order,) = msgspec.convert(await cursor.fetchone(), tuple[int])
    number = str(FIRST_NUMBER + order)
    await connection.execute(
        ORDER,
        {
            "id": order,
            "merchant": merchant,
            "number": number,
            "token": token,
            "customer": customer_key,
            "now": now,
            "total": total.amount,
            "currency": str(total.currency),
        },
    )
    for line in lines:
        await connection.execute(
            LINE,
            {
                "merchant": merchant,
                "order": order,
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "amount": line.unit_price.amount,
                "currency": str(line.unit_price.currency),
            },
        )
    return number
