"""A feed is handed in by a browser, looked at, its columns named, and every refused row told."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import FeedDraft, ImportRun, Merchant, Variant
from catalog.tasks import index_products
from tests.console.conftest import published

HEAD = "id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\tbrand\n"
GOOD = "A-1\tTin mug\tHolds tea.\t/a\t/a.svg\tin_stock\t9.50 USD\tKettle\n"
BAD = "A-2\tLost mug\tNo price.\t/b\t/b.svg\tin_stock\t\tKettle\n"
FOREIGN = "Artikelnr\tName\tVK brutto\tKapazität\tid\nB-1\tTin mug\t9.50\t300 ml\t77\n"

ADD = "admin:catalog_importrun_add"


@pytest.fixture
def shop(database: str) -> Merchant:
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Mug Shop")


def hand_in(owner: Client, shop: Merchant, text: str | bytes, *, remove_missing: bool = False) -> object:
    body = text.encode() if isinstance(text, str) else text
    feed = SimpleUploadedFile("mugs.tsv", body, content_type="text/tab-separated-values")
    told = {"merchant": str(shop.pk), "feed": feed}
    return owner.post(reverse(ADD), {**told, "remove_missing": "on"} if remove_missing else told)


def press(owner: Client, address: str, button: str, **columns: str) -> object:
    """Sends the page's form as it stands, but for the columns given by their place."""
    form = owner.get(address).context["form"]
    stands = {name: field.initial for name, field in form.fields.items()}
    return owner.post(address, {**stands, **columns, button: "1"})


def test_a_feed_becomes_products_once_it_was_looked_at(owner: Client, shop: Merchant) -> None:
    answer = hand_in(owner, shop, HEAD + GOOD + BAD)
    preview = owner.get(answer["Location"])

    seen = preview.context["preview"]
    assert (seen.read, seen.created, seen.updated, seen.unchanged, seen.missing) == (2, 1, 0, 0, 0)
    assert [(row.line, row.id) for row in seen.refused] == [(3, "A-2")]
    # Among those that would be sold stands none that is refused.
    assert [item.title for item in seen.items] == ["Tin mug"]
    assert not Variant.objects.filter(merchant=shop).exists()
    assert not ImportRun.objects.filter(merchant=shop).exists()

    with published() as sent:
        done = press(owner, answer["Location"], "import")

    run = ImportRun.objects.get(merchant=shop)
    assert done["Location"] == reverse("admin:catalog_importrun_change", args=[run.pk])
    assert (run.file_name, run.status, run.read, run.created, run.refused) == ("mugs.tsv", "done", 2, 1, 1)
    assert list(Variant.objects.filter(merchant=shop).values_list("sku", flat=True)) == ["A-1"]
    assert [name for name, _ in sent] == [index_products.name]
    assert not FeedDraft.objects.filter(merchant=shop).exists()
    shown = owner.get(done["Location"]).content.decode()
    assert "A-2" in shown
    assert run.refusals[0]["reason"].split("<")[0][:10] in shown


def test_columns_of_other_names_are_said_once_and_kept(owner: Client, shop: Merchant) -> None:
    draft = hand_in(owner, shop, FOREIGN)["Location"]
    unnamed = owner.get(draft)
    named = {"column0": "id", "column1": "title", "column2": "price", "column4": "-"}

    assert "no column named title, price" in unnamed.context["problem"]
    assert [field.label for field in unnamed.context["form"]] == [
        "artikelnr",
        "name",
        "vk_brutto",
        "kapazität",
        "id",
    ]
    looked = press(owner, draft, "look", **named)
    assert looked.context["preview"].created == 1
    assert looked.context["preview"].items[0].details == (("kapazität", "300 ml"),)
    press(owner, draft, "import", **named)

    made = Variant.objects.get(merchant=shop)
    assert (made.sku, made.title, made.price.amount) == ("B-1", "Tin mug", Decimal("9.50"))
    again = owner.get(hand_in(owner, shop, FOREIGN.replace("9.50", "8.50"))["Location"])
    assert again.context["problem"] == ""
    assert (again.context["preview"].updated, again.context["preview"].created) == (1, 0)


def test_two_columns_cannot_hold_one_attribute(owner: Client, shop: Merchant) -> None:
    draft = hand_in(owner, shop, FOREIGN)["Location"]

    refused = press(owner, draft, "import", column0="title", column1="title", column2="price")

    assert refused.context["form"].errors == {"column1": ["artikelnr holds the title already."]}
    assert not Variant.objects.filter(merchant=shop).exists()


def test_the_preview_says_what_would_be_removed(owner: Client, shop: Merchant) -> None:
    press(owner, hand_in(owner, shop, HEAD + GOOD)["Location"], "import")

    other = hand_in(owner, shop, HEAD + GOOD.replace("A-1", "A-9"), remove_missing=True)["Location"]
    preview = owner.get(other)

    assert preview.context["preview"].missing == 1
    assert "would be removed" in preview.content.decode()
    assert Variant.objects.filter(merchant=shop, sku="A-1").exists()


def test_a_feed_that_is_not_wanted_leaves_nothing(owner: Client, shop: Merchant) -> None:
    draft = hand_in(owner, shop, HEAD + GOOD)["Location"]

    press(owner, draft, "discard")

    assert owner.get(draft).status_code == 404
    assert not FeedDraft.objects.filter(merchant=shop).exists()
    assert not Variant.objects.filter(merchant=shop).exists()


def test_drafts_go_after_a_day(owner: Client, shop: Merchant) -> None:
    hand_in(owner, shop, HEAD + GOOD)
    FeedDraft.objects.filter(merchant=shop).update(made_at=datetime.now(UTC) - timedelta(days=1, hours=1))

    hand_in(owner, shop, HEAD + GOOD)

    assert FeedDraft.objects.filter(merchant=shop).count() == 1


@pytest.mark.parametrize(
    "body", [b"\x00\x01\x02 not a feed", b"\x1f\x8bbroken", b"   "], ids=["binary", "gzip", "blank"]
)
def test_what_is_no_feed_is_refused_in_words(owner: Client, shop: Merchant, body: bytes) -> None:
    answer = hand_in(owner, shop, body)

    assert answer.status_code == 200
    assert "cannot be read as a product feed" in str(answer.context["form"].errors["feed"])
    assert not FeedDraft.objects.filter(merchant=shop).exists()


def test_an_xml_feed_is_looked_at_by_its_tags(owner: Client, shop: Merchant) -> None:
    feed = (
        "<rss><channel><item><sku>X-1</sku><title>Lamp</title><price>5.00 USD</price>"
        "<availability>in_stock</availability></item></channel></rss>"
    )
    draft = hand_in(owner, shop, feed)["Location"]
    looked = press(owner, draft, "look", column0="id")

    assert [field.label for field in looked.context["form"]] == ["sku", "title", "price", "availability"]
    assert (looked.context["preview"].created, looked.context["preview"].items[0].id) == (1, "X-1")


def test_the_page_asks_for_a_feed(owner: Client, shop: Merchant) -> None:
    assert owner.get(reverse(ADD)).status_code == 200
    assert owner.post(reverse(ADD), {}).context["form"].errors
