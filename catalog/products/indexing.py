"""Keeping the search true to the goods: vectors of products, the shop's words, and its vocabulary."""

from datetime import datetime

import msgspec
from django.db import connection, transaction

from catalog.ids import MerchantId
from catalog.products.measures import find_unit
from catalog.products.records import CategoryWords, Vocabulary

# Names of attributes count as words only where the value is a plain yes: "waterproof: yes".
REFRESH = r"""
WITH texts AS (
  SELECT p.id,
    p.title || ' ' || coalesce(b.name, '') AS name,
    -- What follows "for" or "with" is what a thing goes with, not what it is.
    coalesce(b.name, '') || ' ' || regexp_replace(p.title, '\m(for|with|w/|f/)\s.*$', '', 'i') AS proper,
    coalesce(substring(p.title FROM '(?i)' || '\m(for|with|w/|f/)\s.*$'), '') AS rest,
    coalesce(c.path, '') AS shelf,
    w.numbers, left(w.words, 20000) AS words, left(p.description, 20000) AS description
  FROM catalog_product p
  LEFT JOIN catalog_brand b ON b.id = p.brand_id
  LEFT JOIN catalog_category c ON c.id = p.category_id
  LEFT JOIN LATERAL (
    SELECT string_agg(DISTINCT concat_ws(' ', v.sku, v.mpn, v.gtin), ' ') AS numbers,
      string_agg(concat_ws(' ', NULLIF(v.title, p.title), v.color, array_to_string(v.colors, ' '), v.size,
        v.material, v.pattern, a.words), ' ') AS words
    FROM catalog_variant v
    LEFT JOIN LATERAL (
      SELECT string_agg(CASE WHEN lower(value) IN ('yes', 'true') THEN key
        WHEN lower(value) IN ('no', 'false') THEN '' ELSE value END, ' . ') AS words
      FROM jsonb_each_text(v.attributes)
    ) a ON true
    WHERE v.product_id = p.id
  ) w ON true
  WHERE p.merchant_id = %(merchant)s AND (%(products)s::bigint[] IS NULL OR p.id = ANY(%(products)s::bigint[]))
)
UPDATE catalog_product p SET
  heading = setweight(to_tsvector('shop', t.proper), 'A') || setweight(to_tsvector('shop', t.shelf), 'B')
    || setweight(to_tsvector('shop', t.rest), 'C'),
  search = setweight(to_tsvector('shop', t.name), 'A')
    || setweight(to_tsvector('shop', t.shelf || ' ' || coalesce(t.numbers, '')), 'B')
    || setweight(to_tsvector('shop', coalesce(t.words, '')), 'C')
    || setweight(to_tsvector('shop', t.description), 'D')
FROM texts t WHERE p.id = t.id
"""
WORDS = """
INSERT INTO catalog_word (merchant_id, word, products)
SELECT %(merchant)s, word, count(*) FROM (
  SELECT p.id, unnest(tsvector_to_array(to_tsvector('shop_words',
    concat_ws(' ', p.title, b.name, c.path)))) AS word
  FROM catalog_product p
  LEFT JOIN catalog_brand b ON b.id = p.brand_id
  LEFT JOIN catalog_category c ON c.id = p.category_id
  WHERE p.merchant_id = %(merchant)s
) AS found WHERE length(word) BETWEEN 2 AND 60 GROUP BY word
"""
BRANDS = """
SELECT b.name FROM catalog_brand b JOIN catalog_product p ON p.brand_id = b.id
WHERE b.merchant_id = %s GROUP BY b.name ORDER BY count(*) DESC, b.name
"""
CATEGORIES = """
WITH RECURSIVE used AS (
  SELECT c.id, c.parent_id, c.name, c.path FROM catalog_category c
  WHERE c.merchant_id = %s AND EXISTS (SELECT FROM catalog_product p WHERE p.category_id = c.id)
  UNION SELECT c.id, c.parent_id, c.name, c.path FROM catalog_category c JOIN used u ON c.id = u.parent_id
) SELECT name, path FROM used ORDER BY path
"""
VALUES = """
SELECT {column} FROM catalog_variant WHERE merchant_id = %s AND {column} <> ''
GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT {limit}
"""
ATTRIBUTES = """
SELECT key, array_agg(value ORDER BY uses DESC, value) FROM (
  SELECT key, value, count(*) AS uses, row_number() OVER (PARTITION BY key ORDER BY count(*) DESC, value) AS place,
    sum(count(*)) OVER (PARTITION BY key) AS total
  FROM catalog_variant v, jsonb_each_text(v.attributes)
  WHERE v.merchant_id = %s AND length(value) <= 40 GROUP BY key, value
) AS counted WHERE place <= 20 GROUP BY key, total ORDER BY total DESC, key LIMIT 400
"""
MEASURES = """
SELECT key FROM catalog_variant v, jsonb_object_keys(v.measures) AS key
WHERE v.merchant_id = %s GROUP BY key ORDER BY count(*) DESC, key LIMIT 200
"""
FREQUENT = "SELECT word FROM catalog_word WHERE merchant_id = %s ORDER BY products DESC, word LIMIT 5000"
STORE = """
INSERT INTO catalog_shopvocabulary (merchant_id, body, refreshed_at) VALUES (%s, %s, %s)
ON CONFLICT (merchant_id) DO UPDATE SET body = excluded.body, refreshed_at = excluded.refreshed_at
"""
MOST_VALUES = 500


