"""What the shop's own files promise: the shapes, the story, the pictures."""

from decimal import Decimal

import pytest
from defusedxml.ElementTree import fromstring

from commerce_agent.demo.content import RangeVariant, get_demo_shop
from commerce_agent.demo.drawing import draw_variant

SHOP = get_demo_shop()
BLUES = {"Blue", "Navy", "Teal"}


def get_price(variant: RangeVariant) -> Decimal:
    return variant.product.sale_price or variant.product.price


def get_grams(variant: RangeVariant) -> int:
    number, unit = variant.details["weight"].split()
    assert unit == "g"
    return int(number)


def list_running_shoes() -> dict[tuple[str, str], RangeVariant]:
    """One variant a product and colour, as search shows them."""
    return {
        (variant.product.key, variant.color): variant
        for variant in SHOP.variants
        if variant.category == "Footwear > Running Shoes"
    }


def test_there_are_120_products_in_348_variants_of_nine_brands() -> None:
    assert len({variant.product.key for variant in SHOP.variants}) == 120
    assert len(SHOP.variants) == 348
    assert len({variant.sku for variant in SHOP.variants}) == 348
    assert {variant.product.brand for variant in SHOP.variants} == {house.name for house in SHOP.sign.brands}
    assert len(SHOP.sign.brands) == 9


def test_under_100_dollars_there_are_six_running_shoes_and_one_of_them_is_blue() -> None:
    cheap = {key: shoe for key, shoe in list_running_shoes().items() if get_price(shoe) < 100}

    assert {product for product, _ in cheap} == {"TEMPO", "DASH", "LARK", "PLOVER", "MILEONE", "METRO"}
    assert [product for product, color in cheap if color in BLUES] == ["TEMPO"]


def test_no_trail_shoe_under_100_dollars_is_blue_either() -> None:
    trail = [variant for variant in SHOP.variants if variant.category == "Footwear > Trail Shoes"]

    assert not [v.sku for v in trail if get_price(v) < 100 and v.color in BLUES]


def test_lighter_shoes_than_the_blue_one_are_on_both_sides_of_100_dollars() -> None:
    shoes = list_running_shoes().values()
    blue = get_grams(next(shoe for shoe in shoes if shoe.product.key == "TEMPO"))
    lighter = {shoe.product.key for shoe in shoes if get_grams(shoe) < blue}

    assert blue == 262
    assert lighter == {"DASH", "LARK", "PLOVER", "METRO", "FEATHER", "RELAYPRO"}
    assert {shoe.product.key for shoe in shoes if get_grams(shoe) < blue and get_price(shoe) < 100} == {
        "DASH",
        "LARK",
        "PLOVER",
        "METRO",
    }


def test_the_blue_shoe_is_in_stock_in_every_size() -> None:
    stock = {variant.size: variant.quantity for variant in SHOP.variants if variant.product.key == "TEMPO"}

    assert set(stock) == {"8", "9", "10", "11"}
    assert min(stock.values()) > 3


@pytest.mark.parametrize(
    ("category", "details", "color", "size"),
    [
        ("Clothing > Jackets", {"waterproof": "yes"}, None, "M"),
        ("Footwear > Hiking Boots", {"width": "wide"}, None, None),
        ("Camping > Tents", {"sleeps": "2 people"}, "Red", None),
        ("Clothing > Scarves", {}, "Grey", None),
        ("Camping > Lighting > Batteries", {"battery": "4 × AAA"}, None, None),
    ],
)
def test_what_people_ask_for_is_in_stock(
    category: str, details: dict[str, str], color: str | None, size: str | None
) -> None:
    fitting = [
        variant
        for variant in SHOP.variants
        if variant.category == category
        and variant.quantity > 0
        and details.items() <= variant.details.items()
        and color in {None, variant.color}
        and size in {None, variant.size}
    ]

    assert fitting


def test_some_things_are_sold_out_some_nearly_and_some_on_sale() -> None:
    assert sorted(variant.sku for variant in SHOP.variants if variant.quantity == 0) == [
        "CLOUDLINE-PLUM-S",
        "CORRIE-RUST-10",
        "DRIZZLE-FOREST-L",
        "FELL-YELLOW-9",
        "METRO-WHITE-8",
    ]
    assert len([variant for variant in SHOP.variants if 0 < variant.quantity <= 3]) >= 8
    assert {v.product.key for v in SHOP.variants if v.product.sale_price} == {
        "PLOVER",
        "TORDRY",
        "STOKER",
        "LEAZIP",
        "COL70",
        "HEARTH4",
    }


def test_orders_of_the_shoppers_name_skus_of_the_range() -> None:
    skus = {variant.sku for variant in SHOP.variants}
    ordered = {line.sku for s in SHOP.regulars.shoppers for order in s.orders for line in order.lines}

    assert ordered <= skus
    assert [(shopper.key, shopper.tier) for shopper in SHOP.regulars.shoppers] == [
        ("s-maren", "gold"),
        ("s-idris", "silver"),
        ("s-june", "member"),
        ("s-teo", "member"),
    ]
    assert {s.tier for s in SHOP.regulars.shoppers} <= {tier.name for tier in SHOP.regulars.tiers}


def test_every_variant_has_a_picture_of_its_own_colour() -> None:
    for variant in SHOP.variants:
        colour = SHOP.sign.colors[variant.color]
        picture = draw_variant(variant=variant, colour=colour)
        root = fromstring(picture)

        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.get("aria-label") == (
            f"{variant.product.brand} {variant.product.name}, {variant.color.lower()}"
        )
        assert colour.main in picture
        assert "$" not in picture
        assert picture == draw_variant(variant=variant, colour=colour)
