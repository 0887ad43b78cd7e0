import asyncio
from datetime import timedelta

import msgspec
import pytest
from asgiref.sync import sync_to_async
from moneyed import Money

from catalog.feeds import FeedItem, import_items, load_promotions
from catalog.ids import MerchantId, Sku
from catalog.inbox import apply_waiting, read_items, record_delivery
from catalog.inventory import StockSaid, set_stock, set_stocks
from catalog.models import Merchant, StockLevel
from catalog.orders import (
    EmptyOrder,
    LineChange,
    OrderItem,
    OrderPlaced,
    OrderRefused,
    OrderWish,
    Place,
    list_orders,
    place_order,
)
from catalog.pricing import PriceContext
from commerce_agent.isolation.connections import Pool
from tests.catalog.conftest import NOW

CONTEXT = PriceContext(now=NOW)


def line(sku: str, price: str, quantity: int = 1) -> OrderItem:
    return OrderItem(sku=Sku(sku), quantity=quantity, unit_price=Money(price, "USD"))


async def place(pool: Pool, shop: MerchantId, *lines: OrderItem, token: str = "one", context=CONTEXT):  # noqa: S107
    async with pool.connection() as connection:
        wish = OrderWish(lines=lines, place=Place(customer_key="c-1"), context=context, token=token)
        return await place_order(connection, wish, merchant=shop)


async def read_stock(pool: Pool, shop: MerchantId, sku: str) -> int | None:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT s.quantity FROM catalog_stocklevel s JOIN catalog_variant v ON v.id = s.variant_id"
            " WHERE v.merchant_id = %s AND v.sku = %s",
            (shop, sku),
        )
        row = await cursor.fetchone()
        assert row is not None
        return row[0]


async def count_orders(pool: Pool, shop: MerchantId) -> int:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT count(*) FROM catalog_order WHERE merchant_id = %s", (shop,)
        )
        row = await cursor.fetchone()
        assert row is not None
        return row[0]


async def test_the_last_piece_is_sold_once_though_a_feed_names_no_number(
    shop: MerchantId, pool: Pool
) -> None:
    for quantity in ("1", ""):
        item = FeedItem(
            id="FELL-BLU-9",
            title="Fell",
            price="89.00 USD",
            availability="in_stock",
            quantity=quantity,
            line=1,
        )
        await sync_to_async(import_items)(merchant=shop, items=[item], name="webhook", now=NOW)

    came = [await place(pool, shop, line("FELL-BLU-9", "89.00"), token=token) for token in ("a", "b")]

    assert [isinstance(each, OrderPlaced) for each in came] == [True, False]
    assert (await read_stock(pool, shop, "FELL-BLU-9"), await count_orders(pool, shop)) == (0, 1)


class Sender:
    """A shop's system that tells numbers of the blue boots, of which one piece at a time is sold here."""

    def __init__(self, *, shop: MerchantId, pool: Pool) -> None:
        self.shop = shop
        self.pool = pool

    async def tell(
        self, quantity: int, *, at: timedelta, booked_until: timedelta | None = None
    ) -> int | None:
        """What is on the shelf after it has said so."""
        booked = None if booked_until is None else NOW + booked_until
        said = StockSaid(
            sku=Sku("FELL-BLU-9"),
            quantity=quantity,
            availability="in_stock",
            at=NOW + at,
            booked_until=booked,
        )
        changed = await sync_to_async(set_stocks)(merchant=self.shop, said=(said,), source="webhook")
        left = await read_stock(self.pool, self.shop, "FELL-BLU-9")
        assert changed[Sku("FELL-BLU-9")].quantity == left
        return left

    async def sell(self, token: str) -> bool:
        """Whether an order at `NOW` had its piece."""
        placed = await place(self.pool, self.shop, line("FELL-BLU-9", "89.00"), token=token)
        return isinstance(placed, OrderPlaced)


@pytest.fixture
def sender(shop: MerchantId, pool: Pool) -> Sender:
    return Sender(shop=shop, pool=pool)


async def test_a_number_from_before_an_order_sells_no_piece_again(sender: Sender) -> None:
    assert await sender.tell(1, at=-timedelta(minutes=2)) == 1
    assert await sender.sell("a")

    assert await sender.tell(1, at=-timedelta(minutes=1)) == 0
    assert not await sender.sell("b")


async def test_an_old_number_that_is_said_to_be_of_now_sells_no_piece_again(sender: Sender) -> None:
    assert await sender.tell(1, at=-timedelta(minutes=2)) == 1
    assert await sender.sell("a")

    # Without an `at` a word is of when it came, and hours after the order it may not be booked.
    assert await sender.tell(1, at=timedelta(seconds=1)) == 0
    assert await sender.tell(1, at=timedelta(hours=23)) == 0
    assert not await sender.sell("b")
    # More came in, and nobody said that the order is counted.
    assert await sender.tell(3, at=timedelta(hours=23, minutes=1)) == 2
    # One fewer: that is the order.
    assert await sender.tell(2, at=timedelta(hours=23, minutes=2)) == 2
    assert await sender.tell(2, at=timedelta(hours=23, minutes=3)) == 2


