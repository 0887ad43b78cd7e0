"""What items and carts cost: the connector's price, then the best promotion for each unit."""

from datetime import datetime
from decimal import Decimal

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.connectors import (
    WHOLE,
    ConnectorUnavailable,
    PriceReading,
    PriceSource,
    PromotionSource,
)
from catalog.ids import MerchantId, Sku
from catalog.pricing.charges import ChargeTerms, reckon_charges, share_out
from catalog.pricing.codes import find_refused_codes, list_terms, refuse_unreachable
from catalog.pricing.records import (
    CartItem,
    CartPrice,
    OrderDiscount,
    PriceAnswer,
    PriceContext,
    PricedLine,
    RefusedCode,
)
from catalog.promotions import AsOf, Discount, ask_promotions, choose_discount, list_promotions
from commerce_agent.decoding import convert

SHELVES = """
SELECT v.sku, coalesce(b.name, ''), coalesce(c.path, '') FROM catalog_variant v
JOIN catalog_product p ON p.id = v.product_id LEFT JOIN catalog_brand b ON b.id = p.brand_id
LEFT JOIN catalog_category c ON c.id = p.category_id
WHERE v.merchant_id = %(merchant)s AND v.sku = ANY(%(skus)s)
"""
TERMS = """
SELECT currency, shipping_price, free_shipping_over, tax_percent, tax_included
FROM catalog_merchant WHERE id = %(merchant)s
"""


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


def _answer(
    reading: PriceReading,
    *,
    shelf: Shelf,
    discounts: tuple[Discount, ...],
    as_of: AsOf | None = None,
    context: PriceContext | None = None,
) -> PriceAnswer:
    best = choose_discount(
        discounts, price=reading.price, sku=reading.sku, brand=shelf.brand, category=shelf.category
    )
    won = next((each for each in discounts if best and each.id == best.id), None)
    tier_since = context.tier_since if context else None
    if won is not None and won.requires_tier and tier_since is not None:
        observed_at = min(reading.observed_at, tier_since)
        reading = msgspec.structs.replace(reading, stale=True, observed_at=observed_at)
        as_of = as_of and as_of.rest_on(tier_since)
    until = won.valid_until if won is not None else None
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
        teller=reading.teller,
        promoted=as_of,
        given=_name_given(tier=context.tier, codes=context.codes) if context else (),
        used=_name_given(tier=won.requires_tier, codes=(won.code or "",)) if won else (),
    )


def _name_given(*, tier: str | None, codes: tuple[str, ...]) -> tuple[str, ...]:
    """The tier and the codes, by which two answers are told to be for the same; a code counts in any case."""
    names = {code.strip().lower() for code in codes} - {""}
    return (*((f"tier:{tier}",) if tier else ()), *(f"code:{name}" for name in sorted(names)))


class _Lowering(msgspec.Struct, frozen=True, kw_only=True):
    """What lowers prices, and the prices, stale where it is not certain what lowers them."""

    discounts: tuple[Discount, ...]
    readings: dict[Sku, PriceReading]
    as_of: AsOf | None
    """None where nobody can say what lowers them."""

    def rest_on(self, since: datetime | None) -> AsOf | None:
        """Of when it is what is lowered: of the list, or of what is older and could not be asked for anew."""
        old = min((reading.observed_at for reading in self.readings.values() if reading.stale), default=None)
        return self.as_of and self.as_of.rest_on(old).rest_on(since)


