"""The word of a warehouse that is not ours: taken when it says something new, less what it has not booked yet.

A warehouse hears of what is sold here when it hears of it (`catalog.inventory.booking`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.connectors import StockReading
from catalog.connectors.readings import NOBODY
from catalog.connectors.store import SOURCE as OWN_SOURCE
from catalog.connectors.store import settle_availability
from catalog.ids import MerchantId, Sku
from catalog.inventory.booking import BOOK, TOLD_BY_ITSELF, Counted, Sold, count_left
from commerce_agent.decoding import convert

LOCK = "SELECT 1 FROM catalog_stocklevel WHERE variant_id = %(variant)s FOR UPDATE"
HEARD = """
SELECT v.sku, s.heard AS source, s.heard_teller AS teller, s.heard_version AS version,
  s.heard_quantity AS quantity, s.heard_at AS at, s.quantity AS left,
  make_interval(hours => m.books_within_hours) AS within,
  coalesce((SELECT json_agg(json_build_object('id', u.id, 'quantity', u.quantity, 'at', u.sold_at) ORDER BY u.id)
    FROM catalog_unbooked u WHERE u.merchant_id = s.merchant_id AND u.sku = v.sku), '[]') AS sold
FROM catalog_stocklevel s JOIN catalog_variant v ON v.id = s.variant_id JOIN catalog_merchant m ON m.id = s.merchant_id
WHERE s.merchant_id = %(merchant)s AND v.sku = ANY(%(skus)s) AND s.heard_at IS NOT NULL
"""
HEAR = """
INSERT INTO catalog_stocklevel AS s (merchant_id, variant_id, quantity, version, observed_at, source,
  heard, heard_teller, heard_version, heard_quantity, heard_at)
VALUES (%(merchant)s, %(variant)s, %(left)s, 1, %(at)s, %(source)s, %(source)s, %(teller)s, %(version)s, %(quantity)s,
  %(at)s)
ON CONFLICT (variant_id) DO UPDATE SET quantity = excluded.quantity, version = s.version + 1,
  observed_at = excluded.observed_at, source = excluded.source, heard = excluded.heard,
  heard_teller = excluded.heard_teller, heard_version = excluded.heard_version,
  heard_quantity = excluded.heard_quantity, heard_at = excluded.heard_at
"""
SOLD = """
INSERT INTO catalog_unbooked (merchant_id, sku, token, quantity, sold_at)
VALUES (%(merchant)s, %(sku)s, %(token)s, %(quantity)s, %(now)s)
"""
CAP = """
UPDATE catalog_stocklevel SET quantity = %(left)s, version = version + 1, observed_at = %(now)s, source = %(source)s
WHERE variant_id = %(variant)s
"""
TAKE_BACK = """
UPDATE catalog_unbooked SET quantity = greatest(quantity - %(quantity)s, 0) WHERE id = (
  SELECT id FROM catalog_unbooked WHERE merchant_id = %(merchant)s AND sku = %(sku)s
    AND token IN (SELECT token FROM catalog_orderchange WHERE order_id = %(order)s)
  ORDER BY quantity DESC LIMIT 1)
"""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a warehouse said last of an item, and what became of that number here since."""

    sku: Sku
    source: str
    teller: int
    version: int
    quantity: int | None
    at: datetime
    left: int | None
    """On the shelf."""
    within: timedelta
    """How long its shop takes to book an order."""
    sold: tuple[Sold, ...]
    """The oldest first."""

    def holds_against(self, reading: StockReading) -> bool:
        """Whether the reading says nothing new: the same, or what was so before and came late, as what the system
        before this one says does.

        The same number is believed anew once what was sold from it should have been booked.
        """
        if self.source in TOLD_BY_ITSELF:
            return False
        if self.teller != reading.teller:
            return reading.teller < self.teller
        if (reading.version, reading.observed_at) < (self.version, self.at):
            return True
        said = (reading.version, reading.quantity) == (self.version, self.quantity)
        return said and reading.observed_at < self.at + self.within

    def count(self, number: int, *, at: datetime, teller: int) -> Counted:
        """What a new number, which was so `at`, leaves once it has booked what was sold here, and what it has.

        The first number of another system shows no booking: it was never any higher.
        """
        is_next = self.source in TOLD_BY_ITSELF or teller == self.teller
        before = self.quantity if is_next else None
        return count_left(number, at=at, before=before, sold=self.sold, within=self.within)

    def count_left(self, reading: StockReading, *, now: datetime) -> int | None:
        """Of the number that the warehouse says, what is left once it has booked what was sold here."""
        if reading.quantity is None:
            return None
        if not self.holds_against(reading):
            return self.count(reading.quantity, at=min(reading.observed_at, now), teller=reading.teller).left
        # Somebody else may have put a number on the shelf meanwhile: the warehouse, asked anew, still outranks it.
        most = None if self.quantity is None else self.count(self.quantity, at=now, teller=self.teller).left
        return min((number for number in (self.left, most) if number is not None), default=None)


