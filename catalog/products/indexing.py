"""Keeping the search true to the goods: vectors of products, the shop's words, and its vocabulary."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from django.db import connection, transaction

from catalog.ids import MerchantId
from catalog.products.measures import find_measure, find_unit
from catalog.products.quantities import list_amounts, list_codes
from catalog.products.records import CategoryWords, Vocabulary
from catalog.products.titles import TitleParts, find_shelf_noun, split_title

_Titled = tuple[int, str, str, str]
AT_ONCE = 2_000
"""Products whose titles are taken apart before they go to the database: a batch of texts in memory, not a shop."""

# Names of attributes count as words only where the value is a plain yes: "waterproof: yes".
REFRESH = """
WITH texts AS (
  SELECT p.id, a.kind, p.title || ' ' || coalesce(b.name, '') AS name,
    coalesce(b.name, '') || ' ' || a.proper || ' ' || a.codes AS proper, a.rest,
    coalesce(c.path, '') AS shelf, concat_ws(' ', w.numbers, a.codes) AS numbers,
    left(w.words, 20000) AS words, left(p.description, 20000) AS description
  FROM unnest(%(products)s::bigint[], %(kinds)s::text[], %(propers)s::text[], %(rests)s::text[], %(codes)s::text[])
    AS a(id, kind, proper, rest, codes)
  JOIN catalog_product p ON p.id = a.id
  LEFT JOIN catalog_brand b ON b.id = p.brand_id
  LEFT JOIN catalog_category c ON c.id = p.category_id
  LEFT JOIN LATERAL (
    SELECT string_agg(DISTINCT concat_ws(' ', v.sku, v.mpn, v.gtin), ' ') AS numbers,
      string_agg(concat_ws(' ', NULLIF(v.title, p.title), v.color, array_to_string(v.colors, ' '), v.size,
        v.material, v.pattern, a.words), ' ') AS words
    FROM catalog_variant v
    LEFT JOIN LATERAL (
      SELECT string_agg(CASE WHEN lower(value) IN ('yes', 'true', 'ja', 'oui', 'sí', 'si') THEN key
        WHEN lower(value) IN ('no', 'false', 'nein', 'non') THEN '' ELSE value END, ' . ') AS words
      FROM jsonb_each_text(v.attributes)
    ) a ON true
    WHERE v.product_id = p.id
  ) w ON true
  WHERE p.merchant_id = %(merchant)s
)
UPDATE catalog_product p SET
  kind = left(t.kind, 400),
  heading = setweight(to_tsvector('shop', t.kind), 'A') || setweight(to_tsvector('shop', t.proper), 'B')
    || setweight(to_tsvector('shop', t.shelf), 'C') || setweight(to_tsvector('shop', t.rest), 'D'),
  search = setweight(to_tsvector('shop', t.name), 'A')
    || setweight(to_tsvector('shop', t.shelf || ' ' || coalesce(t.numbers, '')), 'B')
    || setweight(to_tsvector('shop', coalesce(t.words, '')), 'C')
    || setweight(to_tsvector('shop', t.description), 'D')