async def _list_discounts(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    context: PriceContext,
    promotions: PromotionSource | None,
    readings: dict[Sku, PriceReading],
) -> _Lowering:
    if promotions is None:
        listed = await list_promotions(
            connection, merchant=merchant, now=context.now, tier=context.tier, codes=context.codes
        )
        return _Lowering(discounts=listed, readings=readings, as_of=AsOf(observed_at=context.now))
    try:
        held = await ask_promotions(
            promotions, merchant=merchant, now=context.now, tier=context.tier, codes=context.codes
        )
    except ConnectorUnavailable:
        doubted = {sku: msgspec.structs.replace(one, stale=True) for sku, one in readings.items()}
        return _Lowering(discounts=(), readings=doubted, as_of=None)
    if held.stale_since is not None:
        readings = {
            sku: msgspec.structs.replace(one, stale=True, observed_at=min(one.observed_at, held.stale_since))
            for sku, one in readings.items()
        }
    as_of = held.as_of or AsOf(observed_at=context.now)
    return _Lowering(discounts=held.promotions, readings=readings, as_of=as_of)


async def price_variants(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    skus: tuple[Sku, ...],
    context: PriceContext,
    source: PriceSource,
    promotions: PromotionSource | None = None,
) -> dict[Sku, PriceAnswer]:
    """What one of each costs this shopper, promotions that need a cart's total left out.

    A SKU whose price is not known is absent: it costs something unknown, not nothing. Without `promotions` those of
    the store hold.
    """
    readings = await source.read(merchant=merchant, keys=skus, now=context.now)
    lowering = await _list_discounts(
        connection, merchant=merchant, context=context, promotions=promotions, readings=readings
    )
    single = tuple(discount for discount in lowering.discounts if discount.min_total is None)
    shelves = await _list_shelves(connection, merchant=merchant, skus=skus) if single else {}
    return {
        sku: _answer(
            reading,
            shelf=shelves.get(sku, Shelf()),
            discounts=single,
            as_of=lowering.as_of,
            context=context,
        )
        for sku, reading in lowering.readings.items()
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


class _Goods(msgspec.Struct, frozen=True, kw_only=True):
    """The lines under one way of applying promotions."""

    lines: tuple[PricedLine, ...]
    taken_off: OrderDiscount | None = None
    total: Money


def _price_goods(
    lines: tuple[CartItem, ...],
    *,
    readings: dict[Sku, PriceReading],
    shelves: dict[Sku, Shelf],
    discounts: tuple[Discount, ...],
    currency: str,
) -> _Goods:
    """The cheapest way there is: the best discount on each unit, or one amount off the order in their place."""
    of_units = tuple(each for each in discounts if not each.is_of_order)
    answers = {
        sku: _answer(reading, shelf=shelves.get(sku, Shelf()), discounts=of_units)
        for sku, reading in readings.items()
    }
    priced = tuple(_price_line(line, answers[line.sku]) for line in lines if line.sku in answers)
    best = _Goods(lines=priced, total=sum((line.line_total for line in priced), Money(0, currency)))
    for discount in discounts:
        if discount.is_of_order:
            other = _take_off_order(discount, priced=priced, readings=readings, shelves=shelves)
            best = other if other.total < best.total else best
    return best


def _take_off_order(
    discount: Discount,
    *,
    priced: tuple[PricedLine, ...],
    readings: dict[Sku, PriceReading],
    shelves: dict[Sku, Shelf],
) -> _Goods:
    """The lines it covers go without discounts of their own: promotions do not stack."""
    lines: list[PricedLine] = []
    covered: list[int] = []
    for line in priced:
        shelf = shelves.get(line.sku, Shelf())
        if discount.covers(sku=line.sku, brand=shelf.brand, category=shelf.category):
            covered.append(len(lines))
            plain = _answer(readings[line.sku], shelf=shelf, discounts=())
            line = _price_line(CartItem(sku=line.sku, quantity=line.quantity), plain)
        lines.append(line)
    weights = tuple(lines[place].line_total.amount for place in covered)
    currency = str(priced[0].unit_price.currency) if priced else "USD"
    amount = min(discount.amount or Decimal(0), sum(weights, Decimal(0)))
    for place, share in zip(covered, share_out(amount, weights=weights, currency=currency), strict=True):
        lines[place] = msgspec.structs.replace(lines[place], order_share=Money(share, currency))
    total = sum((line.line_total for line in lines), Money(0, currency)) - Money(amount, currency)
    taken = OrderDiscount(
        id=discount.id, title=discount.title, code=discount.code, amount=Money(amount, currency)
    )
    return _Goods(lines=tuple(lines), taken_off=taken, total=total)


async def price_cart(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    lines: tuple[CartItem, ...],
    context: PriceContext,
    source: PriceSource,
    promotions: PromotionSource | None = None,
) -> CartPrice:
    """What a cart costs this shopper. A promotion with a least total counts once the cart without any promotion
    reaches it. An amount with a least total comes off the order once, in place of the discounts on what it
    covers, where that makes the order cheaper; else the single best discount holds for each unit.
    """
    skus = tuple(dict.fromkeys(line.sku for line in lines))
    readings = await source.read(merchant=merchant, keys=skus, now=context.now)
    terms = await _get_charge_terms(connection, merchant=merchant)
    lowering = await _list_discounts(
        connection, merchant=merchant, context=context, promotions=promotions, readings=readings
    )
    readings = lowering.readings
    before = sum(
        (readings[line.sku].price.amount * line.quantity for line in lines if line.sku in readings),
        Decimal(0),
    )
    reached = tuple(each for each in lowering.discounts if each.min_total is None or before >= each.min_total)
    shelves = await _list_shelves(connection, merchant=merchant, skus=skus) if reached else {}
    goods = _price_goods(
        lines, readings=readings, shelves=shelves, discounts=reached, currency=terms.currency
    )
    as_of = lowering.rest_on(context.tier_since if _rests_on_tier(goods, discounts=reached) else None)
    return CartPrice(
        lines=goods.lines,
        total=goods.total,
        discount=Money(before, terms.currency) - goods.total,
        charges=reckon_charges(goods.total, terms=terms),
        order_discount=goods.taken_off,
        refused_codes=await _refuse_codes(
            connection,
            merchant=merchant,
            context=context,
            used=_list_used_codes(goods),
            before=Money(before, terms.currency),
            promotions=promotions,
        ),
        unpriced=tuple(sku for sku in skus if sku not in readings),
        stale=as_of is None or as_of.stale,
        promoted=as_of,
    )


def _rests_on_tier(goods: _Goods, *, discounts: tuple[Discount, ...]) -> bool:
    used = {applied.id for line in goods.lines for applied in line.promotions}
    if goods.taken_off is not None:
        used.add(goods.taken_off.id)
    return any(discount.requires_tier and discount.id in used for discount in discounts)


def _list_used_codes(goods: _Goods) -> tuple[str, ...]:
    codes = [applied.code for line in goods.lines for applied in line.promotions]
    if goods.taken_off is not None:
        codes.append(goods.taken_off.code)
    return tuple(code.lower() for code in codes if code)


async def _refuse_codes(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    context: PriceContext,
    used: tuple[str, ...],
    before: Money,
    promotions: PromotionSource | None,
) -> tuple[RefusedCode, ...]:
    idle = tuple(code for code in context.codes if code.strip().lower() not in used)
    if not idle:
        return ()
    if promotions is None:
        terms = await list_terms(connection, merchant=merchant, codes=idle)
        return find_refused_codes(idle, context=context, before=before, terms=terms)
    try:
        readings = await promotions.read(merchant=merchant, keys=(WHOLE,), now=context.now)
    except ConnectorUnavailable:
        return tuple(refuse_unreachable(code) for code in idle)
    reading = readings.get(WHOLE)
    terms, is_old = (reading.promotions, reading.stale) if reading else ((), False)
    return find_refused_codes(idle, context=context, before=before, terms=terms, is_old=is_old)


async def _get_charge_terms(connection: AsyncConnection[TupleRow], *, merchant: MerchantId) -> ChargeTerms:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(TERMS, {"merchant": merchant})
        row = await cursor.fetchone()
    return ChargeTerms() if row is None else convert(row, ChargeTerms)
