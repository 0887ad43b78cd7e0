import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.feeds import FeedItem, FeedUnreadable, RefusedRow, import_feed, import_items
from catalog.feeds.details import parse_details
from catalog.feeds.importing import read_feed
from catalog.feeds.staging import find_common_start
from catalog.ids import MerchantId
from catalog.models import ImportRun, Product, StockLevel, Variant
from catalog.products.measures import find_measure
from tests.catalog.conftest import FEEDS, NOW

FORMS = ["tidewater.csv", "tidewater-packed", "tidewater-rss.xml", "tidewater-atom.xml"]


def read(name: str) -> list[dict[str, object]]:
    rows = list(read_feed(path=FEEDS / name))
    assert all(isinstance(row, FeedItem) for row in rows)
    return [
        {field: getattr(row, field) for field in FeedItem.__struct_fields__ if field != "line"}
        for row in rows
    ]


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_the_feed_reads_the_same(name: str) -> None:
    assert read(name) == read("tidewater.tsv")


def test_reading_tells_its_progress_in_bytes() -> None:
    seen: list[tuple[int, int]] = []
    path = FEEDS / "tidewater-packed"

    rows = list(read_feed(path=path, on_progress=lambda read, total: seen.append((read, total))))

    assert len(rows) == 13
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_import_makes_products_with_variants_stock_and_measures(merchant: MerchantId) -> None:
    report = import_feed(merchant=merchant, path=FEEDS / "tidewater.tsv", now=NOW)

    assert (report.read, report.created, report.updated, report.unchanged, report.refused) == (
        13,
        13,
        0,
        0,
        (),
    )
    fell = Product.objects.get(merchant_id=merchant, group_key="FELL")
    assert fell.title == "Fell Runner Trail Shoe"
    assert fell.category is not None
    assert fell.category.path == "Footwear > Running Shoes"
    assert fell.category.parent is not None
    assert fell.category.parent.path == "Footwear"
    blue = Variant.objects.get(merchant_id=merchant, sku="FELL-BLU-10")
    assert str(blue.price) == "$89.00"
    assert blue.colors == ["cobalt blue", "cobalt", "blue"]
    assert blue.attributes == {"weight": "255 g", "waterproof": "no", "drop": "6 mm"}
    assert blue.measures == {"weight": 255.0, "drop": 0.6}
    assert blue.stock.quantity == 0
    assert Variant.objects.get(merchant_id=merchant, sku="TARN-RED-9").measures["weight"] == 210.0
    assert Variant.objects.get(merchant_id=merchant, sku="CAFE").measures == {"capacity": 1.2}
    assert Variant.objects.get(merchant_id=merchant, sku="SOCK-M").stock.quantity is None


def test_second_import_changes_nothing(shop: MerchantId) -> None:
    versions = dict(Variant.objects.filter(merchant_id=shop).values_list("sku", "price_version"))

    report = import_feed(merchant=shop, path=FEEDS / "tidewater-rss.xml", now=NOW + timedelta(days=1))

    assert (report.created, report.updated, report.unchanged, report.missing) == (0, 0, 13, 0)
    assert dict(Variant.objects.filter(merchant_id=shop).values_list("sku", "price_version")) == versions
    assert set(Variant.objects.filter(merchant_id=shop).values_list("price_observed_at", flat=True)) == {NOW}


def test_changed_row_is_updated_and_its_versions_go_up(shop: MerchantId) -> None:
    item = FeedItem(
        id="CAFE",
        title="Café Stovetop Kettle",
        price="29.95 USD",
        availability="in_stock",
        quantity="7",
        line=2,
    )

    report = import_items(merchant=shop, items=[item], name="news", now=NOW + timedelta(hours=1))

    assert (report.created, report.updated, report.unchanged, report.missing, report.removed) == (
        0,
        1,
        0,
        12,
        0,
    )
    kettle = Variant.objects.get(merchant_id=shop, sku="CAFE")
    assert (str(kettle.price), kettle.price_version) == ("$29.95", 2)
    level = StockLevel.objects.get(variant=kettle)
    assert (level.quantity, level.version, level.source) == (7, 2, "feed")


