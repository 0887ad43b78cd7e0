"""The law of stock where numbers come by webhook: no more is sold or set aside than was told last and is not sold yet.

A warehouse of the test's own counts, books orders when it comes to it, has goods come in, and tells numbers: late,
out of order, once more with a new time, without a time. It keeps to what the README asks of a sender: a number counts
every order that is older than its shop takes to book one, and is counted no earlier than the number told before it.
"""

import asyncio
from datetime import datetime, timedelta
from itertools import count
from uuid import uuid4

import msgspec
import pytest
from asgiref.sync import sync_to_async
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.ids import MerchantId
from catalog.inbox import apply_waiting, read_items, record_delivery
from catalog.inventory import set_stock
from catalog.models import Merchant
from catalog.orders import OrderPlaced, place_order, reserve_items
from commerce_agent.isolation.connections import build_pool
from tests.catalog.conftest import BLUE, NOW, Pool
from tests.catalog.ordering import wish

HOURS = 2
BOOKED_WITHIN = timedelta(hours=HOURS)
RUNS = count(1)
LOOK = """
SELECT s.quantity, coalesce((SELECT sum(r.quantity)::int FROM catalog_reservation r
  WHERE r.merchant_id = v.merchant_id AND r.sku = v.sku AND r.expires_at > %(now)s), 0)
FROM catalog_stocklevel s JOIN catalog_variant v ON v.id = s.variant_id
WHERE v.merchant_id = %(merchant)s AND v.sku = %(sku)s
"""
WAYS = (
    "order",
    "order",
    "reserve",
    "book",
    "come in",
    "sell",
    "tell",
    "tell",
    "repeat",
    "write",
    "deliver",
    "wait",
)
STEPS = st.lists(st.tuples(st.sampled_from(WAYS), st.integers(1, 3)), max_size=12)


