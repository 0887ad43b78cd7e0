"""Laws of money after the sale: what is given back or taken is what was told, whatever had lowered the price."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as chosen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from moneyed import Money
from psycopg import AsyncConnection

from catalog.feeds import load_policies
from catalog.ids import MerchantId, Sku
from catalog.orders import (
    CancelOrder,
    Change,
    ChangeAltered,
    ChangeChecked,
    ChangeMade,
    ChangeWish,
    ExchangeItems,
    ItemCount,
    OrderItem,
    OrderPlaced,
    OrderWish,
    Place,
    ReturnItems,
    Swap,
    check_change,
    make_change,
    place_order,
)
from catalog.orders.placing import price_at_source
from catalog.pricing import CartItem, PriceContext
from commerce_agent.isolation.connections import build_pool
from tests.catalog.conftest import NOW
from tests.catalog.test_order_laws import generous

__all__ = ["generous"]
KEYS = chosen.KEY_ENCRYPTION_KEYS
LINES = st.dictionaries(
    st.sampled_from(["FELL-BLU-9", "TARN-RED-9", "SOCK-M", "SOCK-L", "HARBOUR"]),
    st.integers(1, 3),
    min_size=1,
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["return", "exchange"]), st.integers(0, 4), st.integers(1, 2)), max_size=6
)
OTHER_SIZE = {"SOCK-M": "SOCK-L", "SOCK-L": "SOCK-M"}


@pytest.fixture
def returning(generous: MerchantId) -> MerchantId:
    """A shop with every kind of promotion, shipping, a tax that is added, and thirty days."""
    load_policies(
        merchant=generous, source="[{name: returns, text: Thirty days., terms: {window_days: 30}}]", now=NOW
    )
    return generous


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    counts=LINES,
    codes=st.sets(st.sampled_from(["OFF7", "CORRIE", "GOLDEN"])),
    tier=st.sampled_from([None, "gold"]),
    steps=STEPS,
)
def test_what_is_given_back_is_what_was_told_and_never_more_than_was_charged(
    returning: MerchantId,
    database: str,
    counts: dict[str, int],
    codes: set[str],
    tier: str | None,
    steps: list[tuple[str, int, int]],
) -> None:
    context = PriceContext(now=NOW, tier=tier, codes=tuple(sorted(codes)))
    asyncio.run(_order_and_change(returning, database, counts, context, steps))


class Sale:
    """One order of the customer c-1, and what was paid and given back for it."""

    def __init__(self, connection: AsyncConnection[Any], *, shop: MerchantId, context: PriceContext) -> None:
        self.connection = connection
        self.shop = shop
        self.context = context
        self.number = ""
        self.paid = self.returned = Decimal(0)

    async def place(self, counts: dict[str, int]) -> OrderPlaced:
        lines = tuple(CartItem(sku=Sku(sku), quantity=count) for sku, count in counts.items())
        told = await price_at_source(self.connection, merchant=self.shop, lines=lines, context=self.context)
        wish = OrderWish(
            lines=tuple(
                OrderItem(sku=line.sku, quantity=line.quantity, unit_price=line.unit_price)
                for line in told.lines
            ),
            place=Place(customer_key="c-1", address="1 Old Road"),
            context=self.context,
            token=uuid4().hex,
            total=told.charges.total,
        )
        placed = await place_order(self.connection, wish, merchant=self.shop, keys=KEYS)
        assert isinstance(placed, OrderPlaced)
        assert placed.total == told.charges.total
        self.number, self.paid = placed.number, placed.total.amount
        return placed

    async def change(self, change: Change) -> Money | None:
        """What it comes to, as it was told and as it was made; None where it may not be made."""
        wish = ChangeWish(customer_key="c-1", change=change, context=self.context)
        checked = await check_change(self.connection, wish, merchant=self.shop, keys=KEYS)
        if not isinstance(checked, ChangeChecked):
            return None
        pressed = ChangeWish(
            customer_key="c-1",
            change=change,
            context=self.context,
            token=uuid4().hex,
            amount=checked.amount + Money("0.01", "USD"),
        )
        # At a sum that was not told nothing is done.
        assert isinstance(
            await make_change(self.connection, pressed, merchant=self.shop, keys=KEYS), ChangeAltered
        )
        pressed = ChangeWish(
            customer_key="c-1",
            change=change,
            context=self.context,
            token=uuid4().hex,
            amount=checked.amount,
        )
        made = await make_change(self.connection, pressed, merchant=self.shop, keys=KEYS)
        assert isinstance(made, ChangeMade)
        assert made.amount == checked.amount
        if made.amount.amount < 0:
            self.returned -= made.amount.amount
        else:
            self.paid += made.amount.amount
        return made.amount

    async def read_refunded(self) -> Decimal:
        """What the order has on record as given back."""
        cursor = await self.connection.execute(
            "SELECT refunded FROM catalog_order WHERE number = %s AND merchant_id = %s",
            (self.number, self.shop),
        )
        row = await cursor.fetchone()
        assert row is not None
        return Decimal(row[0])

    async def deliver(self) -> None:
        await self.connection.execute(
            "UPDATE catalog_order SET status = 'delivered', delivered_at = placed_at"
            " WHERE number = %s AND merchant_id = %s",
            (self.number, self.shop),
        )


async def _order_and_change(
    shop: MerchantId,
    database: str,
    counts: dict[str, int],
    context: PriceContext,
    steps: list[tuple[str, int, int]],
) -> None:
    async with build_pool(database, most=2, wait=30) as pool, pool.connection() as connection:
        async with connection.transaction(force_rollback=True):
            sale = Sale(connection, shop=shop, context=context)
            placed = await sale.place(counts)
            await sale.deliver()
            skus = sorted(counts)
            for what, place, pieces in steps:
                sku = skus[place % len(skus)]
                if what == "return":
                    await sale.change(
                        ReturnItems(number=sale.number, items=(ItemCount(sku=Sku(sku), quantity=pieces),))
                    )
                elif sku in OTHER_SIZE:
                    swap = Swap(sku=Sku(sku), for_sku=Sku(OTHER_SIZE[sku]), quantity=pieces)
                    await sale.change(ExchangeItems(number=sale.number, swaps=(swap,)))
                assert await sale.read_refunded() == sale.returned
                assert sale.returned <= sale.paid
        async with connection.transaction(force_rollback=True):
            cancelled = Sale(connection, shop=shop, context=context)
            placed = await cancelled.place(counts)
            assert await cancelled.change(CancelOrder(number=cancelled.number)) == -placed.total
            assert await cancelled.read_refunded() == placed.total.amount
