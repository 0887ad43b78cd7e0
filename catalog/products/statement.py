"""The search as one statement: match the words, price what matched, hold it against the filters, collapse, count."""

import msgspec

from catalog.products.filters import BUYABLE, Term
from catalog.products.query import SearchQuery
from catalog.products.sql import Parameters
from catalog.products.words import UnderstoodText, write_phrase, write_word, write_words

MOST_NEAR_MISSES = 10
MOST_FACET_VALUES = 12
PLACES = "{0, 0.3, 0.6, 1}"
"""What a word counts in the heading: after a "for" or "with" in the title, in the category, in the title proper."""
SHORT, IN_ORDER = 1.0, 0.3
"""The share that a short heading adds, for it is about little else; and what words in their order add."""
SYNONYM = 0.6
"""Another word for what was said is found, but behind the word itself."""
RATING_PRIOR, RATING_WEIGHT = 4, 10
"""A rating counts as if ten more people had given four stars: one enthusiast does not make a bestseller."""

MOST_CANDIDATES = 1_000
"""So many of the best by their words go on to be priced and held against the filters. Where that leaves too few, the
search is run again over all of them."""

STATEMENT = """
WITH found AS {kept_apart} MATERIALIZED (
  SELECT p.id, p.brand_id, p.category_id, p.rating, p.rating_count, ({rank})::float8 AS rank,
    {matched} AS matched
  FROM catalog_product p WHERE p.merchant_id = {merchant} {match} {hard} {cap}
),
offered AS MATERIALIZED (
  SELECT v.id, v.sku, v.color, v.position, p.id AS product, p.brand_id, p.category_id,
    p.rating, p.rating_count, p.rank, {paid} AS paid, {buyable} AS buyable, {measure} AS measure, {failed} AS failed
  FROM found p JOIN catalog_variant v ON v.product_id = p.id
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
shown AS (SELECT true AS hit, * FROM hits UNION ALL SELECT false, * FROM near),
counted AS (
  SELECT 'brand' AS field, brand_id::text AS value, count(*) AS uses FROM kept GROUP BY brand_id
  UNION ALL SELECT 'category', category_id::text, count(*) FROM kept GROUP BY category_id
  UNION ALL SELECT 'color', color, count(*) FROM kept WHERE color <> '' GROUP BY color
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
  (SELECT json_object_agg(field, "values") FROM (
    SELECT f.field, json_agg(json_build_array(coalesce(b.name, c.path, f.value), f.uses) ORDER BY f.place) AS "values"
    FROM placed f
    LEFT JOIN catalog_brand b ON f.field = 'brand' AND b.id::text = f.value
    LEFT JOIN catalog_category c ON f.field = 'category' AND c.id::text = f.value
    WHERE f.place <= {facet_limit} GROUP BY f.field) AS facets)
"""
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
    capped: bool
    """Only the best by their words are weighed."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """SQL and its values."""

    sql: str
    values: dict[str, object]


def _write_rank(ask: Ask, parameters: Parameters) -> str:
    """How well a product's heading answers: each word by its rarity and place, a little more where the heading is
    short, and for all of them in their order.
    """
    if not ask.understood.words:
        return "0"
    parts = []
    for word in ask.understood.words:
        place = f"ts_rank('{PLACES}', p.heading, {write_words(word.own, parameters)})"
        if word.others:
            other = write_words(word.others, parameters)
            place = f"greatest({place}, {SYNONYM} * ts_rank('{PLACES}', p.heading, {other}))"
        parts.append(f"{word.weight:.3f} * {place}")
    spoken = f"({' + '.join(parts)}) * (1.65 + {SHORT} / (1 + length(p.heading)))"
    if len(parts) == 1:
        return spoken
    phrase = write_phrase(" ".join(word.written for word in ask.understood.words), parameters)
    return f"{spoken} + {IN_ORDER} * (p.heading @@ {phrase})::int"


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


def _write_why(ask: Ask, parameters: Parameters, tsqueries: list[str]) -> str:
    places = (("a", "title"), ("b", "category or number"), ("c", "details"), ("d", "description"))
    cases = []
    for word, tsquery in zip(ask.understood.words, tsqueries, strict=True):
        found = " ".join(
            f"WHEN ts_filter(p.search, '{{{weight}}}') @@ {tsquery} "
            f"THEN {parameters.add(f'{place}: {word.written}')}::text"
            for weight, place in places
        )
        cases.append(f"CASE {found} END")
    return f"array_remove(ARRAY[{', '.join(cases)}]::text[], NULL)"


def _write_measure(ask: Ask, parameters: Parameters) -> str:
    field = ask.query.order.removeprefix("-")
    if field in ("relevance", "price", "rating"):
        return "NULL::numeric"
    return f"(v.measures ->> {parameters.add(field.lower().replace('_', ' '))})::numeric"


def _write_margins(ask: Ask) -> str:
    return f"ARRAY[{', '.join(term.margin for term in ask.terms)}]::float8[]"


def _write_whole(tsqueries: list[str], *, every_word: bool) -> str:
    """Every word; or, where they are three or more, all but one of them; or one of two."""
    if every_word or len(tsqueries) <= 1:
        return " && ".join(tsqueries) or "''::tsquery"
    if len(tsqueries) == 2:
        return " || ".join(tsqueries)
    without = [
        " && ".join(tsquery for place, tsquery in enumerate(tsqueries) if place != left)
        for left in range(len(tsqueries))
    ]
    return " || ".join(f"({rest})" for rest in without)


def _write_failed(terms: tuple[Term, ...]) -> str:
    cases = ", ".join(
        f"CASE WHEN coalesce({term.sql}, false) THEN NULL ELSE {place} END"
        for place, term in enumerate(terms)
        if not term.hard
    )
    return f"array_remove(ARRAY[{cases}]::int[], NULL)" if cases else "'{}'::int[]"


def write_statement(ask: Ask, parameters: Parameters) -> Statement:
    """The whole search as one statement of one row: items, totals, price range and facets as JSON."""
    tsqueries = [write_word(word, parameters) for word in ask.understood.words]
    whole = _write_whole(tsqueries, every_word=ask.every_word)
    hard = [term.sql for term in ask.terms if term.hard]
    # Without words or a category everything would be a near miss of something: then only what fits is weighed.
    sought = bool(tsqueries or hard)
    only = [f"coalesce({term.sql}, false)" for term in ask.terms if not term.hard]
    promoted = "b.name" in ask.paid or "c.path" in ask.paid
    sql = STATEMENT.format(
        rank=_write_rank(ask, parameters),
        merchant=f"{parameters.add(ask.merchant)}::uuid",
        # What has no words has no rank to keep: the planner may then start from whichever filter leaves least.
        kept_apart="" if tsqueries else "NOT",
        matched="count(*) OVER ()" if tsqueries else "1::bigint",
        match=f"AND p.search @@ ({whole})" if tsqueries else "",
        hard="".join(f" AND {sql}" for sql in hard),
        cap=f"ORDER BY rank DESC, p.id LIMIT {MOST_CANDIDATES}" if ask.capped else "",
        paid=ask.paid,
        buyable=BUYABLE,
        measure=_write_measure(ask, parameters),
        failed=_write_failed(ask.terms) if sought else "'{}'::int[]",
        only=f"WHERE {' AND '.join(only)}" if only and not sought else "",
        shelves=SHELVES if promoted else "",
        order=_write_order(ask.query.order),
        limit=parameters.add(ask.query.limit),
        near_order="rank DESC, buyable DESC, coalesce(rating, 0) DESC, paid, product, color",
        near_limit=MOST_NEAR_MISSES,
        facet_limit=MOST_FACET_VALUES,
        why=_write_why(ask, parameters, tsqueries),
        margins=_write_margins(ask),
    )
    return Statement(sql=sql, values=parameters.values)
