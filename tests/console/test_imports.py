"""A feed is handed in by a browser, and every refused row is told."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import ImportRun, Merchant, Variant
from catalog.tasks import index_products
from tests.console.conftest import published

HEAD = "id\ttitle\tdescription\tlink\timage_link\tavailability\tprice\tbrand\n"
GOOD = "A-1\tTin mug\tHolds tea.\t/a\t/a.svg\tin_stock\t9.50 USD\tKettle\n"
BAD = "A-2\tLost mug\tNo price.\t/b\t/b.svg\tin_stock\t\tKettle\n"

ADD = "admin:catalog_importrun_add"


@pytest.fixture
def shop(database: str) -> Merchant:
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Mug Shop")


def hand_in(owner: Client, shop: Merchant, text: str | bytes) -> object:
    body = text.encode() if isinstance(text, str) else text
    feed = SimpleUploadedFile("mugs.tsv", body, content_type="text/tab-separated-values")
    return owner.post(reverse(ADD), {"merchant": str(shop.pk), "feed": feed})


def test_a_feed_becomes_products(owner: Client, shop: Merchant) -> None:
    with published() as sent:
        answer = hand_in(owner, shop, HEAD + GOOD + BAD)

    run = ImportRun.objects.get(merchant=shop)
    assert answer["Location"] == reverse("admin:catalog_importrun_change", args=[run.pk])
    assert (run.file_name, run.status, run.read, run.created, run.refused) == ("mugs.tsv", "done", 2, 1, 1)
    assert list(Variant.objects.filter(merchant=shop).values_list("sku", flat=True)) == ["A-1"]
    assert [name for name, _ in sent] == [index_products.name]

    shown = owner.get(answer["Location"]).content.decode()
    assert "A-2" in shown
    assert run.refusals[0]["reason"].split("<")[0][:10] in shown


def test_what_is_no_feed_is_refused_in_words(owner: Client, shop: Merchant) -> None:
    answer = hand_in(owner, shop, b"\x00\x01\x02 not a feed")

    assert answer.status_code == 200
    assert answer.context["form"].errors["feed"]
    assert not Variant.objects.filter(merchant=shop).exists()


def test_the_page_asks_for_a_feed(owner: Client, shop: Merchant) -> None:
    assert owner.get(reverse(ADD)).status_code == 200
    assert owner.post(reverse(ADD), {}).context["form"].errors
