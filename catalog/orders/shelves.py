"""The shelf under lock: what is there for an order to take, with what others have set aside left out."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.connectors import StockReading
from catalog.events import StockChanged
from catalog.ids import MerchantId, Sku
from catalog.orders.hearing import hear, record_sold, take_back
from catalog.orders.records import LineChange, OrderItem
from commerce_agent.decoding import convert

HOLD = timedelta(minutes=2)
"""Between setting aside and ordering lie milliseconds; whoever died in between keeps nobody waiting longer."""
UNCOUNTED = ("preorder", "backorder")

# Rows are locked in the order of their keys: two orders for the same items cannot wait for each other. The stock is
# read in a statement of its own: a wait for a lock shows the locked row anew, but what it joins as it was.
LOCK = """
SELECT sku, title, availability, id FROM catalog_variant
WHERE merchant_id = %(merchant)s AND sku = ANY(%(skus)s) ORDER BY id FOR UPDATE
"""
STOCK = "SELECT variant_id, quantity FROM catalog_stocklevel WHERE variant_id = ANY(%(variants)s) FOR UPDATE"
SET_ASIDE = """
SELECT sku, sum(quantity)::int FROM catalog_reservation
WHERE merchant_id = %(merchant)s AND sku = ANY(%(skus)s) AND token <> %(token)s AND expires_at > %(now)s GROUP BY sku
"""
RESERVE = """
INSERT INTO catalog_reservation (merchant_id, sku, token, quantity, created_at, expires_at)
VALUES (%(merchant)s, %(sku)s, %(token)s, %(quantity)s, %(now)s, %(until)s)
ON CONFLICT (merchant_id, sku, token) DO UPDATE SET quantity = excluded.quantity, expires_at = excluded.expires_at
"""
RELEASE = "DELETE FROM catalog_reservation WHERE merchant_id = %(merchant)s AND token = %(token)s"
TAKE = """
UPDATE catalog_stocklevel SET quantity = quantity - %(taken)s, version = version + 1, observed_at = %(now)s,
  source = 'order' WHERE variant_id = %(variant)s RETURNING quantity, version
"""
SELL_OUT = """
UPDATE catalog_variant SET availability = 'out_of_stock' WHERE id = %(variant)s AND availability = 'in_stock'
"""
BACK_IN = """
UPDATE catalog_variant SET availability = 'in_stock' WHERE id = %(variant)s AND availability = 'out_of_stock'
"""


class Shelf(msgspec.Struct, frozen=True):
    """One item under lock. `quantity` is None where the shop does not count."""

    sku: Sku
    title: str
    availability: str
    variant: int
    quantity: int | None
    set_aside: int = 0
    """Of the quantity, for others who are ordering it this moment."""

    @property
    def left(self) -> int | None:
        """How many can be taken; None where nobody counts."""
        if self.availability in UNCOUNTED:
            return None
        if self.quantity is None:
            return 0 if self.availability == "out_of_stock" else None
        return max(self.quantity - self.set_aside, 0)


async def lock_shelves(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    skus: list[Sku],
    token: str,
    now: datetime,
    heard: dict[Sku, StockReading] | None = None,
) -> dict[Sku, Shelf]:
    """The items, locked until the caller's transaction ends. What `token` itself has set aside is there for it.

    `heard` is what the merchant's own system says there is; an item that it does not know is left out.
    """
    asked = {"merchant": merchant, "skus": skus, "token": token, "now": now}
    cursor = await connection.execute(LOCK, asked)
    rows = await cursor.fetchall()
    if heard is not None:
        rows = await _hear(connection, rows, merchant=merchant, heard=heard, now=now)
    cursor = await connection.execute(STOCK, {"variants": [row[3] for row in rows]})
    quantities: dict[int, int | None] = dict(await cursor.fetchall())
    cursor = await connection.execute(SET_ASIDE, asked)
    aside: dict[Sku, int] = dict(await cursor.fetchall())
    return {
        sku: Shelf(sku, title, availability, variant, quantities.get(variant), aside.get(sku, 0))
        for sku, title, availability, variant in rows
    }


async def _hear(
    connection: AsyncConnection[TupleRow],
    rows: Sequence[TupleRow],
    *,
    merchant: MerchantId,
    heard: dict[Sku, StockReading],
    now: datetime,
) -> list[TupleRow]:
    """The rows of what the merchant's system knows, in its word, with its numbers on the shelves."""
    known: list[TupleRow] = []
    for sku, title, _, variant in rows:
        reading = heard.get(sku)
        if reading is None:
            continue
        await hear(connection, reading, merchant=merchant, variant=variant, now=now)
        known.append((sku, title, reading.availability, variant))
    return known