class Sale(msgspec.Struct, kw_only=True):
    """Pieces sold here."""

    at: datetime
    quantity: int
    booked: bool = False


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A number as the warehouse has counted it, and the pieces of earlier sales that it does not count."""

    at: datetime
    number: int
    counts: int
    """So many of the sales are booked in it, the oldest first."""
    booked_until: datetime | None = None


class Warehouse:
    """What is true, and what was said of it."""

    def __init__(self, *, shop: MerchantId, pool: Pool, now: datetime, exact: bool) -> None:
        self.shop, self.pool, self.now, self.exact = shop, pool, now, exact
        self.number = 5
        self.sales: list[Sale] = []
        self.last = Word(at=now, number=5, counts=0)
        self.written: list[Word] = []

    async def step(self, what: str, quantity: int) -> None:
        self.now += timedelta(seconds=1)
        match what:
            case "order" | "reserve":
                await self._sell_here(what, quantity)
            case "book":
                self._book(quantity)
            case "come in":
                self.number += quantity
            case "sell":
                # A fall of its own says nothing of orders; whoever has such says which orders it counts.
                self.number -= min(self.number, quantity) if self.exact else 0
            case "tell":
                await self._send(self._count(), say_when=quantity > 1)
            case "repeat":
                await self._send(msgspec.structs.replace(self.last, at=self.now), say_when=quantity > 1)
            case "write":
                self.written.append(self._count())
            case "deliver" if self.written:
                await self._send(self.written.pop(quantity % len(self.written)), say_when=True)
            case "wait":
                self.now += quantity * BOOKED_WITHIN / 4
                self._book_what_is_due()

    async def look(self) -> tuple[int, int]:
        """What is on the shelf, and what of it is set aside."""
        async with self.pool.connection() as lent:
            cursor = await lent.execute(LOOK, {"merchant": self.shop, "sku": BLUE, "now": self.now})
            left, held = await cursor.fetchone() or (0, 0)
        return left, held

    def _book(self, quantity: int) -> None:
        for sale in [each for each in self.sales if not each.booked][:quantity]:
            sale.booked = True
            self.number -= sale.quantity

    def _book_what_is_due(self) -> None:
        self._book(sum(not each.booked and each.at <= self.now - BOOKED_WITHIN for each in self.sales))

    def _count(self) -> Word:
        unbooked = [each.at for each in self.sales if not each.booked]
        until = min(unbooked, default=self.now) if self.exact else None
        booked = sum(each.booked for each in self.sales)
        return Word(at=self.now, number=max(self.number, 0), counts=booked, booked_until=until)

    def count_unbooked(self, word: Word) -> int:
        return sum(sale.quantity for sale in self.sales[word.counts :])

    async def _send(self, word: Word, *, say_when: bool) -> None:
        if any(sale.at <= word.at - BOOKED_WITHIN for sale in self.sales[word.counts :]):
            return
        event = {"id": uuid4().hex, "kind": "stock", "sku": BLUE, "quantity": word.number}
        event |= {"booked_until": word.booked_until} if word.booked_until else {}
        event |= {"at": word.at} if say_when else {}
        body = msgspec.json.encode(event)
        async with self.pool.connection() as lent:
            await record_delivery(
                lent, merchant=self.shop, via="test", items=read_items(body), size=len(body), at=self.now
            )
        await sync_to_async(apply_waiting)(merchant=self.shop, now=self.now)
        if word.at >= self.last.at:
            self.last = word

    async def _sell_here(self, what: str, quantity: int) -> None:
        asked = wish(uuid4().hex, quantity=quantity, now=self.now)
        async with self.pool.connection() as lent:
            if what == "reserve":
                await reserve_items(lent, asked, merchant=self.shop)
                return
            placed = await place_order(lent, asked, merchant=self.shop)
        if isinstance(placed, OrderPlaced):
            self.sales.append(Sale(at=self.now, quantity=quantity))


def test_no_more_is_sold_than_was_told_last(shop: MerchantId, database: str) -> None:
    Merchant.objects.filter(id=shop).update(books_within_hours=HOURS)
    with asyncio.Runner() as runner:
        pool = build_pool(database, most=1, wait=30)

        @settings(max_examples=15, deadline=None)
        @given(steps=STEPS, exact=st.booleans())
        def holds(steps: list[tuple[str, int]], exact: bool) -> None:
            runner.run(_play(shop, pool, steps, exact=exact))

        runner.run(pool.open())
        try:
            holds()
        finally:
            runner.run(pool.close())


async def _play(shop: MerchantId, pool: Pool, steps: list[tuple[str, int]], *, exact: bool) -> None:
    # Each run is later than the one before: a shop's words are not forgotten.
    now = NOW + next(RUNS) * timedelta(days=3)
    await sync_to_async(set_stock)(merchant=shop, sku=BLUE, quantity=5, at=now, source="admin")
    warehouse = Warehouse(shop=shop, pool=pool, now=now, exact=exact)
    for what, quantity in steps:
        await warehouse.step(what, quantity)
        left, held = await warehouse.look()
        # As told last, less what was sold here and that number does not count.
        assert left <= max(warehouse.last.number - warehouse.count_unbooked(warehouse.last), 0)
        assert held <= left
        if not exact:
            # Nothing leaves this warehouse but what was sold here: it can send all of it.
            assert warehouse.number >= sum(each.quantity for each in warehouse.sales if not each.booked)


@pytest.mark.parametrize("exact", [False, True])
async def test_a_word_after_each_booking_leaves_everything_to_sell(
    shop: MerchantId, pool: Pool, exact: bool
) -> None:
    now = NOW + timedelta(minutes=1)
    await sync_to_async(set_stock)(merchant=shop, sku=BLUE, quantity=5, at=now, source="admin")
    warehouse = Warehouse(shop=shop, pool=pool, now=now, exact=exact)
    left: list[int] = []
    for what, quantity in (("tell", 1), ("order", 2), ("book", 1), ("tell", 1), ("come in", 3), ("tell", 1)):
        await warehouse.step(what, quantity)
        left.append((await warehouse.look())[0])

    assert left == [5, 3, 3, 3, 3, 6]
