"""Searching the shop: understand the words, write the statement, read the answer."""

from decimal import Decimal

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.ids import GroupKey, MerchantId, Sku
from catalog.products.discounts import Discount, list_discounts
from catalog.products.filters import Shelves, Term, write_filter
from catalog.products.matches import read_matches
from catalog.products.query import Facet, Filter, Hit, NearMiss, PriceBand, SearchQuery, SearchResult
from catalog.products.sql import Parameters, write_paid_price, write_sale_price
from catalog.products.statement import MOST_CANDIDATES, MOST_PARTIAL, Ask, Statement, write_statement
from catalog.products.words import SearchWord, UnderstoodText, understand_text
from commerce_agent.decoding import convert

CURRENCY = "SELECT currency FROM catalog_merchant WHERE id = %(merchant)s"
CATEGORIES = "SELECT id, path FROM catalog_category WHERE merchant_id = %(merchant)s"
BRANDS = "SELECT id, name FROM catalog_brand WHERE merchant_id = %(merchant)s"


FIELDS = ("brand", "category", "color")
"""What results are always divided by."""


class _Row(msgspec.Struct, frozen=True):
    hit: bool
    sku: Sku
    group: GroupKey
    title: str
    brand: str
    category: str
    color: str
    size: str
    paid: Decimal
    listed: Decimal
    quantity: int | None
    availability: str
    rating: float | None
    rank: float
    siblings: int
    why: tuple[str | None, ...]
    failed: tuple[int, ...]
    margins: tuple[float | None, ...]


class _Answer(msgspec.Struct, frozen=True, array_like=True):
    rows: tuple[_Row, ...] | None
    total: int
    found: int
    prices: tuple[Decimal | None, Decimal | None]
    facets: dict[str, tuple[tuple[str, int], ...]] | None
    bands: tuple[tuple[Decimal | None, Decimal | None, int], ...] | None
    applied: tuple[Filter, ...] = ()
    """The filters of the statement that gave it."""


async def _get_currency(connection: AsyncConnection[TupleRow], *, merchant: MerchantId) -> str:
    async with connection.cursor() as cursor:
        await cursor.execute(CURRENCY, {"merchant": merchant})
        row = await cursor.fetchone()
    return "USD" if row is None else str(row[0])


async def _list_shelves(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, filters: tuple[Filter, ...]
) -> Shelves:
    fields = {asked.field for asked in filters}
    categories, brands = [], []
    async with connection.cursor() as cursor:
        if "category" in fields:
            await cursor.execute(CATEGORIES, {"merchant": merchant})
            categories = await cursor.fetchall()
        if "brand" in fields:
            await cursor.execute(BRANDS, {"merchant": merchant})
            brands = await cursor.fetchall()
    return Shelves(categories=tuple(categories), brands=tuple(brands))


async def _run(connection: AsyncConnection[TupleRow], statement: Statement) -> _Answer:
    async with connection.cursor() as cursor:
        await cursor.execute(statement.sql, statement.values)
        row = await cursor.fetchone()
    answer = convert(row, _Answer, strict=False)
    return msgspec.structs.replace(answer, applied=statement.applied)


def _list_filters(query: SearchQuery) -> tuple[Filter, ...]:
    if query.in_stock is None:
        return query.filters
    return (*query.filters, Filter(field="in_stock", op="=", value="yes" if query.in_stock else "no"))


def _make_hit(row: _Row, *, words: tuple[SearchWord, ...], currency: str) -> Hit:
    return Hit(
        sku=row.sku,
        group=row.group,
        title=row.title,
        brand=row.brand,
        category=row.category,
        color=row.color,
        size=row.size,
        price=Money(row.paid, currency),
        list_price=Money(row.listed, currency),
        quantity=row.quantity,
        availability=row.availability,
        rating=row.rating,
        score=round(row.rank, 4),
        why=read_matches(row.why, words=words),
        siblings=row.siblings,
    )


def _make_near_miss(
    row: _Row, *, filters: tuple[Filter, ...], words: tuple[SearchWord, ...], currency: str
) -> NearMiss:
    place = row.failed[0]
    margin = row.margins[place]
    return NearMiss(
        hit=_make_hit(row, words=words, currency=currency),
        filter=filters[place],
        margin=None if margin is None else round(margin, 6),
    )


