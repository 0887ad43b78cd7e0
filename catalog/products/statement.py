"""The search as one statement: match the words, price what matched, hold it against the filters, collapse, count."""

import msgspec

from catalog.products.filters import BUYABLE, Term
from catalog.products.matches import write_matches
from catalog.products.query import Filter, SearchQuery
from catalog.products.ranking import write_rank, write_told
from catalog.products.sql import Parameters
from catalog.products.words import SearchWord, UnderstoodText, write_word, write_words

MOST_NEAR_MISSES = 10
MOST_FACET_VALUES = 12
RATING_PRIOR, RATING_WEIGHT = 4, 10
"""A rating counts as if ten more people had given four stars: one enthusiast does not make a bestseller."""

MOST_CANDIDATES = 1_000
"""So many of the best by their words go on to be priced and held against the filters. Where that leaves too few, the
search is run again over all of them."""

MOST_PARTIAL = 200
"""So many of those that lack a word are weighed where nothing but words is asked for: a few of them are shown."""
TELLING = 0.25
"""Of two words, one that a thousand titles have finds nothing by itself."""
MOST_READ = 200
"""Of so many of the best by their headings the whole text is read, which lies apart and costs ten times as much."""
FOUND = """
read AS (SELECT h.*, row_number() OVER (ORDER BY h.rank DESC, h.id) AS place FROM headed h),
found AS MATERIALIZED (
  SELECT r.id, r.brand_id, r.category_id, r.rating, r.rating_count, r.matched, r.rank + CASE WHEN r.place <= {most_read}
    THEN (SELECT ({told})::float8 FROM catalog_product t WHERE t.id = r.id) ELSE 0 END AS rank FROM read r
),"""
UNREAD = "found AS NOT MATERIALIZED (SELECT * FROM headed),"

STATEMENT = """
WITH headed AS {kept_apart} MATERIALIZED (
  SELECT p.id, p.brand_id, p.category_id, p.rating, p.rating_count, ({rank})::float8 AS rank,
    {matched} AS matched
  FROM catalog_product p WHERE p.merchant_id = {merchant} {match} {hard} {cap}
),
{found}
offered AS MATERIALIZED (
  SELECT v.id, v.sku, v.color, v.size, v.position, p.id AS product, p.brand_id, p.category_id,
    p.rating, p.rating_count, p.rank, {paid} AS paid, {buyable} AS buyable, {measure} AS measure, {failed} AS failed
  FROM found p {variants}
  LEFT JOIN catalog_stocklevel s ON s.variant_id = v.id
  {shelves}
  {only}
),
kept AS MATERIALIZED (
  SELECT DISTINCT ON (product, color) *, count(*) OVER (PARTITION BY product, color) AS siblings
  FROM offered WHERE failed = '{{}}'
  ORDER BY product, color, buyable DESC, paid, position, sku
),
hits AS (SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM kept ORDER BY place LIMIT {limit}),
missed AS (
  SELECT DISTINCT ON (o.product, o.color) o.*, 1 AS siblings FROM offered o
  WHERE cardinality(o.failed) = 1
    AND NOT EXISTS (SELECT FROM kept k WHERE k.product = o.product AND k.color = o.color)
  ORDER BY o.product, o.color, o.buyable DESC, o.paid, o.position, o.sku
),
near AS (SELECT *, row_number() OVER (ORDER BY {near_order}) AS place FROM missed ORDER BY place LIMIT {near_limit}),
shown AS (SELECT true AS hit, * FROM hits{near}),
counted AS (
  SELECT 'brand' AS field, brand_id::text AS value, count(*) AS uses FROM kept GROUP BY brand_id
  UNION ALL SELECT 'category', category_id::text, count(*) FROM kept GROUP BY category_id
  UNION ALL SELECT 'color', color, count(*) FROM kept WHERE color <> '' GROUP BY color
  {attributes}
),
cuts AS (
  SELECT array_agg(DISTINCT round(cut, 1 - floor(log(cut))::int)) AS at FROM (
    SELECT unnest(percentile_disc(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY paid)) AS cut FROM kept
  ) AS q WHERE cut > 0
),
bands AS (
  SELECT width_bucket(paid, at) AS band, min(at) AS at, count(*) AS uses FROM kept CROSS JOIN cuts
  WHERE at IS NOT NULL GROUP BY width_bucket(paid, at)
),
placed AS (SELECT *, row_number() OVER (PARTITION BY field ORDER BY uses DESC, value) AS place
  FROM counted WHERE value IS NOT NULL)
SELECT
  (SELECT json_agg(row_to_json(r) ORDER BY r.hit DESC, r.place) FROM (
    SELECT h.hit, h.place, h.sku, p.group_key AS "group", v.title, coalesce(b.name, '') AS brand,
      coalesce(c.path, '') AS category, h.color, v.size, h.paid::text, v.price::text AS listed, s.quantity,
      v.availability, h.rating::float8, h.rank, h.siblings, {why} AS why, h.failed, {margins} AS margins
    FROM shown h JOIN catalog_variant v ON v.id = h.id JOIN catalog_product p ON p.id = h.product
      LEFT JOIN catalog_stocklevel s ON s.variant_id = v.id
      LEFT JOIN catalog_brand b ON b.id = p.brand_id
      LEFT JOIN catalog_category c ON c.id = p.category_id) AS r),
  (SELECT count(*) FROM kept),
  coalesce((SELECT matched FROM found LIMIT 1), 0),
  (SELECT json_build_array(min(paid)::text, max(paid)::text) FROM kept),
  {facets},
  {bands}
"""
FACETS = """(SELECT json_object_agg(field, "values") FROM (
    SELECT f.field, json_agg(json_build_array(coalesce(b.name, c.path, f.value), f.uses) ORDER BY f.place) AS "values"
    FROM placed f
    LEFT JOIN catalog_brand b ON f.field = 'brand' AND b.id::text = f.value
    LEFT JOIN catalog_category c ON f.field = 'category' AND c.id::text = f.value
    WHERE f.place <= {facet_limit} GROUP BY f.field) AS facets)"""
