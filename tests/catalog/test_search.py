from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moneyed import Money

from catalog.feeds import load_promotions
from catalog.ids import GroupKey, MerchantId, Sku
from catalog.inventory import set_stock
from catalog.models import Variant
from catalog.products import (
    Correction,
    Filter,
    FilterRefused,
    SearchQuery,
    SearchResult,
    get_vocabulary,
    list_siblings,
    list_variants,
    search_products,
)
from catalog.products.filters import NEGATIONS
from commerce_agent.isolation.connections import Pool
from tests.catalog.conftest import NOW


async def search(
    pool: Pool, shop: MerchantId, text: str = "", *filters: Filter, **more: object
) -> SearchResult:
    async with pool.connection() as connection:
        query = SearchQuery(now=NOW, text=text, filters=filters, **more)  # type: ignore[arg-type]
        return await search_products(connection, merchant=shop, query=query)


def skus(result: SearchResult) -> list[str]:
    return [hit.sku for hit in result.hits]


async def test_words_find_products_collapsed_by_colour_with_one_in_stock_first(
    shop: MerchantId, pool: Pool
) -> None:
    result = await search(pool, shop, "trail shoes")

    assert result.all_words
    assert sorted(skus(result)) == ["FELL-BLU-9", "FELL-GRY-9"]
    blue = next(hit for hit in result.hits if hit.color == "Cobalt Blue")
    assert (blue.group, blue.siblings, blue.quantity, blue.price) == ("FELL", 2, 5, Money("89.00", "USD"))
    assert [(match.word, match.place) for match in blue.why] == [("trail", "title"), ("shoes", "title")]


async def test_category_filter_takes_the_tree_and_the_noun_but_no_accessories(
    shop: MerchantId, pool: Pool
) -> None:
    shoes = await search(pool, shop, "", Filter(field="category", op="=", value="shoes"))
    footwear = await search(pool, shop, "", Filter(field="category", op="=", value="Footwear"))

    assert sorted(skus(shoes)) == ["FELL-BLU-9", "FELL-GRY-9", "SKUA-WHT-9", "TARN-RED-9"]
    assert sorted(skus(footwear)) == [
        "BEN-BRN-9", "FELL-BLU-9", "FELL-GRY-9", "SKUA-WHT-9", "SOCK-M", "TARN-RED-9",
    ]  # fmt: skip
    assert dict(footwear.facets[0].values) == {"Corrie": 3, "Highmark": 2, "Skerry": 1}


async def test_price_filter_counts_the_sale_and_lists_what_was_too_dear(shop: MerchantId, pool: Pool) -> None:
    under = Filter(field="price", op="<=", value=100)

    result = await search(
        pool, shop, "running shoes", Filter(field="category", op="=", value="Running Shoes"), under
    )

    assert sorted(skus(result)) == ["FELL-BLU-9", "FELL-GRY-9", "TARN-RED-9"]
    assert result.total == 3
    assert result.price_range == (Decimal("89.000"), Decimal("95.000"))
    assert [(miss.hit.sku, miss.filter, miss.margin) for miss in result.near_misses] == [
        ("SKUA-WHT-9", under, 39.5)
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Filter(field="color", op="=", value="blue"), ["FELL-BLU-9"]),
        (Filter(field="color", op="=", value="grey"), ["FELL-GRY-9", "SOCK-L", "CAFE"]),
        (Filter(field="color", op="=", value="Black"), ["HARBOUR"]),
        (Filter(field="color", op="in", value=("red", "green")), ["TARN-RED-9", "MEADOW-GRN"]),
        (Filter(field="size", op="=", value="medium"), ["SOCK-M"]),
        (Filter(field="size", op="=", value="10"), ["FELL-BLU-10"]),
        (Filter(field="material", op="=", value="wool"), ["SOCK-L"]),
        (Filter(field="brand", op="=", value="fenwick"), ["MEADOW-GRN", "MEADOW-WHT", "HARBOUR"]),
        (Filter(field="waterproof", op="=", value="yes"), ["BEN-BRN-9"]),
        (Filter(field="weight", op="<=", value=200), ["SKUA-WHT-9", "SOCK-M"]),
        (Filter(field="rating", op=">=", value=4.7), ["SKUA-WHT-9", "SOCK-L"]),
        (Filter(field="brightness", op=">=", value=500), ["HARBOUR"]),
        (Filter(field="finish", op="=", value="powder coated"), ["MEADOW-GRN", "MEADOW-WHT"]),
        (Filter(field="no such thing", op="=", value="x"), []),
    ],
    ids=lambda value: f"{value.field} {value.op} {value.value}" if isinstance(value, Filter) else "",
)
async def test_filter_finds_exactly(shop: MerchantId, pool: Pool, asked: Filter, found: list[str]) -> None:
    result = await search(pool, shop, "", asked, limit=50)

    groups = {hit.sku for hit in result.hits}
    assert len(groups) == len(found)
    async with pool.connection() as connection:
        records = await list_variants(connection, merchant=shop, skus=(*map(Sku, found), *groups), now=NOW)
    assert {(records[Sku(sku)].group, records[Sku(sku)].color) for sku in found} == {
        (records[sku].group, records[sku].color) for sku in groups
    }


