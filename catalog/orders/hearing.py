"""The word of a warehouse that is not ours: taken when it says something new, less what it has not booked yet.

A warehouse hears of what is sold here when it hears of it. Until its number falls, or for `BOOKED_WITHIN`, each piece
sold here counts against that number; a fall books the oldest first.
"""

from datetime import datetime, timedelta

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from catalog.connectors import StockReading
from catalog.ids import MerchantId, Sku

BOOKED_WITHIN = timedelta(hours=1)
"""A warehouse whose number has not fallen by then is believed all the same: it may have had goods in meanwhile."""

HEARD = """
SELECT heard AS source, heard_version AS version, heard_quantity AS quantity, heard_at AS at
FROM catalog_stocklevel WHERE variant_id = %(variant)s AND heard_at IS NOT NULL FOR UPDATE
"""
HEAR = """
INSERT INTO catalog_stocklevel AS s (merchant_id, variant_id, quantity, version, observed_at, source,
  heard, heard_version, heard_quantity, heard_at)
VALUES (%(merchant)s, %(variant)s, %(left)s, 1, %(at)s, %(source)s, %(source)s, %(version)s, %(quantity)s, %(at)s)
ON CONFLICT (variant_id) DO UPDATE SET quantity = excluded.quantity, version = s.version + 1,
  observed_at = excluded.observed_at, source = excluded.source, heard = excluded.heard,
  heard_version = excluded.heard_version, heard_quantity = excluded.heard_quantity, heard_at = excluded.heard_at
"""
SOLD = """
INSERT INTO catalog_unbooked (merchant_id, sku, token, quantity, sold_at)
VALUES (%(merchant)s, %(sku)s, %(token)s, %(quantity)s, %(now)s)
"""
BOOK = """
WITH due AS (
  SELECT id, quantity, sum(quantity) OVER (ORDER BY id) AS upto FROM catalog_unbooked
  WHERE merchant_id = %(merchant)s AND sku = %(sku)s
), booked AS (
  DELETE FROM catalog_unbooked u USING due WHERE u.id = due.id AND due.upto <= %(pieces)s
)
UPDATE catalog_unbooked u SET quantity = due.upto - %(pieces)s FROM due
WHERE u.id = due.id AND due.upto > %(pieces)s AND due.upto - due.quantity < %(pieces)s
"""
UNBOOKED = """
SELECT coalesce(sum(quantity), 0)::int FROM catalog_unbooked
WHERE merchant_id = %(merchant)s AND sku = %(sku)s AND sold_at > %(since)s
"""
TAKE_BACK = """
UPDATE catalog_unbooked SET quantity = greatest(quantity - %(quantity)s, 0) WHERE id = (
  SELECT id FROM catalog_unbooked WHERE merchant_id = %(merchant)s AND sku = %(sku)s
    AND token IN (SELECT token FROM catalog_orderchange WHERE order_id = %(order)s)
  ORDER BY quantity DESC LIMIT 1)
"""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a warehouse said last of an item."""

    source: str
    version: int
    quantity: int | None
    at: datetime

    def holds_against(self, reading: StockReading) -> bool:
        """Whether the reading says nothing new: the same, or what was so before and came late."""
        if self.source != reading.source:
            return False
        if (reading.version, reading.observed_at) < (self.version, self.at):
            return True
        return (reading.version, reading.quantity) == (self.version, self.quantity)


async def hear(
    connection: AsyncConnection[TupleRow],
    reading: StockReading,
    *,
    merchant: MerchantId,
    variant: int,
    now: datetime,
) -> None:
    """Puts what the warehouse says on the shelf. The caller holds the item's lock."""
    async with connection.cursor(row_factory=class_row(Heard)) as cursor:
        await cursor.execute(HEARD, {"variant": variant})
        before = await cursor.fetchone()
    if before is not None and before.holds_against(reading):
        return
    asked: dict[str, object] = {"merchant": merchant, "sku": reading.sku}
    left = reading.quantity
    if left is not None:
        if before is not None and before.quantity is not None and left < before.quantity:
            await connection.execute(BOOK, {**asked, "pieces": before.quantity - left})
        counted = await connection.execute(UNBOOKED, {**asked, "since": now - BOOKED_WITHIN})
        (unbooked,) = msgspec.convert(await counted.fetchone(), tuple[int])
        left = max(left - unbooked, 0)
    said = {
        "merchant": merchant,
        "variant": variant,
        "left": left,
        "quantity": reading.quantity,
        "version": reading.version,
        "at": reading.observed_at,
        "source": reading.source,
    }
    await connection.execute(HEAR, said)


async def record_sold(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    sku: Sku,
    quantity: int,
    token: str,
    now: datetime,
) -> None:
    """Pieces of what a warehouse counts were sold under the token."""
    sold = {"merchant": merchant, "sku": sku, "quantity": quantity, "token": token, "now": now}
    await connection.execute(SOLD, sold)


async def take_back(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, sku: Sku, quantity: int, order: int
) -> None:
    """Pieces that an order no longer wants are not waited for, where they still were."""
    back = {"merchant": merchant, "sku": sku, "quantity": quantity, "order": order}
    await connection.execute(TAKE_BACK, back)
