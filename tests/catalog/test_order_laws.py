"""Laws of money and stock, over what nobody thought of: what is charged is what was told, and no shelf goes below."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moneyed import Money

from catalog.ids import MerchantId, Sku
from catalog.models import Merchant, Promotion
from catalog.orders import OrderItem, OrderPlaced, OrderRefused, OrderWish, place_order, reserve_items
from catalog.orders.checking import get_part
from catalog.orders.placing import price_at_source
from catalog.orders.records import OrderedLine
from catalog.pricing import CartItem, CartPrice, ChargeTerms, PriceContext, reckon_charges, share_out
from commerce_agent.isolation.connections import Pool, build_pool
from tests.catalog.conftest import NOW

CENTS = st.decimals("0", "500", places=2)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "order", "reserve and order"]),
        st.sampled_from(["FELL-BLU-9", "TARN-RED-9", "CAFE"]),
        st.integers(1, 4),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=12,
)


@given(CENTS, st.lists(CENTS, max_size=6))
def test_parts_sum_to_the_whole_in_whole_cents(amount: Decimal, weights: list[Decimal]) -> None:
    parts = share_out(amount, weights=tuple(weights), currency="USD")

    assert sum(parts) == (amount if any(weights) else 0)
    assert all(part == part.quantize(Decimal("0.01")) for part in parts)
    assert all(part >= 0 for part in parts)


@given(CENTS, st.integers(1, 9), st.lists(st.integers(1, 3), max_size=9))
def test_refunds_of_a_line_sum_to_what_was_charged(
    charged: Decimal, quantity: int, pieces: list[int]
) -> None:
    price = Money("1", "USD")
    line = OrderedLine(
        sku=Sku("S"), title="S", quantity=quantity, unit_price=price, charged=Money(charged, "USD")
    )
    since, back = 0, Decimal(0)
    for count in [*pieces, quantity]:
        taken = min(count, quantity - since)
        if taken:
            part = get_part(line, since=since, quantity=taken).charged
            assert part is not None
            back, since = back + part.amount, since + taken
    assert back == charged


@given(
    CENTS,
    st.none() | st.decimals("0", "20", places=2),
    st.none() | CENTS,
    st.none() | st.decimals("0", "30", places=2),
    st.booleans(),
)
def test_the_total_is_the_sum_of_what_is_listed(
    goods: Decimal, price: Decimal | None, over: Decimal | None, rate: Decimal | None, included: bool
) -> None:
    terms = ChargeTerms(
        shipping_price=price, free_shipping_over=over, tax_percent=rate, tax_included=included
    )

    charges = reckon_charges(Money(goods, "USD"), terms=terms)

    listed = goods + (charges.shipping.amount if charges.shipping else 0)
    listed += charges.tax.amount if charges.tax and not included else 0
    assert charges.total.amount == listed
    if price is None and rate is None:
        assert charges.total.amount == goods


async def price(
    pool: Pool, shop: MerchantId, lines: tuple[CartItem, ...], context: PriceContext
) -> CartPrice:
    """What a shopper is told."""
    async with pool.connection() as connection:
        return await price_at_source(connection, merchant=shop, lines=lines, context=context)


@pytest.fixture
def generous(shop: MerchantId) -> MerchantId:
    """A shop with every kind of promotion, shipping, and a tax that is added."""
    Merchant.objects.filter(id=shop).update(
        shipping_price="4.95", free_shipping_over="150", tax_percent="7.7", tax_included=False
    )
    rows: tuple[dict[str, Any], ...] = (
        {"code": None, "title": "Lamps", "percent": "12.5", "scope": "category", "scope_value": "Lamps"},
        {"code": "OFF7", "title": "Seven off", "amount": "7.77", "min_total": "60"},
        {"code": "CORRIE", "title": "Corrie", "amount": "3.33", "scope": "brand", "scope_value": "Corrie"},
        {"code": None, "title": "Big", "amount": "25", "min_total": "300"},
        {"code": None, "title": "Gold", "percent": "9.9", "requires_tier": "gold"},
        {"code": "GOLDEN", "title": "Golden", "percent": "33.3", "requires_tier": "gold", "min_total": "80"},
    )
    for row in rows:
        Promotion.objects.create(merchant_id=shop, **row)
    return shop


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    counts=st.dictionaries(
        st.sampled_from(["FELL-BLU-9", "TARN-RED-9", "SOCK-M", "SOCK-L", "HARBOUR"]),
        st.integers(1, 2),
        min_size=1,
    ),
    codes=st.sets(st.sampled_from(["OFF7", "CORRIE", "NOPE", "GOLDEN"])),
    tier=st.sampled_from([None, "silver", "gold"]),
)
def test_what_is_charged_is_what_was_told(
    generous: MerchantId, database: str, counts: dict[str, int], codes: set[str], tier: str | None
) -> None:
    context = PriceContext(now=NOW, tier=tier, codes=tuple(sorted(codes)))
    asyncio.run(_order_what_was_told(generous, database, counts, context))


async def _order_what_was_told(
    shop: MerchantId, database: str, counts: dict[str, int], context: PriceContext
) -> None:
    async with build_pool(database, most=2, wait=30) as pool:
        lines = tuple(CartItem(sku=Sku(sku), quantity=count) for sku, count in counts.items())
        told = await price(pool, shop, lines, context)
        listed = sum((line.line_total for line in told.lines), Money(0, "USD"))
        off = told.order_discount.amount if told.order_discount else Money(0, "USD")
        assert told.total == listed - off
        shares = [line.order_share for line in told.lines if line.order_share is not None]
        assert sum(shares, Money(0, "USD")) == off
        async with pool.connection() as connection, connection.transaction(force_rollback=True):
            wish = OrderWish(
                lines=tuple(
                    OrderItem(sku=line.sku, quantity=line.quantity, unit_price=line.unit_price)
                    for line in told.lines
                ),
                context=context,
                token=uuid4().hex,
                total=told.charges.total,
            )
            placed = await place_order(connection, wish, merchant=shop)
            cursor = await connection.execute(
                "SELECT total, discount, shipping, tax FROM catalog_order WHERE number = %s AND merchant_id = %s",
                (placed.number if isinstance(placed, OrderPlaced) else "", shop),
            )
            row = await cursor.fetchone()
        assert isinstance(placed, OrderPlaced)
        assert row is not None
        shipping = told.charges.shipping or Money(0, "USD")
        tax = told.charges.tax or Money(0, "USD")
        assert placed.total == told.charges.total
        assert row == (told.charges.total.amount, off.amount, shipping.amount, tax.amount)
        charged = sum((line.charged for line in placed.lines if line.charged), Money(0, "USD"))
        # What no line is charged is the shipping and its own part of the tax, to the cent that is shared out.
        rest = (placed.total - charged - shipping).amount
        share = tax.amount * shipping.amount / (told.total.amount + shipping.amount)
        assert abs(rest - share) <= (Decimal("0.01") if share else 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_more_is_set_aside_or_sold_than_there_is(
    shop: MerchantId, database: str, steps: list[tuple[str, str, int, int]]
) -> None:
    asyncio.run(_reserve_and_order(shop, database, steps))


async def _reserve_and_order(shop: MerchantId, database: str, steps: list[tuple[str, str, int, int]]) -> None:
    run = uuid4().hex
    async with build_pool(database, most=6, wait=30) as pool:
        before = await read_shelves(pool, shop)

        async def go(what: str, sku: str, quantity: int, token: int) -> int:
            told = await price(pool, shop, (CartItem(sku=Sku(sku), quantity=1),), PriceContext(now=NOW))
            line = OrderItem(sku=Sku(sku), quantity=quantity, unit_price=told.lines[0].unit_price)
            wish = OrderWish(lines=(line,), context=PriceContext(now=NOW), token=f"{run}-{token}-{sku}")
            async with pool.connection() as connection:
                if "reserve" in what and isinstance(
                    await reserve_items(connection, wish, merchant=shop), OrderRefused
                ):
                    return 0
                if "order" not in what:
                    return 0
                placed = await place_order(connection, wish, merchant=shop)
            return len(placed.changes) if isinstance(placed, OrderPlaced) else 0

        await asyncio.gather(*(go(*step) for step in steps))

        after = await read_shelves(pool, shop)
        for sku, (quantity, reserved) in after.items():
            assert quantity >= 0
            assert reserved <= quantity
            assert quantity <= before[sku][0]
        async with pool.connection() as connection:
            sold = await connection.execute(
                "SELECT l.sku, sum(l.quantity), count(*) - count(DISTINCT o.token) FROM catalog_orderline l"
                " JOIN catalog_order o ON o.id = l.order_id WHERE o.merchant_id = %s GROUP BY l.sku",
                (shop,),
            )
            for sku, pieces, doubled in await sold.fetchall():
                assert doubled == 0
                assert pieces + after[sku][0] == START[sku]


START = {"FELL-BLU-9": 5, "TARN-RED-9": 8, "CAFE": 1}


async def read_shelves(pool: Pool, shop: MerchantId) -> dict[str, tuple[int, int]]:
    """What is there of each, and what of it is set aside."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT v.sku, s.quantity, coalesce((SELECT sum(r.quantity)::int FROM catalog_reservation r"
            " WHERE r.merchant_id = v.merchant_id AND r.sku = v.sku), 0) FROM catalog_variant v"
            " JOIN catalog_stocklevel s ON s.variant_id = v.id WHERE v.merchant_id = %s AND v.sku = ANY(%s)",
            (shop, list(START)),
        )
        return {sku: (quantity, reserved) for sku, quantity, reserved in await cursor.fetchall()}
