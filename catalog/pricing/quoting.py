"""What items and carts cost: the connector's price, then the best promotion for each unit."""

from datetime import datetime
from decimal import Decimal

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.connectors import PriceReading, PriceSource
from catalog.ids import MerchantId, Sku
from catalog.pricing.codes import find_refused_codes
from catalog.pricing.records import CartItem, CartPrice, PriceAnswer, PriceContext, PricedLine, RefusedCode
from catalog.promotions import AppliedPromotion, Discount, choose_discount, list_promotions

SHELVES = """
SELECT v.sku, coalesce(b.name, ''), coalesce(c.path, '') FROM catalog_variant v
JOIN catalog_product p ON p.id = v.product_id LEFT JOIN catalog_brand b ON b.id = p.brand_id
LEFT JOIN catalog_category c ON c.id = p.category_id
WHERE v.merchant_id = %(merchant)s AND v.sku = ANY(%(skus)s)
"""
CURRENCY = "SELECT currency FROM catalog_merchant WHERE id = %(merchant)s"


class Shelf(msgspec.Struct, frozen=True):
    """Where an item belongs, as far as promotions care."""

    brand: str = ""
    category: str = ""


async def _list_shelves(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, skus: tuple[Sku, ...]
) -> dict[Sku, Shelf]:
    async with connection.cursor() as cursor:
        await cursor.execute(SHELVES, {"merchant": merchant, "skus": list(skus)})
        return {sku: Shelf(brand, category) for sku, brand, category in await cursor.fetchall()}


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [date for date in (one, other) if date is not None]
    return min(known, default=None)


def _answer(reading: PriceReading, *, shelf: Shelf, discounts: tuple[Discount, ...]) -> PriceAnswer:
    best = choose_discount(
        discounts, price=reading.price, sku=reading.sku, brand=shelf.brand, category=shelf.category
    )
    until = next((each.valid_until for each in discounts if best and each.id == best.id), None)
    return PriceAnswer(
        sku=reading.sku,
        list_price=reading.list_price,
        price=reading.price - best.saving if best else reading.price,
        promotions=(best,) if best else (),
        source=reading.source,
        observed_at=reading.observed_at,
        valid_until=_earlier(reading.valid_until, until),
        version=reading.version,
        stale=reading.stale,
    )


async def price_variants(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    skus: tuple[Sku, ...],
    context: PriceContext,
    source: PriceSource,
) -> dict[Sku, PriceAnswer]:
    """What one of each costs this shopper, promotions that need a cart's total left out.

    A SKU whose price is not known is absent: it costs something unknown, not nothing.
    """
    readings = await source.read(merchant=merchant, keys=skus, now=context.now)
    discounts = await list_promotions(
        connection, merchant=merchant, now=context.now, tier=context.tier, codes=context.codes
    )
    single = tuple(discount for discount in discounts if discount.min_total is None)
    shelves = await _list_shelves(connection, merchant=merchant, skus=skus) if single else {}
    return {
        sku: _answer(reading, shelf=shelves.get(sku, Shelf()), discounts=single)
        for sku, reading in readings.items()
    }


def _price_line(item: CartItem, answer: PriceAnswer) -> PricedLine:
    return PricedLine(
        sku=item.sku,
        quantity=item.quantity,
        list_price=answer.list_price,
        unit_price=answer.price,
        line_total=answer.price * item.quantity,
        promotions=answer.promotions,
    )


async def price_cart(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    lines: tuple[CartItem, ...],
    context: PriceContext,
    source: PriceSource,
) -> CartPrice:
    """What a cart costs this shopper. A promotion with a least total counts once the cart without any promotion
    reaches it; then, as always, the single best one holds for each unit.
    """
    skus = tuple(dict.fromkeys(line.sku for line in lines))
    readings = await source.read(merchant=merchant, keys=skus, now=context.now)
    currency = await _get_currency(connection, merchant=merchant)
    discounts = await list_promotions(
        connection, merchant=merchant, now=context.now, tier=context.tier, codes=context.codes
    )
    before = sum(
        (readings[line.sku].price.amount * line.quantity for line in lines if line.sku in readings),
        Decimal(0),
    )
    reached = tuple(each for each in discounts if each.min_total is None or before >= each.min_total)
    shelves = await _list_shelves(connection, merchant=merchant, skus=skus) if reached else {}
    answers = {
        sku: _answer(reading, shelf=shelves.get(sku, Shelf()), discounts=reached)
        for sku, reading in readings.items()
    }
    priced = tuple(_price_line(line, answers[line.sku]) for line in lines if line.sku in answers)
    total = sum((line.line_total for line in priced), Money(0, currency))
    used = tuple(applied for line in priced for applied in line.promotions)
    return CartPrice(
        lines=priced,
        total=total,
        discount=Money(before, currency) - total,
        refused_codes=await _refuse_codes(
            connection, merchant=merchant, context=context, used=used, before=Money(before, currency)
        ),
        unpriced=tuple(sku for sku in skus if sku not in answers),
        stale=any(answer.stale for answer in answers.values()),
    )


async def _refuse_codes(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    context: PriceContext,
    used: tuple[AppliedPromotion, ...],
    before: Money,
) -> tuple[RefusedCode, ...]:
    lowered = {applied.code.lower() for applied in used if applied.code}
    idle = tuple(code for code in context.codes if code.strip().lower() not in lowered)
    return await find_refused_codes(connection, merchant=merchant, codes=idle, context=context, before=before)


async def _get_currency(connection: AsyncConnection[TupleRow], *, merchant: MerchantId) -> str:
    async with connection.cursor() as cursor:
        await cursor.execute(CURRENCY, {"merchant": merchant})
        row = await cursor.fetchone()
    return "USD" if row is None else str(row[0])
