"""Seeding: complete, repeatable, and undone by --reset."""

import io
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from djmoney.money import Money

from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from catalog.merchants import delete_merchant
from catalog.models import Merchant, Order, Policy, Promotion, Variant
from catalog.policies import set_policy
from catalog.pricing import set_price
from commerce_agent.demo.seeding import seed_shop

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def read_stopped_clock() -> datetime:
    return NOW


def test_a_second_seeding_changes_nothing(own_key: str) -> None:
    first = seed_shop(clock=read_stopped_clock, key=own_key)
    second = seed_shop(clock=read_stopped_clock, key=own_key)

    assert (first.products, first.variants) == (120, 348)
    assert (first.created, first.updated, first.unchanged) == (348, 0, 0)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 348)
    assert (first.policies, first.promotions, first.shoppers, first.orders) == (11, 4, 4, 9)
    assert (second.policies, second.promotions, second.shoppers, second.orders) == (11, 4, 4, 9)


def test_the_blue_shoe_arrives_as_the_range_tells_it(own_key: str) -> None:
    seed_shop(clock=read_stopped_clock, key=own_key)

    shoe = Variant.objects.select_related("product__category", "product__brand", "stock").get(
        merchant__key=own_key, sku="TEMPO-BLUE-9"
    )

    assert shoe.product.title == "Halden Tempo 3"
    assert shoe.product.category.path == "Footwear > Running Shoes"
    assert (shoe.color, shoe.size, shoe.price) == ("Blue", "9", Money("94.00", "USD"))
    assert (shoe.attributes["weight"], shoe.measures["weight"]) == ("262 g", 262)
    assert shoe.stock.quantity == 6
    assert shoe.link == "/shop/product/TEMPO/?sku=TEMPO-BLUE-9"
    assert shoe.image_link == "/shop/image/TEMPO-BLUE-9.svg"


def test_orders_are_dated_back_and_total_their_lines(own_key: str) -> None:
    seed_shop(clock=read_stopped_clock, key=own_key)

    order = Order.objects.get(merchant__key=own_key, number="CK-10412")

    assert order.customer_key == "s-maren"
    assert (NOW - order.placed_at).days == 214
    assert order.total == Money("145.00", "USD")
    assert [(line.sku, line.quantity) for line in order.lines.all()] == [
        ("TEMPO-BLUE-9", 1),
        ("FURROWLIGHT-GREY-M", 3),
    ]


def test_terms_have_the_scopes_of_their_files(own_key: str) -> None:
    seed_shop(clock=read_stopped_clock, key=own_key)

    returns = Policy.objects.filter(merchant__key=own_key, name="returns").order_by("scope", "scope_value")
    gold = Promotion.objects.get(merchant__key=own_key, title="Gold saves 10 percent on footwear")

    assert [(p.scope, p.scope_value, p.version, p.terms["window_days"]) for p in returns] == [
        ("category", "Coffee & Food", 1, 0),
        ("category", "Footwear", 2, 90),
        ("store", "", 3, 60),
    ]
    assert (gold.code, gold.percent, gold.requires_tier) == (None, Decimal(10), "gold")


def test_what_changed_on_the_shop_floor_stays_until_a_reset(own_key: str) -> None:
    seed_shop(clock=read_stopped_clock, key=own_key)
    merchant = Merchant.objects.get(key=own_key)
    merchant_id, sku = MerchantId(str(merchant.id)), Sku("TEMPO-BLUE-9")
    set_stock(merchant=merchant_id, sku=sku, quantity=0, at=NOW, source="test")
    set_price(merchant=merchant_id, sku=sku, price=Money("79.00", "USD"), at=NOW, source="test")
    set_policy(merchant=merchant_id, name="returns", text="Ten days.", terms={"window_days": 10}, at=NOW)

    seed_shop(clock=read_stopped_clock, key=own_key)
    kept = Variant.objects.select_related("stock").get(merchant=merchant, sku=sku)
    assert (kept.stock.quantity, kept.price) == (0, Money("79.00", "USD"))
    assert Policy.objects.filter(merchant=merchant, name="returns", scope="store").count() == 2

    seed_shop(clock=read_stopped_clock, key=own_key, reset=True)
    restored = Variant.objects.select_related("stock").get(merchant=merchant, sku=sku)
    assert (restored.stock.quantity, restored.price) == (6, Money("94.00", "USD"))
    assert restored.price_version > kept.price_version
    assert list(
        Policy.objects.filter(merchant=merchant, name="returns", scope="store").values_list("version")
    ) == [(3,)]
    assert Merchant.objects.get(key=own_key).id == merchant.id


@pytest.mark.usefixtures("stocked")
def test_the_command_prints_what_the_shop_holds() -> None:
    printed = io.StringIO()

    call_command("seed_demo", stdout=printed)

    assert printed.getvalue() == (
        "demo: 120 products in 348 variants (0 new, 0 updated, 348 unchanged), "
        "11 policies, 4 promotions, 4 shoppers with 9 orders.\n"
    )


def test_a_seeded_merchant_can_be_removed_whole(database: str) -> None:
    key = f"t-{uuid.uuid4().hex[:12]}"
    seed_shop(clock=read_stopped_clock, key=key)
    merchant = Merchant.objects.get(key=key)

    delete_merchant(merchant=MerchantId(str(merchant.id)))

    assert not Variant.objects.filter(merchant_id=merchant.id).exists()