BANDS = """(SELECT json_agg(json_build_array(at[band]::text, at[band + 1]::text, uses) ORDER BY band) FROM bands)"""
NEAR = " UNION ALL SELECT false, * FROM near"
ATTRIBUTES = """UNION ALL SELECT '{size}', size, count(*) FROM kept WHERE size <> '' GROUP BY size
  UNION ALL (
    WITH heads AS (SELECT id FROM kept ORDER BY rank DESC, id LIMIT {heads}),
    said AS (
      SELECT a.key, a.value, count(*) AS uses FROM heads k JOIN catalog_variant v ON v.id = k.id
      CROSS JOIN LATERAL jsonb_each_text(v.attributes) AS a WHERE length(a.value) <= 40 GROUP BY a.key, a.value
    ),
    telling AS (
      SELECT key FROM said GROUP BY key HAVING count(*) > 1 AND sum(uses) * 2 >= (SELECT count(*) FROM heads)
        AND max(uses) * 4 >= sum(uses)
      ORDER BY sum(uses) DESC, count(*), key LIMIT {most}
    )
    SELECT t.key, v.attributes ->> t.key, count(*)
    FROM telling t CROSS JOIN kept k JOIN catalog_variant v ON v.id = k.id
    WHERE length(v.attributes ->> t.key) <= 40 GROUP BY 1, 2
  )"""