def test_remove_missing_removes_what_the_feed_has_not_but_keeps_refused_rows(shop: MerchantId) -> None:
    items = [
        FeedItem(id="CAFE", title="Café Stovetop Kettle", price="31.95 USD", line=2),
        FeedItem(id="HARBOUR", title="Harbour Desk Lamp", price="a lot", line=3),
    ]

    report = import_items(merchant=shop, items=items, name="less", now=NOW, remove_missing=True)

    assert (report.missing, report.removed, len(report.refused)) == (11, 11, 1)
    assert set(Variant.objects.filter(merchant_id=shop).values_list("sku", flat=True)) == {"CAFE", "HARBOUR"}
    assert Product.objects.filter(merchant_id=shop).count() == 2


REFUSALS = {
    "no id": ({"id": ""}, "id is missing"),
    "no title": ({"title": ""}, "title is missing"),
    "no price": ({"price": ""}, "price is missing"),
    "words for a price": ({"price": "ask us"}, "price 'ask us' is not an amount such as '49.95 USD'"),
    "below nothing": ({"price": "-4.00 USD"}, "price '-4.00 USD' is negative"),
    "foreign money": ({"price": "4.00 EUR"}, "price is in EUR, the shop sells in USD"),
    "no such money": ({"price": "4.00 QQQ"}, "price '4.00 QQQ' names no currency that exists"),
    "sale above price": (
        {"sale_price": "50 USD"},
        "sale_price '50 USD' is higher than the price '40.00 USD'",
    ),
    "odd availability": (
        {"availability": "perhaps"},
        "availability 'perhaps' is not one of in_stock, out_of_stock, preorder, backorder",
    ),
    "half a piece": ({"quantity": "1.5"}, "quantity '1.5' is not a whole number"),
    "six stars": ({"rating": "6"}, "rating '6' is not a number from 0 to 5"),
    "script for a link": (
        {"link": "javascript:alert(1)"},
        "link 'javascript:alert(1)' is not a web address",
    ),
}


@pytest.mark.parametrize(("change", "reason"), REFUSALS.values(), ids=REFUSALS.keys())
def test_row_that_cannot_be_sold_is_refused_with_its_reason(
    merchant: MerchantId, change: dict[str, str], reason: str
) -> None:
    good = FeedItem(id="GOOD", title="Good", price="1 USD", line=2)
    bad = FeedItem(**{"id": "BAD", "title": "Bad", "price": "40.00 USD", **change}, line=3)

    report = import_items(merchant=merchant, items=[good, bad], name="two", now=NOW)

    assert report.refused == (RefusedRow(line=3, id=change.get("id", "BAD"), reason=reason),)
    assert list(Variant.objects.filter(merchant_id=merchant).values_list("sku", flat=True)) == ["GOOD"]
    run = ImportRun.objects.get(merchant_id=merchant)
    assert (run.status, run.read, run.refused) == ("done", 2, 1)
    assert run.refusals == [{"line": 3, "id": change.get("id", "BAD"), "reason": reason}]


def test_markup_and_other_capitals_are_not_the_goods(merchant: MerchantId) -> None:
    rows = (
        FeedItem(
            id="H-1", title="Fell <b>Beanie</b>  &amp; Scarf", price="20 USD", brand="NORDKAP",
            product_type="Hats &gt; Beanies", line=2,
            description="<p>Our <b>best</b> beanie.</p><ul><li>Warm&nbsp;&lt; 5 °C</li></ul><script>x()</script>",
        ),
        FeedItem(id="H-2", title="Tarn Beanie", price="20 USD", brand="Nordkap", product_type="HATS > Beanies", line=3),
    )  # fmt: skip

    import_items(items=rows, merchant=merchant, name="hats", now=NOW)

    products = Product.objects.filter(merchant_id=merchant).order_by("group_key").select_related("brand")
    assert [product.title for product in products] == ["Fell Beanie & Scarf", "Tarn Beanie"]
    assert products[0].description == "Our best beanie.\nWarm < 5 °C"
    assert {product.brand.name for product in products if product.brand} == {"NORDKAP"}
    assert {product.category.path for product in products if product.category} == {"Hats > Beanies"}


def test_what_varies_may_stand_within_the_titles(merchant: MerchantId) -> None:
    titles = {
        "A": ("Aspen Red Trail Runner", "Aspen Blue Trail Runner", "Aspen Green Trail Runner"),
        "B": ("Red Mug 9 oz", "Blue Mug 9 oz"),
        "C": ("Aspen Red 9", "Aspen Blue 9"),
        "D": ("Anvil", "Bell"),
    }
    rows = [
        FeedItem(
            id=f"{group}-{at}", item_group_id=group, title=title, price="20 USD", brand="Aspen", size="9",
            line=len(titles) * at + ord(group),
        )
        for group, several in titles.items()
        for at, title in enumerate(several)
    ]  # fmt: skip

    import_items(items=rows, merchant=merchant, name="shoes", now=NOW)

    named = Product.objects.filter(merchant_id=merchant).order_by("group_key").values_list("title", flat=True)
    assert list(named) == ["Aspen Trail Runner", "Mug 9 oz", "Aspen", "Anvil"]