FROM texts t WHERE p.id = t.id
"""
TITLES = """
SELECT p.id, p.title, coalesce(b.name, ''), coalesce(c.name, '') FROM catalog_product p
LEFT JOIN catalog_brand b ON b.id = p.brand_id
LEFT JOIN catalog_category c ON c.id = p.category_id
WHERE p.merchant_id = %(merchant)s AND (%(products)s::bigint[] IS NULL OR p.id = ANY(%(products)s::bigint[]))
"""
WORDS = """
INSERT INTO catalog_word (merchant_id, word, products, kinds)
SELECT %(merchant)s, word, count(*), count(*) FILTER (WHERE named) FROM (
  SELECT p.id, w.word, w.word = ANY(tsvector_to_array(to_tsvector('shop_words', p.kind))) AS named
  FROM catalog_product p
  LEFT JOIN catalog_brand b ON b.id = p.brand_id
  LEFT JOIN catalog_category c ON c.id = p.category_id
  CROSS JOIN LATERAL (
    SELECT unnest(tsvector_to_array(to_tsvector('shop_words', concat_ws(' ', p.title, b.name, c.path)))) AS word
    UNION SELECT lexeme FROM unnest(p.heading) WHERE lexeme ~ '^[a-z]+[0-9]' AND lexeme !~ '^x(cm|g|l|gb|w)[0-9]'
  ) AS w
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
ATTRIBUTES_OF_CATEGORIES = """
SELECT c.path, array_agg(counted.key ORDER BY counted.uses DESC, counted.key) FROM (
  SELECT p.category_id, key, count(*) AS uses
  FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id, jsonb_object_keys(v.attributes) AS key
  WHERE v.merchant_id = %s AND p.category_id IS NOT NULL GROUP BY p.category_id, key
) AS counted JOIN catalog_category c ON c.id = counted.category_id GROUP BY c.path
"""
SAYING_PARENT = r"""
SELECT c.path FROM catalog_category c JOIN catalog_category parent ON parent.id = c.parent_id
JOIN catalog_product p ON p.category_id = c.id
WHERE c.merchant_id = %s AND c.name ~ '^\S*([^s\s]|ss)$' GROUP BY c.path, parent.name
HAVING count(*) FILTER (WHERE to_tsvector('shop', p.title) @@ plainto_tsquery('shop', parent.name)) * 2 > count(*)
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
            TITLES, {"merchant": merchant, "products": None if products is None else list(products)}
        )
        titles = cursor.fetchall()
        for part in _batch(titles, AT_ONCE):
            parts = [_split(title, brand=brand, shelf=shelf) for _, title, brand, shelf in part]
            cursor.execute(
                REFRESH,
                {
                    "merchant": merchant,
                    "products": [number for number, *_ in part],
                    "kinds": [parted.kind for parted in parts],
                    "propers": [parted.proper for parted in parts],
                    "rests": [parted.rest for parted in parts],
                    "codes": [_list_joined(title) for _, title, *_ in part],
                },
            )
    return len(titles)


def _split(title: str, *, brand: str, shelf: str) -> TitleParts:
    parts = split_title(title, brand=brand)
    return msgspec.structs.replace(parts, kind=f"{parts.kind} {find_shelf_noun(shelf)}".strip())


def _list_joined(title: str) -> str:
    """The model numbers and amounts of a title as single words, however they are written."""
    return " ".join((*list_codes(title), *(amount.word for amount in list_amounts(title))))


def _batch(rows: list[_Titled], size: int) -> Iterator[list[_Titled]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _list_column(sql: str, merchant: MerchantId) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [merchant])
        return tuple(row[0] for row in cursor.fetchall())


def _collect_vocabulary(merchant: MerchantId) -> Vocabulary:
    with connection.cursor() as cursor:
        cursor.execute(CATEGORIES, [merchant])
        named = cursor.fetchall()
        cursor.execute(ATTRIBUTES_OF_CATEGORIES, [merchant])
        told = dict(cursor.fetchall())
        saying = set(_list_column(SAYING_PARENT, merchant))
        categories = tuple(
            CategoryWords(
                name=name, path=path, attributes=tuple(told.get(path, ())), says_parent=path in saying
            )
            for name, path in named
        )
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
        units={name: _find_unit_of(attributes.get(name, ())) for name in measures},
        words=_list_column(FREQUENT, merchant),
    )


def _find_unit_of(values: tuple[str, ...]) -> str:
    """The unit of a measure's values, most of which may be no numbers: "no" beside "10 m", "2-4" beside "2"."""
    return next((find_unit(value) for value in values if find_measure(value) is not None), "")


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
            cursor.execute("SELECT isolation_analyze(%s)", [f"catalog_{table}"])
    return vocabulary
