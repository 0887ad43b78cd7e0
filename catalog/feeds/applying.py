"""From the staged rows to the shop's tables, by sets, inside the caller's transaction."""

from datetime import datetime

import msgspec
from django.db.backends.utils import CursorWrapper
from django.utils.text import slugify

from catalog.feeds.staging import SEPARATOR
from catalog.ids import MerchantId, Sku
from catalog.inventory import StockSaid, count_what_is_left
from catalog.inventory.booking import TOLD_BY_ITSELF

COMPARE = """
UPDATE feed_item f SET state = CASE
  WHEN v.id IS NULL THEN 'created' WHEN v.digest = f.digest THEN 'unchanged' ELSE 'updated' END
FROM feed_item n LEFT JOIN catalog_variant v ON v.merchant_id = %(merchant)s AND v.sku = n.sku
WHERE n.sku = f.sku
"""
COUNT = "SELECT state, count(*) FROM feed_item GROUP BY state"
BRANDS = """
INSERT INTO catalog_brand (merchant_id, name)
SELECT DISTINCT %(merchant)s::uuid, brand FROM feed_item WHERE brand <> '' AND state <> 'unchanged'
ON CONFLICT DO NOTHING
"""
PATHS = "SELECT DISTINCT category FROM feed_item WHERE category <> '' AND state <> 'unchanged'"
CATEGORY = """
INSERT INTO catalog_category (merchant_id, parent_id, name, slug, path)
VALUES (%(merchant)s, %(parent)s, %(name)s, %(slug)s, %(path)s)
ON CONFLICT (merchant_id, path) DO UPDATE SET path = excluded.path RETURNING id
"""
PRODUCTS = """
INSERT INTO catalog_product (merchant_id, group_key, title, description, brand_id, category_id, link,
  rating, rating_count, updated_at)
SELECT DISTINCT ON (f.group_key) %(merchant)s::uuid, f.group_key, coalesce(g.title, f.title), f.description,
  b.id, c.id, f.link, f.rating, f.rating_count, %(now)s
FROM feed_item f
LEFT JOIN feed_group g ON g.group_key = f.group_key
LEFT JOIN catalog_brand b ON b.merchant_id = %(merchant)s AND b.name = f.brand
LEFT JOIN catalog_category c ON c.merchant_id = %(merchant)s AND c.path = f.category
WHERE f.group_key IN (SELECT group_key FROM feed_item WHERE state <> 'unchanged')
ORDER BY f.group_key, f.line
ON CONFLICT (merchant_id, group_key) DO UPDATE SET title = excluded.title, description = excluded.description,
  brand_id = excluded.brand_id, category_id = excluded.category_id, link = excluded.link,
  rating = excluded.rating, rating_count = excluded.rating_count, updated_at = excluded.updated_at
"""
VARIANTS = """
INSERT INTO catalog_variant AS v (merchant_id, product_id, sku, title, color, size, material, pattern, colors, sizes,
  materials, gtin, mpn, price, price_currency, sale_price, sale_price_currency, sale_starts, sale_ends,
  price_version, price_observed_at, price_source, availability, link, image_link, attributes,
  measures, position, digest)
SELECT %(merchant)s::uuid, p.id, f.sku, f.title, f.color, f.size, f.material, f.pattern, f.colors, f.sizes, f.materials,
  f.gtin, f.mpn, f.price, %(currency)s, f.sale_price, %(currency)s, f.sale_starts, f.sale_ends,
  1, %(now)s, 'feed', f.availability, f.link, f.image_link, f.attributes, f.measures, f.line, f.digest
FROM feed_item f JOIN catalog_product p ON p.merchant_id = %(merchant)s AND p.group_key = f.group_key
WHERE f.state <> 'unchanged'
ON CONFLICT (merchant_id, sku) DO UPDATE SET product_id = excluded.product_id, title = excluded.title,
  color = excluded.color, size = excluded.size, material = excluded.material, pattern = excluded.pattern,
  colors = excluded.colors, sizes = excluded.sizes, materials = excluded.materials, gtin = excluded.gtin,
  mpn = excluded.mpn, price = excluded.price, price_currency = excluded.price_currency,
  sale_price = excluded.sale_price, sale_price_currency = excluded.sale_price_currency,
  sale_starts = excluded.sale_starts, sale_ends = excluded.sale_ends,
  price_version = v.price_version + ((v.price, v.sale_price, v.sale_starts, v.sale_ends)
    IS DISTINCT FROM (excluded.price, excluded.sale_price, excluded.sale_starts, excluded.sale_ends))::int,
  price_observed_at = excluded.price_observed_at, price_source = 'feed',
  availability = CASE excluded.availability WHEN 'unknown' THEN v.availability ELSE excluded.availability END,
  link = excluded.link, image_link = excluded.image_link, attributes = excluded.attributes,
  measures = excluded.measures, position = excluded.position, digest = excluded.digest
"""
# A row that says no number leaves the one that is counted: it would else be sold without end. "Out of stock" is said
# without one.
STOCK = """
INSERT INTO catalog_stocklevel AS s (merchant_id, variant_id, quantity, version, observed_at, source,
  heard, heard_quantity, heard_at)
SELECT %(merchant)s::uuid, v.id, f.quantity, 1, %(now)s, 'feed', 'feed', f.quantity, %(now)s
FROM feed_item f JOIN catalog_variant v ON v.merchant_id = %(merchant)s AND v.sku = f.sku
WHERE f.state <> 'unchanged'
ON CONFLICT (variant_id) DO UPDATE SET quantity = excluded.quantity, observed_at = excluded.observed_at,
  source = 'feed', version = s.version + (s.quantity IS DISTINCT FROM excluded.quantity)::int,
  heard = CASE WHEN s.heard = ANY(%(told)s) THEN 'feed' ELSE s.heard END,
  heard_quantity = CASE WHEN s.heard = ANY(%(told)s) THEN excluded.quantity ELSE s.heard_quantity END,
  heard_at = CASE WHEN s.heard = ANY(%(told)s) THEN excluded.heard_at ELSE s.heard_at END
WHERE %(numbers)s AND (s.quantity IS DISTINCT FROM excluded.quantity
    OR (s.heard = 'feed' AND excluded.quantity IS DISTINCT FROM s.heard_quantity))
  AND (excluded.quantity IS NOT NULL
    OR (SELECT availability FROM catalog_variant WHERE id = s.variant_id) = 'out_of_stock')
"""
# A number that is on the shelf already says nothing new, but that it is another than the feed's last one: it may show
# that an order is booked.
SOLD_FROM = """
SELECT f.sku, f.quantity, s.heard NOT IN ('', 'feed') AS elsewhere
FROM feed_item f JOIN catalog_variant v ON v.merchant_id = %(merchant)s AND v.sku = f.sku
JOIN catalog_stocklevel s ON s.variant_id = v.id
WHERE f.state <> 'unchanged'
  AND (f.quantity <> s.quantity OR (s.heard = 'feed' AND f.quantity IS DISTINCT FROM s.heard_quantity))
  AND EXISTS (SELECT FROM catalog_unbooked u WHERE u.merchant_id = %(merchant)s AND u.sku = f.sku)
"""
LEFT = """
WITH left_of AS (SELECT * FROM unnest(%(skus)s::text[], %(left)s::int[]) AS said (sku, quantity)), sold_out AS (
  UPDATE catalog_variant v SET availability = 'out_of_stock' FROM left_of l
  WHERE v.merchant_id = %(merchant)s AND v.sku = l.sku AND l.quantity = 0 AND v.availability = 'in_stock'
)
UPDATE catalog_stocklevel s SET quantity = l.quantity FROM left_of l
JOIN catalog_variant v ON v.merchant_id = %(merchant)s AND v.sku = l.sku WHERE s.variant_id = v.id
"""
MISSING = """
SELECT count(*) FROM catalog_variant v WHERE v.merchant_id = %(merchant)s AND NOT v.sku = ANY(%(present)s)
"""
REMOVE = """
WITH gone AS (DELETE FROM catalog_stocklevel s USING catalog_variant v
  WHERE s.variant_id = v.id AND v.merchant_id = %(merchant)s AND NOT v.sku = ANY(%(present)s))
DELETE FROM catalog_variant v WHERE v.merchant_id = %(merchant)s AND NOT v.sku = ANY(%(present)s)
"""
EMPTY = """
DELETE FROM catalog_product p WHERE p.merchant_id = %(merchant)s
  AND NOT EXISTS (SELECT FROM catalog_variant v WHERE v.product_id = p.id)
"""
TOUCHED = """
SELECT p.id FROM catalog_product p WHERE p.merchant_id = %(merchant)s
  AND p.group_key IN (SELECT group_key FROM feed_item WHERE state <> 'unchanged')
"""

