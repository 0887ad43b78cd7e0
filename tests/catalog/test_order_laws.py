"""Laws of money and stock, over what nobody thought of: what is charged is what was told, and no shelf goes below."""

import asyncio
import sys
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.ids import MerchantId, Sku
from catalog.models import Merchant, Order, Promotion, Reservation, StockLevel, Unbooked
from catalog.orders import (
    LineChange,
    OrderItem,
    OrderPlaced,
    OrderRefused,
    OrderWish,
    place_order,
    reserve_items,
)
from catalog.orders.checking import get_part
from catalog.orders.placing import price_at_source
from catalog.orders.records import OrderedLine
from catalog.pricing import CartItem, CartPrice, ChargeTerms, PriceContext, reckon_charges, share_out
from commerce_agent.isolation.connections import Pool, build_pool
from tests.catalog.conftest import NOW

CENTS = st.decimals("0", "500", places=2)
START = {"FELL-BLU-9": 5, "TARN-RED-9": 8, "CAFE": 1}


class Step(NamedTuple):
    """What one caller does, of all that come at once."""

    what: str
    wanted: dict[str, int]
    token: int


STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(["reserve", "order", "order", "reserve and order"]),
        wanted=st.dictionaries(st.sampled_from(sorted(START)), st.integers(1, 4), min_size=1),
        token=st.integers(0, 3),
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
def test_no_more_is_set_aside_or_sold_than_there_is_and_a_token_orders_once(
    shop: MerchantId, database: str, steps: list[Step]
) -> None:
    restock(shop)
    asyncio.run(_reserve_and_order(shop, database, steps))


async def refuse(
    connection: AsyncConnection[TupleRow],
    wish: OrderWish,
    *,
    merchant: MerchantId,
) -> OrderRefused:
    """A desk at which nobody ever gets anything."""
    changes = [LineChange(sku=line.sku, kind="stock", wanted=line.quantity, actual=0) for line in wish.lines]
    return OrderRefused(changes=tuple(changes))


@pytest.mark.parametrize("steps", [[], [Step(what="order", wanted={"CAFE": 1}, token=0)]])
def test_a_desk_that_refuses_everything_breaks_the_law(
    shop: MerchantId, database: str, steps: list[Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    restock(shop)
    monkeypatch.setattr(sys.modules[__name__], "place_order", refuse)

    with pytest.raises(AssertionError, match="a fresh token orders what is there"):
        asyncio.run(_reserve_and_order(shop, database, steps))


def restock(shop: MerchantId) -> None:
    """The shop as it was before anybody came: no example sells what another one needs."""
    Order.objects.filter(merchant_id=shop).delete()
    Reservation.objects.filter(merchant_id=shop).delete()
    Unbooked.objects.filter(merchant_id=shop).delete()
    for sku, quantity in START.items():
        level = StockLevel.objects.filter(variant__merchant_id=shop, variant__sku=sku)
        assert level.update(quantity=quantity) == 1


async def _reserve_and_order(shop: MerchantId, database: str, steps: list[Step]) -> None:
    async with build_pool(database, most=6, wait=30) as pool:
        lines = tuple(CartItem(sku=Sku(sku), quantity=1) for sku in START)
        told = await price(pool, shop, lines, PriceContext(now=NOW))
        prices = {line.sku: line.unit_price for line in told.lines}
        done = asyncio.Event()
        watching = asyncio.create_task(_watch(pool, shop, done))
        came = await asyncio.gather(*(_go(pool, shop, step, prices) for step in steps))
        done.set()
        await watching

        shelves = await read_shelves(pool, shop)
        left = {sku: quantity for sku, (quantity, _) in shelves.items()}
        orders = await read_orders(pool, shop)
        await _order_the_rest(pool, shop, prices=prices, shelves=shelves)
    placed: dict[str, list[OrderPlaced]] = {}
    for step, answer in zip(steps, came, strict=True):
        if isinstance(answer, OrderPlaced):
            placed.setdefault(f"{step.token}", []).append(answer)
    # A token has one row, and everybody who came with it was told the same number.
    assert {token: [number for number, _ in rows] for token, rows in orders.items()} == {
        token: sorted({answer.number for answer in answers}) for token, answers in placed.items()
    }
    for token, answers in placed.items():
        ((_, sold),) = orders[token]
        asked = [step.wanted for step in steps if f"{step.token}" == token and "order" in step.what]
        assert sold in asked
        assert all({line.sku: line.quantity for line in answer.lines} == sold for answer in answers)
        # One of them took the pieces, and nobody else did.
        moved = [answer.changes for answer in answers if answer.changes]
        assert [{change.sku for change in changes} for changes in moved] == [set(sold)]
    everything = [sold for rows in orders.values() for _, sold in rows]
    assert left == {sku: START[sku] - sum(sold.get(sku, 0) for sold in everything) for sku in START}


async def _order_the_rest(
    pool: Pool, shop: MerchantId, *, prices: dict[Sku, Money], shelves: dict[str, tuple[int, int]]
) -> None:
    """Whoever comes after them with a fresh token gets all that nobody has set aside, and one more of nothing."""
    free = {sku: quantity - reserved for sku, (quantity, reserved) in shelves.items() if quantity > reserved}
    if free:
        placed = await _go(pool, shop, Step(what="order", wanted=free, token=-1), prices)
        assert isinstance(placed, OrderPlaced), f"a fresh token orders what is there: {placed}"
        assert {line.sku: line.quantity for line in placed.lines} == free
    after = {sku: quantity - free.get(sku, 0) for sku, (quantity, _) in shelves.items()}
    for token, sku in enumerate(START):
        more = await _go(pool, shop, Step(what="order", wanted={sku: 1}, token=-2 - token), prices)
        assert isinstance(more, OrderRefused)
    assert {sku: quantity for sku, (quantity, _) in (await read_shelves(pool, shop)).items()} == after


async def _go(
    pool: Pool, shop: MerchantId, step: Step, prices: dict[Sku, Money]
) -> OrderPlaced | OrderRefused | None:
    """What came of a step; None of one that only sets aside."""
    lines = tuple(
        OrderItem(sku=Sku(sku), quantity=quantity, unit_price=prices[Sku(sku)])
        for sku, quantity in step.wanted.items()
    )
    wish = OrderWish(lines=lines, context=PriceContext(now=NOW), token=f"{step.token}")
    async with pool.connection() as connection:
        if "reserve" in step.what:
            reserved = await reserve_items(connection, wish, merchant=shop)
            if isinstance(reserved, OrderRefused) or "order" not in step.what:
                return None
        return await place_order(connection, wish, merchant=shop)


async def _watch(pool: Pool, shop: MerchantId, done: asyncio.Event) -> None:
    """At no moment is more set aside than there is."""
    while True:
        last = done.is_set()
        for sku, (quantity, reserved) in (await read_shelves(pool, shop)).items():
            assert 0 <= reserved <= quantity <= START[sku]
        if last:
            return


async def read_orders(pool: Pool, shop: MerchantId) -> dict[str, list[tuple[str, dict[str, int]]]]:
    """By token, the number of each order and what it sold."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT o.token, o.number, jsonb_object_agg(l.sku, l.quantity) FROM catalog_order o"
            " JOIN catalog_orderline l ON l.order_id = o.id WHERE o.merchant_id = %s GROUP BY o.id"
            " ORDER BY o.number",
            (shop,),
        )
        orders: dict[str, list[tuple[str, dict[str, int]]]] = {}
        for token, number, sold in await cursor.fetchall():
            orders.setdefault(token, []).append((number, sold))
        return orders


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