async def test_negation_keeps_what_does_not_say_but_silence_is_no_yes(shop: MerchantId, pool: Pool) -> None:
    not_mesh = await search(pool, shop, "", Filter(field="material", op="!=", value="mesh"), limit=50)
    not_dry = await search(pool, shop, "", Filter(field="waterproof", op="!=", value="no"), limit=50)

    assert "SHOE-CARE" in skus(not_mesh)
    assert "FELL-BLU-9" not in skus(not_mesh)
    assert skus(not_dry) == ["BEN-BRN-9"]


async def test_standing_size_keeps_goods_that_come_in_no_such_size(shop: MerchantId, pool: Pool) -> None:
    ten = Filter(field="size", op="=", value="10", standing=True)
    medium = Filter(field="size", op="=", value="M", standing=True)

    by_number = skus(await search(pool, shop, "", ten, limit=50))
    by_letter = skus(await search(pool, shop, "", medium, limit=50))

    assert {"FELL-BLU-10", "SOCK-M", "MEADOW-GRN"} <= set(by_number)
    assert not {"FELL-GRY-9", "SKUA-WHT-9"} & set(by_number)
    assert {"SOCK-M", "FELL-BLU-9", "MEADOW-GRN"} <= set(by_letter)
    assert "SOCK-L" not in by_letter


async def test_misspelt_words_are_corrected_and_said(shop: MerchantId, pool: Pool) -> None:
    result = await search(pool, shop, "meadwo labmp")

    assert sorted(skus(result)) == ["MEADOW-GRN", "MEADOW-WHT"]
    assert result.corrections == (
        Correction(written="meadwo", meant="meadow"),
        Correction(written="labmp", meant="lamp"),
    )


async def test_accents_plurals_synonyms_and_model_numbers_are_found(shop: MerchantId, pool: Pool) -> None:
    assert skus(await search(pool, shop, "cafe kettles")) == ["CAFE"]
    assert skus(await search(pool, shop, "HL-77")) == ["HARBOUR"]
    assert skus(await search(pool, shop, "merino trainers")) == ["SOCK-M"]
    assert sorted(skus(await search(pool, shop, "4006381333931"))) == ["FELL-BLU-9", "FELL-GRY-9"]


async def test_some_words_are_better_than_none_and_it_says_so(shop: MerchantId, pool: Pool) -> None:
    result = await search(pool, shop, "green kettle lamp")

    assert not result.all_words
    assert "MEADOW-GRN" in skus(result)
    assert skus(await search(pool, shop, "xylophone")) == []


async def test_order_by_price_and_by_a_measure(shop: MerchantId, pool: Pool) -> None:
    shoes = Filter(field="category", op="=", value="Running Shoes")

    assert skus(await search(pool, shop, "", shoes, order="weight"))[:2] == ["SKUA-WHT-9", "TARN-RED-9"]
    assert skus(await search(pool, shop, "", shoes, order="-price"))[:2] == ["SKUA-WHT-9", "TARN-RED-9"]


@pytest.fixture
def blue_sold_out(shop: MerchantId) -> MerchantId:
    for sku in ("FELL-BLU-9", "FELL-BLU-10"):
        set_stock(merchant=shop, sku=Sku(sku), quantity=0, at=NOW, source="test")
    return shop


async def test_only_in_stock_passes_over_the_sold_out(blue_sold_out: MerchantId, pool: Pool) -> None:
    shop = blue_sold_out

    result = await search(pool, shop, "trail shoes", in_stock=True)

    assert skus(result) == ["FELL-GRY-9"]
    assert [(miss.hit.color, miss.filter.field) for miss in result.near_misses] == [
        ("Cobalt Blue", "in_stock")
    ]


@pytest.fixture
def gold_shop(shop: MerchantId) -> MerchantId:
    load_promotions(
        merchant=shop,
        source="[{code: null, title: Gold, discount: {percent: 10}, applies_to: {category: Footwear},"
        " requires: {tier: gold}}]",
        now=NOW,
    )
    return shop


async def test_price_is_the_price_after_automatic_promotions(gold_shop: MerchantId, pool: Pool) -> None:
    shop = gold_shop
    under = Filter(field="price", op="<=", value=81)

    plain = await search(pool, shop, "trail shoes", under)
    gold = await search(pool, shop, "trail shoes", under, tier="gold")

    assert plain.total == 0
    assert {hit.price for hit in gold.hits} == {Money("80.10", "USD")}


async def test_nonsense_filter_says_what_is_wrong(shop: MerchantId, pool: Pool) -> None:
    with pytest.raises(FilterRefused, match="its value must be a number"):
        await search(pool, shop, "", Filter(field="price", op="<=", value="cheap"))