MANY = 500
"""From so many new rows on, the query planner must learn of them within the transaction: it would go on as if the
tables were empty, and take minutes."""


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What the staged rows did to the shop."""

    created: int
    updated: int
    unchanged: int
    missing: int
    removed: int
    products: tuple[int, ...]
    """Those whose words may have changed."""


def _apply_categories(cursor: CursorWrapper, *, merchant: MerchantId) -> None:
    cursor.execute(PATHS)
    wanted = {tuple(path.split(SEPARATOR)) for (path,) in cursor.fetchall()}
    prefixes = sorted({path[:depth] for path in wanted for depth in range(1, len(path) + 1)}, key=len)
    ids: dict[tuple[str, ...], int] = {}
    for path in prefixes:
        cursor.execute(
            CATEGORY,
            {
                "merchant": merchant,
                "parent": ids.get(path[:-1]),
                "name": path[-1],
                "slug": slugify(path[-1])[:220] or "category",
                "path": SEPARATOR.join(path),
            },
        )
        ids[path] = cursor.fetchone()[0]


def _count_missing(
    cursor: CursorWrapper, *, merchant: MerchantId, present: list[str], remove: bool
) -> tuple[int, int]:
    asked: dict[str, str | list[str]] = {"merchant": merchant, "present": present}
    cursor.execute(MISSING, asked)
    missing = cursor.fetchone()[0]
    if not (remove and missing):
        return missing, 0
    cursor.execute(REMOVE, asked)
    return missing, int(cursor.rowcount)


def _count_what_is_left(cursor: CursorWrapper, *, merchant: MerchantId, now: datetime) -> dict[Sku, int]:
    """Of the feed's numbers that count something sold here, what they leave."""
    cursor.execute(SOLD_FROM, {"merchant": merchant})
    own: list[StockSaid] = []
    others: list[StockSaid] = []
    for sku, quantity, elsewhere in cursor.fetchall():
        said = StockSaid(sku=Sku(sku), quantity=quantity, availability=None, at=now)
        (others if elsewhere else own).append(said)
    left = count_what_is_left(cursor, tuple(own), merchant=merchant) if own else {}
    if others:
        # A fall from what another system has said is no booking, and that system still waits to book them.
        left |= count_what_is_left(cursor, tuple(others), merchant=merchant, books=False)
    return left


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What the staged rows would do to the shop."""

    created: int
    updated: int
    unchanged: int
    missing: int


def compare_staged(cursor: CursorWrapper, *, merchant: MerchantId, present: list[str]) -> Outlook:
    """Says of each staged row whether it is new; `present` are all ids of the feed. Nothing of the shop changes."""
    cursor.execute(COMPARE, {"merchant": merchant})
    cursor.execute(COUNT)
    counts = dict(cursor.fetchall())
    missing, _ = _count_missing(cursor, merchant=merchant, present=present, remove=False)
    return Outlook(
        created=counts.get("created", 0),
        updated=counts.get("updated", 0),
        unchanged=counts.get("unchanged", 0),
        missing=missing,
    )


def apply_staged(
    cursor: CursorWrapper,
    *,
    merchant: MerchantId,
    currency: str,
    now: datetime,
    present: list[str],
    remove_missing: bool,
    numbers: bool,
) -> Applied:
    """Brings the shop to what `feed_item` says. `present` are all ids of the feed: a refused row is not missing.

    `numbers`: also how many there are of items that are there already.
    """
    given: dict[str, str | bool | datetime | list[str]] = {"merchant": merchant, "currency": currency}
    given |= {"now": now, "numbers": numbers, "told": list(TOLD_BY_ITSELF)}
    cursor.execute(COMPARE, given)
    cursor.execute(COUNT)
    counts = dict(cursor.fetchall())
    cursor.execute(BRANDS, given)
    _apply_categories(cursor, merchant=merchant)
    analyze = counts.get("created", 0) >= MANY
    left: dict[Sku, int] = {}
    for sql, table in ((PRODUCTS, "product"), (VARIANTS, "variant"), (STOCK, "stocklevel")):
        if table == "stocklevel" and numbers:
            left = _count_what_is_left(cursor, merchant=merchant, now=now)
        cursor.execute(sql, given)
        if analyze:
            cursor.execute("SELECT isolation_analyze(%s)", [f"catalog_{table}"])
    if left:
        cursor.execute(LEFT, {"merchant": merchant, "skus": list(left), "left": list(left.values())})
    missing, removed = _count_missing(cursor, merchant=merchant, present=present, remove=remove_missing)
    cursor.execute(EMPTY, given)
    cursor.execute(TOUCHED, given)
    return Applied(
        created=counts.get("created", 0),
        updated=counts.get("updated", 0),
        unchanged=counts.get("unchanged", 0),
        missing=missing,
        removed=removed,
        products=tuple(row[0] for row in cursor.fetchall()),
    )