def test_same_id_twice_keeps_the_first(merchant: MerchantId) -> None:
    items = [
        FeedItem(id="A", title=title, price="1 USD", line=line) for line, title in ((2, "One"), (3, "Two"))
    ]

    report = import_items(merchant=merchant, items=items, name="two", now=NOW)

    assert [row.reason for row in report.refused] == ["id 'A' stands on line 2 already"]
    assert Variant.objects.get(merchant_id=merchant).title == "One"


def test_broken_lines_are_refused_and_the_rest_goes_in(merchant: MerchantId, tmp_path: Path) -> None:
    path = tmp_path / "broken.tsv"
    path.write_bytes(b"id\ttitle\tprice\nA\tAnvil\t10 USD\nB\tBell\nC\tBell \xff\t5 USD\nD\tDrum\t7 USD\n")

    report = import_feed(merchant=merchant, path=path, now=NOW)

    assert [(row.line, row.id, row.reason) for row in report.refused] == [
        (3, "B", "the row has 2 cells, the header has 3"),
        (4, "C", "the row has bytes that are not UTF-8 text"),
    ]
    assert (report.read, report.created) == (4, 2)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "it is empty."),
        (b"sku\tname\n1\t2\n", "its first row has no column named id, title, price."),
        (b"<rss><channel><item><id>1</id>", "its XML breaks off"),
        (b"<rss><channel></channel></rss>", "its XML has no item or entry."),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><rss><item/></rss>', "its XML declares entities or a DTD"),
    ],
    ids=["empty", "other columns", "torn XML", "no items", "entities"],
)
def test_unreadable_file_imports_nothing(
    merchant: MerchantId, tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "feed"
    path.write_bytes(content)

    with pytest.raises(FeedUnreadable) as refusal:
        import_feed(merchant=merchant, path=path, now=NOW)

    assert refusal.value.problem.startswith(problem)
    assert not Variant.objects.filter(merchant_id=merchant).exists()
    assert ImportRun.objects.get(merchant_id=merchant).status == "failed"


def test_torn_gzip_leaves_the_shop_as_it_was(shop: MerchantId, tmp_path: Path) -> None:
    header, *rows = (FEEDS / "tidewater.tsv").read_bytes().splitlines(keepends=True)
    changed = header + b"".join(rows).replace(b"89.00 USD", b"99.00 USD")
    path = tmp_path / "torn"
    path.write_bytes(gzip.compress(changed)[:-40])

    with pytest.raises(FeedUnreadable):
        import_feed(merchant=shop, path=path, now=NOW)

    assert str(Variant.objects.get(merchant_id=shop, sku="FELL-BLU-9").price) == "$89.00"


def test_details_keep_the_commas_and_colons_of_their_values() -> None:
    written = "Specs:finish:matt, powder coated,Specs:ratio:16:9,Other:made in:Wales"

    assert parse_details(written) == (
        ("finish", "matt, powder coated"),
        ("ratio", "16:9"),
        ("made in", "Wales"),
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.2 kg", 1200.0),
        ("8.5 oz", 240.970947),
        ("15 in", 38.1),
        ("1200 ml", 1.2),
        ("14 °F", -10.0),
        ("90 min", 1.5),
        ("350 lumens", 350.0),
        ("33.6", 33.6),
        ("1,200 g", 1200.0),
        ("16 10", None),
        ("waterproof", None),
        ("2 x 4 cm", None),
    ],
)
def test_measures_come_in_base_units(text: str, number: float | None) -> None:
    assert find_measure(text) == number


@pytest.mark.parametrize(
    ("one", "other", "start"),
    [
        ("Fell Runner, Red, 9", "Fell Runner, Blue, 9", "Fell Runner"),
        ("Oak Desk – small", "Oak Desk – large", "Oak Desk"),
        ("Anvil", "Bell", "Anvil"),
    ],
)
def test_product_is_named_by_what_its_variants_share(one: str, other: str, start: str) -> None:
    assert find_common_start(one, other=other) == start


@given(st.text(max_size=60))
def test_measures_never_fail_on_any_text(text: str) -> None:
    assert find_measure(text) is None or isinstance(find_measure(text), float)