def find_stock_change(line: OrderItem, shelf: Shelf | None) -> LineChange | None:
    """What keeps this line from being ordered, as far as stock goes."""
    if shelf is None:
        return LineChange(sku=line.sku, kind="gone", wanted=line.quantity, actual=None)
    if shelf.left is not None and shelf.left < line.quantity:
        return LineChange(sku=line.sku, kind="stock", wanted=line.quantity, actual=shelf.left)
    return None


async def set_aside(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    lines: tuple[OrderItem, ...],
    shelves: dict[Sku, Shelf],
    token: str,
    now: datetime,
) -> datetime:
    """Sets the pieces aside and answers until when. The caller holds the shelves' locks and has found them enough."""
    until = now + HOLD
    for line in lines:
        if shelves[line.sku].left is not None:
            await connection.execute(
                RESERVE,
                {
                    "merchant": merchant,
                    "sku": line.sku,
                    "token": token,
                    "quantity": line.quantity,
                    "now": now,
                    "until": until,
                },
            )
    return until


async def release(connection: AsyncConnection[TupleRow], *, merchant: MerchantId, token: str) -> None:
    """Lets go of what the token has set aside."""
    await connection.execute(RELEASE, {"merchant": merchant, "token": token})


async def take(
    connection: AsyncConnection[TupleRow],
    shelf: Shelf,
    *,
    merchant: MerchantId,
    quantity: int,
    token: str,
    now: datetime,
) -> StockChanged | None:
    """Takes pieces off the shelf, sold under the token; None where nobody counts them."""
    if shelf.quantity is None or shelf.quantity < quantity:
        return None
    await record_sold(connection, merchant=merchant, sku=shelf.sku, quantity=quantity, token=token, now=now)
    return await _move(connection, shelf, merchant=merchant, taken=quantity, now=now)


async def put_back(
    connection: AsyncConnection[TupleRow],
    shelf: Shelf,
    *,
    merchant: MerchantId,
    quantity: int,
    order: int,
    now: datetime,
) -> StockChanged | None:
    """Puts pieces of an order back on the shelf; None where nobody counts them."""
    if shelf.quantity is None:
        return None
    await take_back(connection, merchant=merchant, sku=shelf.sku, quantity=quantity, order=order)
    return await _move(connection, shelf, merchant=merchant, taken=-quantity, now=now)


async def _move(
    connection: AsyncConnection[TupleRow], shelf: Shelf, *, merchant: MerchantId, taken: int, now: datetime
) -> StockChanged:
    asked = {"variant": shelf.variant, "taken": taken, "now": now}
    cursor = await connection.execute(TAKE, asked)
    left, version = convert(await cursor.fetchone(), tuple[int, int])
    availability = shelf.availability
    if left == 0 and availability == "in_stock":
        await connection.execute(SELL_OUT, asked)
        availability = "out_of_stock"
    elif left > 0 and availability == "out_of_stock":
        await connection.execute(BACK_IN, asked)
        availability = "in_stock"
    return StockChanged(
        merchant=merchant, sku=shelf.sku, quantity=left, availability=availability, version=version, at=now
    )
