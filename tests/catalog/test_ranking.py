"""What stands first, over an invented shop of cameras, laptops and what goes with them."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from catalog.feeds import import_feed
from catalog.ids import MerchantId
from catalog.merchants import create_merchant, delete_merchant
from catalog.products import (
    Correction,
    Filter,
    SearchQuery,
    SearchResult,
    WordMatch,
    index_products,
    search_products,
)
from catalog.products.titles import split_title
from commerce_agent.isolation.connections import Pool
from tests.catalog.conftest import FEEDS, NOW


@pytest.fixture(scope="module")
def quayside(database: str) -> Iterator[MerchantId]:
    merchant = MerchantId(str(create_merchant(key="t-quayside", name="Quayside", ephemeral=True).id))
    import_feed(merchant=merchant, path=FEEDS / "quayside.tsv", now=NOW)
    index_products(merchant=merchant, now=NOW)
    yield merchant
    delete_merchant(merchant=merchant)


Search = Callable[..., "SearchResult"]


async def search(
    pool: Pool, shop: MerchantId, text: str, *filters: Filter, by_attributes: bool = False, limit: int = 24
) -> SearchResult:
    query = SearchQuery(now=NOW, text=text, filters=filters, by_attributes=by_attributes, limit=limit)
    async with pool.connection() as connection:
        return await search_products(connection, merchant=shop, query=query)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("camera", {"CAM-Z5", "CAM-P2"}),
        ("cameras", {"CAM-Z5", "CAM-P2"}),
        ("camera case", {"CASE-Z5", "CASE-UNI"}),
        ("laptop", {"LAP-T480S", "LAP-T480"}),
        ("T480s", {"LAP-T480S"}),
        ("charger for Slate T480", {"CHG-T480", "CHG-UNI"}),
        ("charger compatible with T480", {"CHG-T480", "CHG-UNI"}),
        ("lens for Lumora Z mount", {"LENS-50", "LENS-P"}),
        ("slate t480", {"LAP-T480"}),
        ("27 inch monitor", {"MON-27", "MON-27C"}),
        ('27" monitor', {"MON-27", "MON-27C"}),
        ("68.6cm monitor", {"MON-27", "MON-27C"}),
        ("1tb solid state drive", {"SSD-1T", "SSD-1000"}),
        ("1000 GB ssd", {"SSD-1T", "SSD-1000"}),
        ("tn2110", {"TON-2110"}),
        ("TN 2110 toner", {"TON-2110"}),
        ("tn-2120", {"TON-2120"}),
        ("gl40 spray", {"SPRAY"}),
        ("head set", {"HEADSET"}),
        ("ear phones", {"INEAR"}),
        ("mousepad", {"PAD", "PAD-XL"}),
        ("mouse pad", {"PAD", "PAD-XL"}),
        ("note book", {"LAP-T480", "LAP-T480S"}),
        ("camra", {"CAM-Z5", "CAM-P2"}),
        ("lumora camers", {"CAM-Z5", "CAM-P2"}),
    ],
)
async def test_what_was_meant_stands_first(
    quayside: MerchantId, pool: Pool, text: str, first: set[str]
) -> None:
    result = await search(pool, quayside, text)

    assert {hit.sku for hit in result.hits[: len(first)]} == first


async def test_reason_of_each_word_is_told(quayside: MerchantId, pool: Pool) -> None:
    charger = (await search(pool, quayside, "charger for t480")).hits[0]
    synonym = (await search(pool, quayside, "earbuds")).hits[0]
    joined = (await search(pool, quayside, "head set")).hits[0]
    slip = await search(pool, quayside, "camra strap")

    assert (charger.sku, charger.why) == (
        "CHG-T480",
        (
            WordMatch(word="charger", met="charger", place="title"),
            WordMatch(word="t480", met="t480", place="goes_with"),
        ),
    )
    assert (synonym.sku, synonym.why) == (
        "INEAR",
        (WordMatch(word="earbuds", met="in ear headphones", place="title", how="synonym"),),
    )
    assert (joined.sku, joined.why[0]) == (
        "HEADSET",
        WordMatch(word="head", met="headset", place="title", how="spelling"),
    )
    assert slip.corrections == (Correction(written="camra", meant="camera"),)
    assert (slip.hits[0].sku, slip.hits[0].why[0]) == (
        "STRAP",
        WordMatch(word="camra", met="camera", place="title", how="spelling"),
    )


async def test_facets_and_price_bands_count_every_result_once(quayside: MerchantId, pool: Pool) -> None:
    result = await search(
        pool, quayside, "", Filter(field="category", op="=", value="Laptops"), by_attributes=True
    )
    everything = await search(pool, quayside, "", limit=50)

    assert [(facet.field, facet.values) for facet in result.facets] == [
        ("brand", (("Veldt", 2),)),
        ("category", (("Laptops", 2),)),
        ("color", (("Black", 2),)),
    ]
    assert [(facet.field, facet.values) for facet in result.attribute_facets] == [
        ("memory", (("16 GB", 1), ("8 GB", 1)))
    ]
    assert everything.total == 26
    assert sum(band.count for band in everything.price_bands) == 26
    for band in everything.price_bands:
        inside = [
            hit
            for hit in everything.hits
            if (band.low is None or hit.price.amount >= band.low)
            and (band.high is None or hit.price.amount < band.high)
        ]
        assert len(inside) == band.count
    assert everything.price_range == (Decimal("8.000"), Decimal("999.000"))


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Camera case for Cyber 5, black", "case"),
        ("Oak Dining Table with four chairs", "Table"),
        ("Set of 4 Wine Glasses", "Set Glasses"),
        ("2598 camera lens filter 6.7 cm Camera protection filter", "filter"),
        ("SH10 headphones/headset Head-band Black", "headphones headset"),
        ("For iPod car charger", "charger"),
        ("Women's Merino Crew Sock, Grey, M", "Sock"),
        ("AR8122", ""),
    ],
)
def test_title_says_what_the_thing_is(title: str, kind: str) -> None:
    assert split_title(title).kind == kind