@pytest.fixture
def other(make_merchant) -> MerchantId:
    return make_merchant()


async def test_one_shop_never_finds_the_goods_of_another(
    shop: MerchantId, other: MerchantId, pool: Pool
) -> None:
    assert (await search(pool, other, "lamp")).total == 0
    async with pool.connection() as connection:
        assert await list_variants(connection, merchant=other, skus=(Sku("CAFE"),), now=NOW) == {}


FIELDS = st.sampled_from(
    [
        *[("price", value) for value in (18, 45, 89, 95.0, 120)],
        *[("rating", value) for value in (4, 4.4, 4.7)],
        *[("weight", value) for value in (60, 210, 240, 600)],
    ]
)
NUMERIC = st.builds(
    lambda pair, op: Filter(field=pair[0], op=op, value=pair[1]),
    FIELDS,
    st.sampled_from(["<=", ">=", "=", "!="]),
)
WORDED = st.sampled_from(
    [
        Filter(field=field, op=op, value=value)
        for field, values in {
            "brand": ("Corrie", "Highmark"),
            "color": ("blue", "grey", "red"),
            "size": ("9", "10", "L"),
            "material": ("mesh", "steel"),
        }.items()
        for value in values
        for op in ("=", "!=")
    ]
)


def meets(asked: Filter, record) -> bool:
    """The same law in Python, from what the item's record says."""
    if asked.op in NEGATIONS:
        return not meets(Filter(field=asked.field, op="=", value=asked.value), record)
    number = {
        "price": float(record.price.amount),
        "rating": record.rating,
        "weight": record.measures.get("weight"),
    }.get(asked.field)
    if asked.field in ("price", "rating", "weight"):
        if number is None:
            return False
        wanted = float(asked.value)
        return {"<=": number <= wanted, ">=": number >= wanted, "=": number == wanted}[asked.op]
    said = {
        "brand": (record.brand,),
        "color": record.colors,
        "size": (record.size, record.size[:1]),
        "material": tuple(record.material.split()),
    }[asked.field]
    return str(asked.value).lower() in {word.lower() for word in said}


async def test_no_hit_ever_violates_a_filter(shop: MerchantId, pool: Pool) -> None:
    async with pool.connection() as connection:
        everything = await search(pool, shop, limit=50)
        groups = {hit.group for hit in everything.hits}
        records = [
            record
            for group in groups
            for record in await list_siblings(connection, merchant=shop, group=GroupKey(group), now=NOW)
        ]
    assert len(records) == 13
    cases: list[tuple[Filter, ...]] = []

    @given(st.lists(NUMERIC | WORDED, min_size=1, max_size=3))
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def collect(filters: list[Filter]) -> None:
        cases.append(tuple(filters))

    collect()
    for filters in cases:
        result = await search(pool, shop, "", *filters, limit=50)
        fitting = [record for record in records if all(meets(asked, record) for asked in filters)]
        assert {(hit.group, hit.color) for hit in result.hits} == {
            (each.group, each.color) for each in fitting
        }
        assert {hit.sku for hit in result.hits} <= {each.sku for each in fitting}
        assert result.total == len(result.hits) == sum(band.count for band in result.price_bands)
        for miss in result.near_misses:
            near = next(record for record in records if record.sku == miss.hit.sku)
            assert [asked for asked in filters if not meets(asked, near)] == [miss.filter]


async def test_records_siblings_and_vocabulary(shop: MerchantId, pool: Pool) -> None:
    async with pool.connection() as connection:
        tarn = (await list_variants(connection, merchant=shop, skus=(Sku("TARN-RED-9"),), now=NOW))[
            Sku("TARN-RED-9")
        ]
        siblings = await list_siblings(connection, merchant=shop, group=GroupKey("FELL"), now=NOW)
        vocabulary = await get_vocabulary(connection, merchant=shop)

    assert (tarn.list_price, tarn.price, tarn.rating) == (Money("119.00", "USD"), Money("95.00", "USD"), 4.1)
    assert tarn.category == "Footwear > Running Shoes"
    assert [record.sku for record in siblings] == ["FELL-BLU-9", "FELL-BLU-10", "FELL-GRY-9"]
    assert vocabulary.brands == ("Highmark", "Corrie", "Fenwick", "Skerry")
    assert [category.path for category in vocabulary.categories][:3] == [
        "Care",
        "Care > Shoe Care",
        "Footwear",
    ]
    assert vocabulary.attributes["waterproof"] == ("no", "yes, with a membrane")
    assert "weight" in vocabulary.measures


@pytest.fixture
def sale_over(shop: MerchantId) -> MerchantId:
    Variant.objects.filter(merchant_id=shop, sku="TARN-RED-9").update(sale_ends=NOW - timedelta(seconds=1))
    return shop


async def test_sale_that_is_over_costs_the_list_price(sale_over: MerchantId, pool: Pool) -> None:
    result = await search(pool, sale_over, "tarn")

    assert [hit.price for hit in result.hits] == [Money("119.00", "USD")]