async def _list_own(
    connection: AsyncConnection[TupleRow], merchant: MerchantId, *, query: SearchQuery
) -> tuple[Discount, ...]:
    """The store's promotions."""
    return await list_discounts(
        connection, merchant=merchant, now=query.now, tier=query.tier, codes=query.codes
    )


async def search_products(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    query: SearchQuery,
    discounts: tuple[Discount, ...] | None = None,
) -> SearchResult:
    """Finds what has the words and meets every filter, one hit for a product in a colour.

    Without a product that has all the words, those with some of them are found, and `all_words` says so. Filters
    are never relaxed: what failed exactly one is listed apart, as a near miss. Without `discounts` the store's hold.
    Raises FilterRefused.
    """
    currency = await _get_currency(connection, merchant=merchant)
    filters = _list_filters(query)
    lowered = discounts if discounts is not None else await _list_own(connection, merchant, query=query)
    shelves = await _list_shelves(connection, merchant=merchant, filters=filters)
    understood = await understand_text(connection, merchant=merchant, text=query.text, sure=query.sure)
    if query.text.strip() and not understood.words and understood.unknown:
        return SearchResult(hits=(), total=0, all_words=False, applied=filters, unheard=understood.unknown)

    async def run(*, every_word: bool, most: int | None, hits_alone: bool = False) -> _Answer:
        parameters = Parameters()
        base = write_sale_price(parameters, now=query.now)
        paid = write_paid_price(parameters, base=base, discounts=lowered, currency=currency)
        terms = _write_terms(filters, paid=paid, shelves=shelves, parameters=parameters)
        ask = Ask(
            merchant=merchant,
            query=query,
            understood=understood,
            every_word=every_word,
            terms=terms,
            paid=paid,
            most=most if understood.words and query.order == "relevance" else None,
            hits_alone=hits_alone,
        )
        answer = await _run(connection, write_statement(ask, parameters))
        if ask.most and answer.total < query.limit and answer.found > ask.most:
            return await run(every_word=every_word, most=None, hits_alone=hits_alone)
        return answer

    answer = await run(every_word=True, most=MOST_CANDIDATES)
    result = _make_result(answer, filters=filters, understood=understood, currency=currency)
    if len(understood.words) <= 1 or answer.total >= query.limit:
        return result
    shown_only = answer.found and not filters
    partial = await run(
        every_word=False,
        most=MOST_PARTIAL if shown_only else MOST_CANDIDATES,
        hits_alone=answer.found > 0,
    )
    rest = _make_result(partial, filters=filters, understood=understood, currency=currency)
    if not answer.found:
        return msgspec.structs.replace(rest, all_words=False)
    return _with_others(result, rest, limit=query.limit)


def _write_terms(
    filters: tuple[Filter, ...], *, paid: str, shelves: Shelves, parameters: Parameters
) -> tuple[Term, ...]:
    return tuple(write_filter(asked, paid=paid, shelves=shelves, parameters=parameters) for asked in filters)


def _with_others(result: SearchResult, rest: SearchResult, *, limit: int) -> SearchResult:
    """What has all the words, and apart from it what has most of them."""
    shown = {hit.sku for hit in result.hits}
    also = tuple(hit for hit in rest.hits if hit.sku not in shown)[: limit - len(shown)]
    in_both = tuple(each for each in result.applied if each in rest.applied)
    return msgspec.structs.replace(result, also=also, applied=in_both)


def _make_result(
    answer: _Answer,
    *,
    filters: tuple[Filter, ...],
    understood: UnderstoodText,
    currency: str,
) -> SearchResult:
    rows = answer.rows or ()
    low, high = answer.prices
    facets = answer.facets or {}
    return SearchResult(
        hits=tuple(_make_hit(row, words=understood.words, currency=currency) for row in rows if row.hit),
        total=answer.total,
        corrections=understood.corrections,
        near_misses=tuple(
            _make_near_miss(row, filters=filters, words=understood.words, currency=currency)
            for row in rows
            if not row.hit
        ),
        facets=tuple(Facet(field=field, values=facets[field]) for field in FIELDS if field in facets),
        attribute_facets=tuple(
            Facet(field=field, values=values)
            for field, values in sorted(facets.items())
            if field not in FIELDS
        ),
        price_bands=tuple(
            PriceBand(low=low, high=high, count=count) for low, high, count in answer.bands or ()
        ),
        price_range=None if low is None or high is None else (low, high),
        all_words=not understood.unknown,
        unheard=understood.unknown,
        applied=answer.applied,
    )
