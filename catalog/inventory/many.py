"""Changing how many there are of many items at once."""

from datetime import datetime, timedelta

import msgspec
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from catalog.connectors.store import settle_availability
from catalog.events import StockChanged
from catalog.ids import MerchantId, Sku
from catalog.inventory.booking import BOOK, TOLD_BY_ITSELF, Counted, Sold, count_left
from catalog.inventory.operations import release_excess
from commerce_agent.decoding import convert

FOUND = """
SELECT id, sku, availability FROM catalog_variant
WHERE merchant_id = %(merchant)s AND sku = ANY(%(skus)s) ORDER BY id FOR UPDATE
"""
# Read under the items' locks: no order is half taken meanwhile.
TOLD_BEFORE = """
SELECT v.sku, CASE WHEN s.heard_at IS NULL THEN s.quantity + sum(u.quantity)
    -- What a system said that answers no longer shows nothing of who tells now.
    WHEN s.heard_at <= said.at AND (s.heard = ANY(%(by_itself)s)
      OR s.heard_teller = coalesce((m.tellers ->> 'inventory')::bigint, 0)) THEN s.heard_quantity END AS before,
  make_interval(hours => m.books_within_hours) AS within,
  json_agg(json_build_object('id', u.id, 'quantity', u.quantity, 'at', u.sold_at) ORDER BY u.id) AS sold
FROM unnest(%(skus)s::text[], %(ats)s::timestamptz[]) AS said (sku, at)
JOIN catalog_unbooked u ON u.merchant_id = %(merchant)s AND u.sku = said.sku
JOIN catalog_variant v ON v.merchant_id = u.merchant_id AND v.sku = u.sku
JOIN catalog_stocklevel s ON s.variant_id = v.id
JOIN catalog_merchant m ON m.id = v.merchant_id
GROUP BY v.sku, said.at, s.quantity, s.heard_at, s.heard_quantity, s.heard,
  s.heard_teller, m.tellers, m.books_within_hours
"""
LEVELS = """
INSERT INTO catalog_stocklevel AS s (merchant_id, variant_id, quantity, version, observed_at, source,
  heard, heard_quantity, heard_at)
SELECT %(merchant)s, variant, quantity, 1, at, %(source)s, %(source)s, told, at
FROM unnest(%(variants)s::bigint[], %(quantities)s::int[], %(told)s::int[], %(ats)s::timestamptz[])
  AS said (variant, quantity, told, at)
ORDER BY variant
ON CONFLICT (variant_id) DO UPDATE SET quantity = excluded.quantity, version = s.version + 1,
  observed_at = excluded.observed_at, source = excluded.source,
  -- A system that was asked since has said a later number; a feed says when it was read, not when it was so.
  heard = CASE WHEN s.heard_at > excluded.heard_at AND s.heard <> 'feed' THEN s.heard ELSE excluded.heard END,
  heard_version = CASE WHEN s.heard_at > excluded.heard_at AND s.heard <> 'feed' THEN s.heard_version ELSE 0 END,
  heard_quantity = CASE WHEN s.heard_at > excluded.heard_at AND s.heard <> 'feed' THEN s.heard_quantity
    ELSE excluded.heard_quantity END,
  heard_at = CASE WHEN s.heard_at > excluded.heard_at AND s.heard <> 'feed' THEN s.heard_at
    ELSE excluded.heard_at END
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
    booked_until: datetime | None = None
    """The number counts every order from before then; None: its sender does not say."""


def set_stocks(*, merchant: MerchantId, said: tuple[StockSaid, ...], source: str) -> dict[Sku, StockChanged]:
    """Sets the numbers on the shelf, each SKU once, less what was sold here and is not booked in them; an item that the
    shop does not have is absent from the answer.
    """
    by_sku = {each.sku: each for each in said}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FOUND, {"merchant": merchant, "skus": list(by_sku)})
        rows = cursor.fetchall()
        left = count_what_is_left(cursor, said, merchant=merchant)
        found = [(pk, _take_off(by_sku[Sku(sku)], left), word) for pk, sku, word in rows]
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
                "told": [by_sku[each.sku].quantity for _, each, _ in found],
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


def count_what_is_left(
    cursor: CursorWrapper, said: tuple[StockSaid, ...], *, merchant: MerchantId, books: bool = True
) -> dict[Sku, int]:
    """Of each number that is told, what it leaves; one of which nothing is unbooked is absent. What is booked by them
    is forgotten, unless `books` is False: whoever tells them is not who books. The caller holds the items' locks.
    """
    told = {each.sku: (each, each.quantity) for each in said if each.quantity is not None}
    asked = [(each.sku, each.at) for each, _ in told.values()]
    skus, ats = [sku for sku, _ in asked], [at for _, at in asked]
    by_itself = {"by_itself": list(TOLD_BY_ITSELF)}
    cursor.execute(TOLD_BEFORE, {"merchant": merchant, "skus": skus, "ats": ats, **by_itself})
    counted: dict[Sku, Counted] = {}
    for row in cursor.fetchall():
        before = convert(dict(zip(_Before.__struct_fields__, row, strict=True)), _Before)
        each, number = told[before.sku]
        counted[before.sku] = count_left(
            number,
            at=each.at,
            before=before.number if books else None,
            sold=before.sold,
            within=before.within,
            booked_until=each.booked_until,
        )
    rests = {row: rest for each in counted.values() for row, rest in each.rests.items()}
    if rests and books:
        cursor.execute(BOOK, {"ids": list(rests), "rests": list(rests.values())})
    return {sku: each.left for sku, each in counted.items()}


class _Before(msgspec.Struct, frozen=True, kw_only=True):
    sku: Sku
    number: int | None
    within: timedelta
    sold: tuple[Sold, ...]
    """The oldest first."""


def _take_off(said: StockSaid, left: dict[Sku, int]) -> StockSaid:
    if said.quantity is None or said.sku not in left:
        return said
    return msgspec.structs.replace(said, quantity=left[said.sku])