async def test_a_number_is_believed_once_its_shop_should_have_booked_what_was_sold(
    sender: Sender, shop: MerchantId
) -> None:
    await Merchant.objects.filter(id=shop).aupdate(books_within_hours=2)
    assert await sender.tell(2, at=-timedelta(minutes=2)) == 2
    assert await sender.sell("a")

    assert await sender.tell(2, at=timedelta(minutes=119)) == 1
    assert await sender.tell(2, at=timedelta(minutes=120)) == 2


async def test_a_number_that_says_which_orders_it_counts_is_taken_at_its_word(sender: Sender) -> None:
    assert await sender.tell(5, at=-timedelta(minutes=2)) == 5
    assert [await sender.sell(token) for token in "abc"] == [True, True, True]

    # Two were sold by the warehouse itself: a fall that books nothing.
    assert await sender.tell(3, at=timedelta(hours=1), booked_until=timedelta(0)) == 0
    assert await sender.tell(2, at=timedelta(hours=2), booked_until=timedelta(seconds=1)) == 2


async def feed(shop: MerchantId, pool: Pool, quantity: int, *, title: str = "Fell boot") -> int | None:
    """What is on the shelf after a feed has said how many there are."""
    item = FeedItem(
        id="FELL-BLU-9",
        title=title,
        price="89.00 USD",
        quantity=str(quantity),
        availability="in_stock",
        link="https://tidewater.example/fell",
        line=1,
    )
    await sync_to_async(import_items)(merchant=shop, items=[item], name="test", now=NOW)
    return await read_stock(pool, shop, "FELL-BLU-9")


async def test_a_feed_shows_a_booking_by_the_number_that_is_on_the_shelf(
    sender: Sender, shop: MerchantId, pool: Pool
) -> None:
    assert await feed(shop, pool, 1) == 1
    assert await sender.sell("a")
    assert await feed(shop, pool, 0) == 0

    # One more came in, and the one that was sold is booked.
    assert await feed(shop, pool, 1) == 1
    assert [await sender.sell("b"), await sender.sell("c")] == [True, False]


@pytest.mark.parametrize("heard", ["webhook", "erp"])
async def test_an_old_feed_books_nothing_that_another_system_counts(
    sender: Sender, shop: MerchantId, pool: Pool, heard: str
) -> None:
    assert await sender.tell(10, at=-timedelta(minutes=2)) == 10
    assert [await sender.sell(token) for token in "abc"] == [True, True, True]
    await StockLevel.objects.filter(variant__merchant_id=shop, variant__sku="FELL-BLU-9").aupdate(heard=heard)

    assert await feed(shop, pool, 5) == 2
    # That system has not booked them yet.
    assert await sender.tell(10, at=timedelta(minutes=1)) == 7


async def test_a_product_that_was_told_before_a_sale_does_not_count_it(
    sender: Sender, shop: MerchantId, pool: Pool
) -> None:
    await Merchant.objects.filter(id=shop).aupdate(books_within_hours=0)
    item = {"id": "FELL-BLU-9", "title": "Fell boot", "price": "89.00 USD", "quantity": "8"}
    told = {"id": "p", "kind": "product", "item": item, "at": NOW - timedelta(seconds=5)}
    body = msgspec.json.encode(told)
    assert await sender.sell("a")

    async with pool.connection() as connection:
        items = read_items(body)
        await record_delivery(connection, merchant=shop, via="test", items=items, size=len(body), at=NOW)
    await sync_to_async(apply_waiting)(merchant=shop, now=NOW + timedelta(seconds=5))

    assert await read_stock(pool, shop, "FELL-BLU-9") == 7


async def test_a_feed_that_names_an_old_number_sells_no_piece_again(
    sender: Sender, shop: MerchantId, pool: Pool
) -> None:
    assert await feed(shop, pool, 2) == 2
    assert await sender.sell("a")

    assert await feed(shop, pool, 2, title="Fell boots") == 1
    assert await feed(shop, pool, 1) == 1
    assert await sender.tell(1, at=timedelta(minutes=1)) == 1
    assert [await sender.sell("b"), await sender.sell("c")] == [True, False]


async def test_what_somebody_has_counted_holds(sender: Sender, shop: MerchantId) -> None:
    assert await sender.tell(1, at=-timedelta(minutes=2)) == 1
    assert await sender.sell("a")

    await sync_to_async(set_stock)(
        merchant=shop, sku=Sku("FELL-BLU-9"), quantity=2, at=NOW + timedelta(minutes=1), source="admin"
    )
    assert await sender.tell(2, at=timedelta(minutes=2)) == 2


