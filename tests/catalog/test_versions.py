"""Items' words, promotions and orders of the built-in store carry versions that only rise, whoever writes them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from asgiref.sync import sync_to_async
from django.db import transaction
from moneyed import Money
from psycopg.errors import LockNotAvailable

from catalog.connectors import WHOLE, Connectors, OrderRecord, OrdersReading, PromotionTerms, build_sources
from catalog.connectors.readings import ItemReading, PriceReading, PromotionsReading, StockReading
from catalog.connectors.recorded import list_older_orders, list_older_promotions
from catalog.feeds import import_feed, load_promotions, remove_items
from catalog.ids import MerchantId
from catalog.inventory import set_stock
from catalog.models import Brand, Category, Merchant, Order, OrderStatus, Product, Promotion, Variant
from catalog.orders import set_order_status
from catalog.pricing import set_price
from commerce_agent.isolation.connections import Pool
from tests.catalog.conftest import BLUE, FEEDS, GOLD, NOW, RED
from tests.owning import connect_as_owner

LATER = NOW + timedelta(minutes=5)


async def read_words(pool: Pool, merchant: MerchantId) -> ItemReading:
    return (await build_sources(pool=pool).catalogue.read(merchant=merchant, keys=(BLUE,), now=NOW))[BLUE]


def find_product(merchant: MerchantId, sku: str = BLUE) -> Product:
    return Product.objects.get(merchant_id=merchant, variants__sku=sku)


def retitle(merchant: MerchantId) -> None:
    Product.objects.filter(id=find_product(merchant).id).update(title="Fell Runner 2")


def recolor(merchant: MerchantId) -> None:
    variant = Variant.objects.get(merchant_id=merchant, sku=BLUE)
    variant.color = "Navy"
    variant.save()


def rate(merchant: MerchantId) -> None:
    Product.objects.filter(id=find_product(merchant).id).update(rating=Decimal("3.9"))


def count_one_more_review(merchant: MerchantId) -> None:
    product = find_product(merchant)
    Product.objects.filter(id=product.id).update(rating_count=product.rating_count + 1)


def rename_brand(merchant: MerchantId) -> None:
    Brand.objects.filter(merchant_id=merchant, name="Corrie").update(name="Corrie & Sons")


def rename_shelf(merchant: MerchantId) -> None:
    Category.objects.filter(merchant_id=merchant, path="Footwear > Running Shoes").update(
        path="Footwear > Trail Shoes"
    )


def save_what_was_read_long_ago(merchant: MerchantId) -> None:
    """Whoever opened the form before others saved writes an old number back."""
    old = Variant.objects.get(merchant_id=merchant, sku=BLUE)
    recolor(merchant)
    old.color = "Teal"
    old.save()


def move_to_another_product(merchant: MerchantId) -> None:
    other = find_product(merchant, RED)
    Variant.objects.filter(merchant_id=merchant, sku=BLUE).update(product_id=other.id)


def come_back(merchant: MerchantId) -> None:
    variant = Variant.objects.get(merchant_id=merchant, sku=BLUE)
    variant.delete()
    variant.pk, variant.title, variant.words_version = None, "Fell Runner, again", 1
    variant.save(force_insert=True)


@pytest.mark.parametrize(
    "write",
    [
        retitle,
        recolor,
        rate,
        count_one_more_review,
        rename_brand,
        rename_shelf,
        save_what_was_read_long_ago,
        move_to_another_product,
        come_back,
    ],
)
async def test_other_words_have_a_higher_version(
    shop: MerchantId, pool: Pool, write: Callable[[MerchantId], None]
) -> None:
    retitled = await read_words(pool, shop)

    write(shop)

    written = await read_words(pool, shop)
    assert written.version > retitled.version > 0
    assert msgspec.structs.replace(written, version=retitled.version) != retitled


async def test_a_price_a_number_and_what_is_written_once_more_leave_the_words_version(
    shop: MerchantId, pool: Pool
) -> None:
    before = await read_words(pool, shop)
    variant = Variant.objects.get(merchant_id=shop, sku=BLUE)

    variant.price = Money(Decimal(80), "USD")
    variant.save()
    find_product(shop).save()

    assert (await read_words(pool, shop)).version == before.version


def test_two_who_change_one_item_do_so_one_after_the_other(shop: MerchantId, database: str) -> None:
    """So the later of two versions is never seen before the earlier."""
    product = find_product(shop)
    with connect_as_owner(database) as other:
        other.execute("SET lock_timeout = '50ms'")
        with transaction.atomic():
            recolor(shop)
            with pytest.raises(LockNotAvailable):
                other.execute("UPDATE catalog_product SET title = 'x' WHERE id = %s", [product.id])


async def test_an_item_that_comes_back_counts_its_price_and_its_stock_on(
    shop: MerchantId, build: Callable[..., Connectors]
) -> None:
    """Else what is kept of it would be taken for the later word, and nothing of it could be ordered."""

    def change() -> None:
        set_price(merchant=shop, sku=BLUE, price=Money(70, "USD"), at=NOW, source="test")
        set_stock(merchant=shop, sku=BLUE, quantity=1, at=NOW, source="test")

    def take_out_and_bring_in() -> None:
        for _ in range(2):
            remove_items(merchant=shop, skus=[BLUE])
            import_feed(merchant=shop, path=FEEDS / "tidewater.tsv", now=LATER)

    async def read(at: datetime) -> tuple[StockReading, PriceReading]:
        stock = await connectors.stock.read(merchant=shop, keys=(BLUE,), now=at)
        return stock[BLUE], (await connectors.price.read(merchant=shop, keys=(BLUE,), now=at))[BLUE]

    connectors = build("store")
    await sync_to_async(change)()
    assert [reading.version for reading in await read(NOW)] == [2, 2]

    await sync_to_async(take_out_and_bring_in)()

    stock, price = await read(LATER)
    assert (stock.version, stock.quantity, stock.stale) == (4, 5, False)
    assert (price.version, price.price.amount, price.stale) == (4, 89, False)


TEN, LIST = "TEN", "the list"


async def read_promotions(pool: Pool, merchant: MerchantId) -> dict[str, int]:
    """The versions of the promotions by their codes, and that of the list."""
    sources = build_sources(pool=pool)
    whole = (await sources.promotions.read(merchant=merchant, keys=(WHOLE,), now=NOW))[WHOLE]
    return {LIST: whole.version, **{one.code or one.title: one.version for one in whole.promotions}}


def find_ten(merchant: MerchantId) -> Promotion:
    return Promotion.objects.get(merchant_id=merchant, code=TEN)


def lower_it_by_more(merchant: MerchantId) -> None:
    Promotion.objects.filter(id=find_ten(merchant).id).update(percent=15)


def load_it_with_another_end(merchant: MerchantId) -> None:
    told = '[{"code": "TEN", "title": "Ten off", "discount": {"percent": 10}, "valid_until": "2026-06-01"}]'
    load_promotions(merchant=merchant, source=told, now=NOW)


def switch_it_off_in_a_form_opened_long_ago(merchant: MerchantId) -> None:
    old = find_ten(merchant)
    lower_it_by_more(merchant)
    old.active = False
    old.save()


def take_it_out_and_make_it_anew(merchant: MerchantId) -> None:
    ten = find_ten(merchant)
    ten.delete()
    ten.pk, ten.version = None, 1
    ten.save(force_insert=True)


@pytest.mark.parametrize(
    "write",
    [
        lower_it_by_more,
        load_it_with_another_end,
        switch_it_off_in_a_form_opened_long_ago,
        take_it_out_and_make_it_anew,
    ],
)
async def test_a_promotion_that_changes_has_a_higher_version_and_so_has_the_list(
    stocked: MerchantId, pool: Pool, write: Callable[[MerchantId], None]
) -> None:
    Promotion.objects.filter(id=find_ten(stocked).id).update(percent=12)
    before = await read_promotions(pool, stocked)

    write(stocked)

    after = await read_promotions(pool, stocked)
    assert after[TEN] > before[TEN] > 1
    assert after[LIST] == after[TEN] > before[LIST]


def take_it_out(merchant: MerchantId) -> None:
    find_ten(merchant).delete()


def add_another(merchant: MerchantId) -> None:
    Promotion.objects.create(merchant_id=merchant, title="Five off", percent=5)


def save_the_shop_as_it_was_read_long_ago(merchant: MerchantId) -> None:
    old = Merchant.objects.get(id=merchant)
    take_it_out(merchant)
    old.name = "Tidewater & Sons"
    old.save()


@pytest.mark.parametrize("write", [take_it_out, add_another, save_the_shop_as_it_was_read_long_ago])
async def test_a_list_of_promotions_that_changes_has_a_higher_version(
    stocked: MerchantId, pool: Pool, write: Callable[[MerchantId], None]
) -> None:
    before = await read_promotions(pool, stocked)

    write(stocked)

    after = await read_promotions(pool, stocked)
    assert after[LIST] > before[LIST] > 1
    assert after.get(TEN, before[TEN]) == before[TEN]


async def test_what_is_told_once_more_as_it_was_leaves_the_versions(stocked: MerchantId, pool: Pool) -> None:
    load_it_with_another_end(stocked)
    before = await read_promotions(pool, stocked)

    load_it_with_another_end(stocked)
    find_ten(stocked).save()
    Merchant.objects.get(id=stocked).save()

    assert await read_promotions(pool, stocked) == before


def test_two_who_change_promotions_of_one_shop_do_so_one_after_the_other(
    stocked: MerchantId, database: str
) -> None:
    """So the later of two versions is never seen before the earlier."""
    add_another(stocked)
    with connect_as_owner(database) as other:
        other.execute("SET lock_timeout = '50ms'")
        with transaction.atomic():
            lower_it_by_more(stocked)
            with pytest.raises(LockNotAvailable):
                other.execute("UPDATE catalog_promotion SET percent = 6 WHERE title = 'Five off'")


def tell_promotions(**versions: int) -> PromotionsReading:
    promotions = tuple(
        PromotionTerms(id=place, code=code, title="Off", percent=Decimal(5), version=version)
        for place, (code, version) in enumerate(versions.items())
    )
    return PromotionsReading(source="erp", observed_at=NOW, promotions=promotions)


def test_only_a_promotion_as_it_stood_before_is_older() -> None:
    known = tell_promotions(A=3, B=2)

    assert list_older_promotions(tell_promotions(a=2, B=3), known=known) == ("a",)
    # Neither is one that is told no more, nor one that nobody numbers.
    assert list_older_promotions(tell_promotions(B=2, C=1), known=known) == ()
    assert list_older_promotions(tell_promotions(A=0, B=0), known=known) == ()


async def test_each_change_of_an_order_raises_its_version(stocked: MerchantId, pool: Pool) -> None:
    async def read() -> list[tuple[str, int]]:
        read = await build_sources(pool=pool).orders.read(merchant=stocked, keys=(GOLD,), now=NOW)
        return [(order.status, order.version) for order in read[GOLD].orders]

    seen = [await read()]
    for status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        set_order_status(merchant=stocked, number="1001", status=status, at=NOW)
        seen.append(await read())
    Order.objects.filter(merchant_id=stocked).update(refunded=5)
    seen.append(await read())

    assert seen == [[("pending", 1)], [("shipped", 2)], [("delivered", 3)], [("delivered", 4)]]


def tell(**versions: int) -> OrdersReading:
    orders = tuple(
        OrderRecord(
            number=number,
            placed_at=NOW - timedelta(days=1),
            status="pending",
            total=Money(1, "USD"),
            lines=(),
            version=version,
        )
        for number, version in versions.items()
    )
    return OrdersReading(source="erp", observed_at=NOW, customer=GOLD, orders=orders)


def test_only_an_order_as_it_stood_before_is_older() -> None:
    known = tell(a=3, b=2)

    assert list_older_orders(tell(a=2, b=3), known=known) == ("a",)
    # Neither is one that is told no more, nor one that nobody numbers.
    assert list_older_orders(tell(b=2, c=1), known=known) == ()
    # Whoever does not number its orders tells none that is older.
    assert list_older_orders(tell(a=0, b=0), known=known) == ()
    assert list_older_orders(tell(a=0), known=tell(a=0)) == ()
