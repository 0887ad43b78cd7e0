"""Changing how many there are of many items at once."""

from datetime import datetime

import msgspec
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from catalog.connectors.store import settle_availability
from catalog.events import StockChanged
from catalog.ids import MerchantId, Sku
from catalog.inventory.operations import release_excess

FOUND = """
SELECT id, sku, availability FROM catalog_variant
WHERE merchant_id = %(merchant)s AND sku = ANY(%(skus)s) ORDER BY id FOR UPDATE
"""
# Read under the items' locks: no order is half taken meanwhile.
SOLD_SINCE = """
SELECT u.sku, sum(u.quantity)::int FROM unnest(%(skus)s::text[], %(ats)s::timestamptz[]) AS said (sku, at)
JOIN catalog_unbooked u ON u.merchant_id = %(merchant)s AND u.sku = said.sku AND u.sold_at > said.at GROUP BY u.sku
"""
LEVELS = """
INSERT INTO catalog_stocklevel AS s (merchant_id, variant_id, quantity, version, observed_at, source)
SELECT %(merchant)s, variant, quantity, 1, at, %(source)s
FROM unnest(%(variants)s::bigint[], %(quantities)s::int[], %(ats)s::timestamptz[]) AS said (variant, quantity, at)
ORDER BY variant
ON CONFLICT (variant_id) DO UPDATE SET quantity = excluded.quantity, version = s.version + 1,
  observed_at = excluded.observed_at, source = excluded.source
RETURNING variant_id, version
"""
WORDS = """
UPDATE catalog_variant v SET availability = said.word
FROM unnest(%(variants)s::bigint[], %(words)s::text[]) AS said (variant, word)
WHERE v.id = said.variant AND v.availability <> said.word
"""


class StockSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What a shop says of one item: a number, a word, or both."""

    sku: Sku
    quantity: int | None
    availability: str | None
    at: datetime


def set_stocks(*, merchant: MerchantId, said: tuple[StockSaid, ...], source: str) -> dict[Sku, StockChanged]:
    """Sets the numbers on the shelf, each SKU once, less what was sold here since they were so; an item that the shop
    does not have is absent from the answer.
    """
    by_sku = {each.sku: each for each in said}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FOUND, {"merchant": merchant, "skus": list(by_sku)})
        rows = cursor.fetchall()
        sold = _count_sold(cursor, said, merchant=merchant)
        found = [(pk, _take_off(by_sku[Sku(sku)], sold.get(sku, 0)), word) for pk, sku, word in rows]
        words = {
            pk: settle_availability(quantity=each.quantity, availability=each.availability or word)
            for pk, each, word in found
        }
        cursor.execute(
            LEVELS,
            {
                "merchant": merchant,
                "source": source,
                "variants": [pk for pk, *_ in found],
                "quantities": [each.quantity for _, each, _ in found],
                "ats": [each.at for _, each, _ in found],
            },
        )
        versions = dict(cursor.fetchall())
        cursor.execute(WORDS, {"variants": list(words), "words": list(words.values())})
        release_excess(merchant=merchant)
    return {
        each.sku: StockChanged(
            merchant=merchant,
            sku=each.sku,
            quantity=each.quantity,
            availability=words[pk],
            version=versions[pk],
            at=each.at,
        )
        for pk, each, _ in found
    }


def _count_sold(
    cursor: CursorWrapper, said: tuple[StockSaid, ...], *, merchant: MerchantId
) -> dict[str, int]:
    """By SKU how many were sold here after its number was so."""
    skus, ats = [each.sku for each in said], [each.at for each in said]
    cursor.execute(SOLD_SINCE, {"merchant": merchant, "skus": skus, "ats": ats})
    return dict(cursor.fetchall())


def _take_off(said: StockSaid, sold: int) -> StockSaid:
    if said.quantity is None or not sold:
        return said
    return msgspec.structs.replace(said, quantity=max(said.quantity - sold, 0))