SIZE = "size"
MOST_ATTRIBUTES = 5
"""Attributes that the results are divided by: those that half of them state, and that divide them into few parts."""
MOST_HEADS = 200
"""So many of the best tell which attributes these are; all results are counted by them."""
VARIANTS = "JOIN catalog_variant v ON v.product_id = p.id"
FEW_VARIANTS = "CROSS JOIN LATERAL (SELECT * FROM catalog_variant o WHERE o.product_id = p.id OFFSET 0) AS v"
"""For a thousand products the query planner would read all variants of all shops, which takes five times as long."""
SHELVES = """LEFT JOIN catalog_brand b ON b.id = p.brand_id
  LEFT JOIN catalog_category c ON c.id = p.category_id"""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the statement is written from."""

    merchant: str
    query: SearchQuery
    understood: UnderstoodText
    every_word: bool
    terms: tuple[Term, ...]
    paid: str
    most: int | None
    """Only so many of the best by their words are weighed."""
    hits_alone: bool = False
    """Without what failed one filter, and without facets and bands of prices: they are read already."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """SQL and its values."""

    sql: str
    values: dict[str, object]
    applied: tuple[Filter, ...] = ()
    """The filters whose conditions stand in it."""


def _write_order(order: str) -> str:
    rating = (
        f"(coalesce(rating, {RATING_PRIOR}) * rating_count + {RATING_PRIOR * RATING_WEIGHT})"
        f" / (rating_count + {RATING_WEIGHT})"
    )
    popular = f"buyable DESC, {rating} DESC, rating_count DESC, product, color"
    field = order.removeprefix("-")
    falling = "DESC" if order.startswith("-") else "ASC"
    match field:
        case "relevance":
            return f"round(rank::numeric, 3) DESC, {popular}"
        case "price":
            return f"paid {falling}, rank DESC, {popular}"
        case "rating":
            return f"{rating} {falling}, rating_count DESC, rank DESC, product, color"
        case _:
            return f"measure {falling} NULLS LAST, rank DESC, {popular}"


def _write_measure(ask: Ask, parameters: Parameters) -> str:
    field = ask.query.order.removeprefix("-")
    if field in ("relevance", "price", "rating"):
        return "NULL::numeric"
    return f"(v.measures ->> {parameters.add(field.lower().replace('_', ' '))})::numeric"


def _write_margins(ask: Ask) -> str:
    return f"ARRAY[{', '.join(term.margin for term in ask.terms)}]::float8[]"


def _write_whole(ask: Ask, parameters: Parameters) -> str:
    """Every word; or, where they are three or more, all but one of them; or one of two."""
    words = ask.understood.words
    if ask.every_word or len(words) <= 1:
        return " && ".join(write_word(word, parameters) for word in words) or "''::tsquery"
    if len(words) == 2:
        most = max(word.weight for word in words)
        telling = [word for word in words if word.weight >= min(most, TELLING) and len(word.written) > 1]
        return " || ".join(_write_own(word, parameters) for word in telling or words)
    tsqueries = [_write_own(word, parameters) for word in words]
    without = [
        " && ".join(tsquery for place, tsquery in enumerate(tsqueries) if place != left)
        for left in range(len(tsqueries))
    ]
    return " || ".join(f"({rest})" for rest in without)


def _write_own(word: SearchWord, parameters: Parameters) -> str:
    return write_words(word.own or word.others, parameters)


def _write_failed(terms: tuple[Term, ...]) -> str:
    cases = ", ".join(
        f"CASE WHEN coalesce({term.sql}, false) THEN NULL ELSE {place} END"
        for place, term in enumerate(terms)
        if not term.hard
    )
    return f"array_remove(ARRAY[{cases}]::int[], NULL)" if cases else "'{}'::int[]"


def write_statement(ask: Ask, parameters: Parameters) -> Statement:
    """The whole search as one statement of one row: items, totals, price range and facets as JSON."""
    words = ask.understood.words
    whole = _write_whole(ask, parameters)
    hard = [term.sql for term in ask.terms if term.hard]
    # Without words or a category everything would be a near miss of something: then only what fits is weighed.
    sought = bool(words or hard)
    only = [f"coalesce({term.sql}, false)" for term in ask.terms if not term.hard]
    promoted = "b.name" in ask.paid or "c.path" in ask.paid
    sql = STATEMENT.format(
        rank=write_rank(words, parameters, of_a_kind=ask.query.by_heading),
        found=UNREAD
        if not words or ask.query.by_heading
        else FOUND.format(most_read=MOST_READ, told=write_told(words, parameters)),
        merchant=f"{parameters.add(ask.merchant)}::uuid",
        # What has no words has no rank to keep: the planner may then start from whichever filter leaves least.
        kept_apart="" if words else "NOT",
        matched="count(*) OVER ()" if words else "1::bigint",
        match=f"AND p.search @@ ({whole})" if words else "",
        hard="".join(f" AND {sql}" for sql in hard),
        cap=f"ORDER BY rank DESC, p.id LIMIT {ask.most}" if ask.most else "",
        paid=ask.paid,
        buyable=BUYABLE,
        variants=FEW_VARIANTS if ask.most else VARIANTS,
        measure=_write_measure(ask, parameters),
        failed=_write_failed(ask.terms) if sought else "'{}'::int[]",
        only=f"WHERE {' AND '.join(only)}" if only and not sought else "",
        shelves=SHELVES if promoted else "",
        order=_write_order(ask.query.order),
        limit=parameters.add(ask.query.limit),
        near_order="rank DESC, buyable DESC, coalesce(rating, 0) DESC, paid, product, color",
        near_limit=MOST_NEAR_MISSES,
        near="" if ask.hits_alone else NEAR,
        facets="NULL::json" if ask.hits_alone else FACETS.format(facet_limit=MOST_FACET_VALUES),
        bands="NULL::json" if ask.hits_alone else BANDS,
        attributes=ATTRIBUTES.format(most=MOST_ATTRIBUTES, heads=MOST_HEADS, size=SIZE)
        if ask.query.by_attributes
        else "",
        why=write_matches(words, parameters),
        margins=_write_margins(ask),
    )
    applied = tuple(term.filter for term in ask.terms if term.sql in sql)
    return Statement(sql=sql, values=parameters.values, applied=applied)