async def test_order_takes_the_stock_and_is_found_again(shop: MerchantId, pool: Pool) -> None:
    placed = await place(pool, shop, line("FELL-BLU-9", "89.00", 2), line("SOCK-M", "18.00"))

    assert isinstance(placed, OrderPlaced)
    assert placed.total == Money("196.00", "USD")
    assert [(change.sku, change.quantity, change.version) for change in placed.changes] == [
        ("FELL-BLU-9", 3, 2)
    ]
    assert await read_stock(pool, shop, "FELL-BLU-9") == 3
    async with pool.connection() as connection:
        (found,) = await list_orders(connection, merchant=shop, customer_key="c-1")
        assert await list_orders(connection, merchant=shop, customer_key="c-2") == ()
    assert (found.number, found.status, found.total) == (placed.number, "pending", placed.total)
    assert found.lines == placed.lines


async def test_same_token_places_one_order(shop: MerchantId, pool: Pool) -> None:
    placed = await asyncio.gather(*[place(pool, shop, line("CAFE", "31.95")) for _ in range(6)])

    assert {each.number for each in placed} == {placed[0].number}
    assert await count_orders(pool, shop) == 1
    assert await read_stock(pool, shop, "CAFE") == 0


async def test_fifty_shoppers_and_one_piece_left_make_one_order(shop: MerchantId, pool: Pool) -> None:
    results = await asyncio.gather(
        *[place(pool, shop, line("CAFE", "31.95"), token=f"t-{shopper}") for shopper in range(50)]
    )

    assert sum(isinstance(result, OrderPlaced) for result in results) == 1
    refused = [result for result in results if isinstance(result, OrderRefused)]
    assert {refusal.changes for refusal in refused} == {
        (LineChange(sku=Sku("CAFE"), kind="stock", wanted=1, actual=0),)
    }
    assert await read_stock(pool, shop, "CAFE") == 0


async def test_orders_for_the_same_goods_in_any_order_do_not_wait_for_each_other(
    shop: MerchantId, pool: Pool
) -> None:
    one, other = line("FELL-BLU-9", "89.00"), line("TARN-RED-9", "95.00")

    results = await asyncio.gather(
        *[
            place(pool, shop, *(pair if turn % 2 else reversed(pair)), token=f"t-{turn}")
            for turn, pair in enumerate([(one, other)] * 12)
        ]
    )

    assert sum(isinstance(result, OrderPlaced) for result in results) == 5
    assert await read_stock(pool, shop, "FELL-BLU-9") == 0
    assert await read_stock(pool, shop, "TARN-RED-9") == 3


async def test_changed_price_stock_or_range_orders_nothing_and_says_what(
    shop: MerchantId, pool: Pool
) -> None:
    result = await place(
        pool,
        shop,
        line("CAFE", "29.00"),
        line("SKUA-WHT-9", "139.50", 3),
        line("GONE", "1.00"),
        line("SOCK-L", "18.00"),
    )

    assert result == OrderRefused(
        changes=(
            LineChange(
                sku=Sku("CAFE"), kind="price", wanted=Money("29.00", "USD"), actual=Money("31.950", "USD")
            ),
            LineChange(sku=Sku("SKUA-WHT-9"), kind="stock", wanted=3, actual=2),
            LineChange(sku=Sku("GONE"), kind="gone", wanted=1, actual=None),
        )
    )
    assert await count_orders(pool, shop) == 0
    assert await read_stock(pool, shop, "SOCK-L") == 9


async def test_preorder_is_sold_without_counting(shop: MerchantId, pool: Pool) -> None:
    placed = await place(pool, shop, line("HARBOUR", "64.00", 2))

    assert isinstance(placed, OrderPlaced)
    assert (placed.total, placed.changes) == (Money("128.00", "USD"), ())


@pytest.fixture
def gold_shop(shop: MerchantId) -> MerchantId:
    source = "[{code: null, title: Gold, discount: {percent: 10}, requires: {tier: gold}}]"
    load_promotions(merchant=shop, source=source, now=NOW)
    return shop


async def test_price_told_to_a_tier_is_the_price_charged(gold_shop: MerchantId, pool: Pool) -> None:
    gold = PriceContext(now=NOW, tier="gold")

    refused = await place(pool, gold_shop, line("CAFE", "31.95"), context=gold)
    placed = await place(pool, gold_shop, line("CAFE", "28.76"), context=gold)

    assert isinstance(refused, OrderRefused)
    assert isinstance(placed, OrderPlaced)
    assert placed.total == Money("28.76", "USD")


async def test_order_of_nothing_is_refused(shop: MerchantId, pool: Pool) -> None:
    for lines in ((), (line("CAFE", "31.95", 0),), (line("CAFE", "31.95"), line("CAFE", "31.95"))):
        with pytest.raises(EmptyOrder):
            await place(pool, shop, *lines)

    assert await count_orders(pool, shop) == 0
