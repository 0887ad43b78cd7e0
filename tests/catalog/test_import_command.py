from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from catalog.models import Merchant, ShopVocabulary, Variant
from catalog.tasks import index_products
from tests.catalog.conftest import FEEDS


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was put into the queue; no worker listens in this test."""
    asked: list[str] = []
    monkeypatch.setattr(index_products, "delay", lambda *, merchant: asked.append(merchant))
    return asked


def test_command_imports_counts_and_asks_for_indexing(
    merchant: MerchantId, indexed: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    key = Merchant.objects.get(id=merchant).key
    feed = tmp_path / "feed.tsv"
    feed.write_bytes((FEEDS / "tidewater.tsv").read_bytes() + b"X\t\tNo price" + b"\t" * 18 + b"\n")
    refused = tmp_path / "refused.tsv"

    call_command("import_feed", feed, merchant=key, refused=refused)

    out, err = capsys.readouterr()
    assert "rows read" in out
    assert "14" in out
    assert "price is missing" in out
    assert "Reading" in err or "Writing" in err
    assert refused.read_text() == "line\tid\treason\n15\tX\tprice is missing\n"
    assert Variant.objects.filter(merchant_id=merchant).count() == 13
    assert indexed == [merchant]


def test_indexing_task_fills_the_vocabulary(merchant: MerchantId, indexed: list[str]) -> None:
    key = Merchant.objects.get(id=merchant).key
    call_command("import_feed", FEEDS / "tidewater.tsv", merchant=key)

    index_products(merchant=merchant)

    assert ShopVocabulary.objects.get(merchant_id=merchant).body["brands"][0] == "Highmark"


def test_command_makes_a_merchant(indexed: list[str], database: str) -> None:
    call_command("import_feed", FEEDS / "tidewater.csv", create="Tidewater Made Here")

    made = Merchant.objects.get(key="tidewater-made-here")
    assert (made.name, made.currency, made.variants.count()) == ("Tidewater Made Here", "USD", 13)
    delete_merchant(merchant=MerchantId(str(made.id)))


@pytest.mark.parametrize(
    ("file", "merchant_key", "says"),
    [
        (FEEDS / "nothing.tsv", None, "There is no file"),
        (FEEDS / "tidewater.tsv", "no-such-shop", "There is no merchant 'no-such-shop'"),
        (Path(__file__), None, "its first row has no column named"),
    ],
    ids=["no file", "no merchant", "no feed"],
)
def test_command_says_what_is_wrong(
    shop: MerchantId, indexed: list[str], file: Path, merchant_key: str | None, says: str
) -> None:
    key = merchant_key or Merchant.objects.get(id=shop).key

    with pytest.raises(CommandError, match=says):
        call_command("import_feed", file, merchant=key)

    assert indexed == []