def refresh_search(*, merchant: MerchantId, products: tuple[int, ...] | None = None) -> int:
    """Makes the search vectors of these products, or of all, say what their rows say. Answers how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            REFRESH, {"merchant": merchant, "products": None if products is None else list(products)}
        )
        return int(cursor.rowcount)


def _list_column(sql: str, merchant: MerchantId) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [merchant])
        return tuple(row[0] for row in cursor.fetchall())


def _collect_vocabulary(merchant: MerchantId) -> Vocabulary:
    with connection.cursor() as cursor:
        cursor.execute(CATEGORIES, [merchant])
        categories = tuple(CategoryWords(name=name, path=path) for name, path in cursor.fetchall())
        cursor.execute(ATTRIBUTES, [merchant])
        attributes = {name: tuple(values) for name, values in cursor.fetchall()}
    values = {
        column: _list_column(VALUES.format(column=column, limit=MOST_VALUES), merchant)
        for column in ("color", "size", "material", "pattern")
    }
    measures = _list_column(MEASURES, merchant)
    return Vocabulary(
        brands=_list_column(BRANDS, merchant),
        categories=categories,
        colors=values["color"],
        sizes=values["size"],
        materials=values["material"],
        patterns=values["pattern"],
        attributes=attributes,
        measures=measures,
        units={name: find_unit(attributes[name][0]) if attributes.get(name) else "" for name in measures},
        words=_list_column(FREQUENT, merchant),
    )


def refresh_words(*, merchant: MerchantId, now: datetime) -> Vocabulary:
    """Counts the shop's words anew and stores its vocabulary, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [merchant])
        cursor.execute("DELETE FROM catalog_word WHERE merchant_id = %s", [merchant])
        cursor.execute(WORDS, {"merchant": merchant})
        vocabulary = _collect_vocabulary(merchant)
        cursor.execute(STORE, [merchant, msgspec.json.encode(vocabulary).decode(), now])
    return vocabulary


def index_products(*, merchant: MerchantId, now: datetime) -> Vocabulary:
    """What follows an import: the shop's words and vocabulary, and fresh statistics for the query planner."""
    vocabulary = refresh_words(merchant=merchant, now=now)
    with connection.cursor() as cursor:
        for table in ("product", "variant", "stocklevel", "word"):
            cursor.execute(f"ANALYZE catalog_{table}")
    return vocabulary