async def reckon_sold(
    connection: AsyncConnection[TupleRow],
    readings: Mapping[Sku, StockReading],
    *,
    merchant: MerchantId,
    now: datetime,
) -> dict[Sku, StockReading]:
    """What warehouses elsewhere answer, less what was sold here and they have not booked: as an order counts."""
    asked = [sku for sku, reading in readings.items() if reading.quantity and _is_foreign(reading)]
    heard = await _list_heard(connection, merchant=merchant, skus=asked) if asked else {}
    return {
        sku: _reckon(reading, heard=heard[sku], now=now) if sku in heard else reading
        for sku, reading in readings.items()
    }


def counts_elsewhere(readings: Iterable[StockReading]) -> bool:
    """Whether any of these is the word of another system than the store's own tables."""
    return any(map(_is_foreign, readings))


def _is_foreign(reading: StockReading) -> bool:
    return reading.source not in (OWN_SOURCE, NOBODY)


def _reckon(reading: StockReading, *, heard: Heard, now: datetime) -> StockReading:
    left = heard.count_left(reading, now=now)
    if left is None or left == reading.quantity:
        return reading
    availability = settle_availability(quantity=left, availability=reading.availability)
    unbooked = (reading.quantity or 0) - left
    return msgspec.structs.replace(reading, quantity=left, availability=availability, unbooked=unbooked)


async def _list_heard(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, skus: list[Sku]
) -> dict[Sku, Heard]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(HEARD, {"merchant": merchant, "skus": skus})
        rows = [convert(row, Heard) for row in await cursor.fetchall()]
    return {row.sku: row for row in rows}


async def hear(
    connection: AsyncConnection[TupleRow],
    reading: StockReading,
    *,
    merchant: MerchantId,
    variant: int,
    now: datetime,
) -> None:
    """Puts what the warehouse says on the shelf. The caller holds the item's lock."""
    await connection.execute(LOCK, {"variant": variant})
    before = (await _list_heard(connection, merchant=merchant, skus=[reading.sku])).get(reading.sku)
    if before is not None and before.holds_against(reading):
        most = before.count_left(reading, now=now)
        if most is not None and most != before.left:
            cap = {"variant": variant, "left": most, "now": now, "source": reading.source}
            await connection.execute(CAP, cap)
        return
    left = reading.quantity
    if before is not None and left is not None:
        counted = before.count(left, at=min(reading.observed_at, now), teller=reading.teller)
        left = counted.left
        await connection.execute(BOOK, {"ids": list(counted.rests), "rests": list(counted.rests.values())})
    said = {
        "merchant": merchant,
        "variant": variant,
        "left": left,
        "quantity": reading.quantity,
        "version": reading.version,
        "teller": reading.teller,
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
    """Pieces were sold under the token, which a number said elsewhere may not show yet."""
    sold = {"merchant": merchant, "sku": sku, "quantity": quantity, "token": token, "now": now}
    await connection.execute(SOLD, sold)


async def take_back(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, sku: Sku, quantity: int, order: int
) -> None:
    """Pieces that an order no longer wants are not waited for, where they still were."""
    back = {"merchant": merchant, "sku": sku, "quantity": quantity, "order": order}
    await connection.execute(TAKE_BACK, back)
