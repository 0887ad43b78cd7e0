"""Reading items: by SKU, by product; and the shop's vocabulary."""

from datetime import datetime
from decimal import Decimal

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.ids import GroupKey, MerchantId, Sku
from catalog.products.records import VariantRecord, Version, Vocabulary
from commerce_agent.decoding import convert

COLUMNS = """
SELECT v.sku, p.group_key AS "group", v.title, p.title AS product_title, p.description, coalesce(b.name, '') AS brand,
  coalesce(c.path, '') AS category, v.color, v.colors, v.size, v.material, v.pattern, v.gtin, v.mpn,
  coalesce(nullif(v.link, ''), p.link) AS link, v.image_link, v.price AS listed, v.price_currency AS currency,
  CASE WHEN v.sale_price IS NOT NULL AND (v.sale_starts IS NULL OR v.sale_starts <= %(now)s)
    AND (v.sale_ends IS NULL OR v.sale_ends > %(now)s) THEN v.sale_price ELSE v.price END AS paid,
  v.availability, s.quantity, p.rating::float8 AS rating, p.rating_count, v.attributes, v.measures,
  v.price_observed_at AS observed_at, greatest(p.words_version, v.words_version) AS words_version,
  p.updated_at AS words_at
FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
LEFT JOIN catalog_stocklevel s ON s.variant_id = v.id
LEFT JOIN catalog_brand b ON b.id = p.brand_id
LEFT JOIN catalog_category c ON c.id = p.category_id
"""
BY_SKU = f"{COLUMNS} WHERE v.merchant_id = %(merchant)s AND v.sku = ANY(%(skus)s)"
BY_GROUP = f"""{COLUMNS} WHERE v.merchant_id = %(merchant)s AND p.merchant_id = %(merchant)s AND p.group_key = %(group)s
ORDER BY v.position, v.sku"""
VERSIONS = """
SELECT p.group_key, v.sku, coalesce(nullif(p.title, ''), v.title), v.color, v.size,
  coalesce(s.quantity = 0, false) OR v.availability = 'out_of_stock'
FROM catalog_product p JOIN catalog_variant v ON v.product_id = p.id
LEFT JOIN catalog_stocklevel s ON s.variant_id = v.id
WHERE p.merchant_id = %(merchant)s AND v.merchant_id = %(merchant)s AND p.group_key = ANY(%(groups)s)
ORDER BY v.position, v.sku
"""
VOCABULARY = "SELECT body FROM catalog_shopvocabulary WHERE merchant_id = %(merchant)s"


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    sku: Sku
    group: GroupKey
    title: str
    product_title: str
    description: str
    brand: str
    category: str
    color: str
    colors: tuple[str, ...]
    size: str
    material: str
    pattern: str
    gtin: str
    mpn: str
    link: str
    image_link: str
    listed: Decimal
    currency: str
    paid: Decimal
    availability: str
    quantity: int | None
    rating: float | None
    rating_count: int
    attributes: dict[str, str]
    measures: dict[str, float]
    observed_at: datetime
    words_version: int
    words_at: datetime


KEPT = tuple(name for name in _Row.__struct_fields__ if name not in ("listed", "currency", "paid"))


def _make_record(row: dict[str, object]) -> VariantRecord:
    read = convert(row, _Row)
    return VariantRecord(
        **{name: getattr(read, name) for name in KEPT},
        list_price=Money(read.listed, read.currency),
        price=Money(read.paid, read.currency),
    )


async def list_variants(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, skus: tuple[Sku, ...], now: datetime
) -> dict[Sku, VariantRecord]:
    """The items of these SKUs, in the order asked; a SKU that the shop does not have is absent."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(BY_SKU, {"merchant": merchant, "skus": list(skus), "now": now})
        records = [_make_record(row) for row in await cursor.fetchall()]
    found = {record.sku: record for record in records}
    return {sku: found[sku] for sku in skus if sku in found}


async def list_siblings(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, group: GroupKey, now: datetime
) -> tuple[VariantRecord, ...]:
    """Every variant of a product, in the shop's order; empty where there is no such product."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(BY_GROUP, {"merchant": merchant, "group": group, "now": now})
        return tuple(_make_record(row) for row in await cursor.fetchall())


async def list_versions(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, groups: tuple[GroupKey, ...]
) -> dict[GroupKey, tuple[Version, ...]]:
    """What each product comes in, in the shop's order; one that the shop does not have is absent."""
    found: dict[GroupKey, list[Version]] = {}
    cursor = await connection.execute(VERSIONS, {"merchant": merchant, "groups": list(groups)})
    for group, sku, title, color, size, is_sold_out in await cursor.fetchall():
        version = Version(sku=Sku(sku), title=title, color=color, size=size, is_sold_out=is_sold_out)
        found.setdefault(GroupKey(group), []).append(version)
    return {group: tuple(versions) for group, versions in found.items()}


async def get_vocabulary(connection: AsyncConnection[TupleRow], *, merchant: MerchantId) -> Vocabulary:
    """The shop's words, as the last indexing found them; empty before the first."""
    async with connection.cursor() as cursor:
        await cursor.execute(VOCABULARY, {"merchant": merchant})
        row = await cursor.fetchone()
    return Vocabulary() if row is None else convert(row[0], Vocabulary)
