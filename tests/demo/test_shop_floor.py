"""The shop floor: what it changes, what it refuses, and that open chats hear of it."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from djmoney.money import Money
from pytest_django.fixtures import Settings

from catalog.events import CatalogEvent, PolicyChanged, PriceChanged, StockChanged
from catalog.models import Merchant, Policy, Variant
from commerce_agent.demo import shop_floor
from commerce_agent.demo.announcing import ChatsNotTold

SKU = "TEMPO-BLUE-9"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[CatalogEvent]:
    """What was announced, in order; the way through the broker is tried in the browser tests."""
    events: list[CatalogEvent] = []
    monkeypatch.setattr(shop_floor, "announce_change", events.append)
    return events


def change(client: Client, **fields: str) -> str:
    response = client.post("/shop-floor/", fields, follow=True)
    assert response.redirect_chain
    return response.content.decode()


def get_variant(shop: Merchant) -> Variant:
    return Variant.objects.select_related("stock").get(merchant=shop, sku=SKU)


def test_stock_is_changed_and_announced(shop: Merchant, told: list[CatalogEvent]) -> None:
    page = change(Client(), change="stock", sku=SKU, quantity="0")

    stock = get_variant(shop).stock
    assert (stock.quantity, stock.source) == (0, "shop floor")
    assert "TEMPO-BLUE-9 now has 0 in stock. Open chats hear of it." in page
    assert "TEMPO-BLUE-9: stock 0" in page
    [event] = told
    assert isinstance(event, StockChanged)
    assert (event.sku, event.quantity, event.version) == (SKU, 0, stock.version)


def test_a_price_is_changed_and_announced(shop: Merchant, told: list[CatalogEvent]) -> None:
    page = change(Client(), change="price", sku=SKU, price="89.50")

    assert get_variant(shop).price == Money("89.50", "USD")
    assert "TEMPO-BLUE-9 now costs $89.50. Open chats hear of it." in page
    [event] = told
    assert isinstance(event, PriceChanged)
    assert (event.sku, event.amount, event.currency) == (SKU, Decimal("89.50"), "USD")


def test_a_policy_gets_a_new_version(shop: Merchant, told: list[CatalogEvent]) -> None:
    page = change(
        Client(),
        change="policy",
        name="returns",
        scope="category",
        scope_value="Footwear",
        title="Returns of footwear",
        text="Thirty days, unworn.",
        terms="window_days: 30\nfree: true",
    )

    newest = Policy.objects.filter(merchant=shop, name="returns", scope_value="Footwear").order_by(
        "-version"
    )[0]
    assert (newest.version, newest.text) == (3, "Thirty days, unworn.")
    assert newest.terms == {"window_days": 30, "free": True}
    assert "Returns of footwear: version 3" in page
    [event] = told
    assert isinstance(event, PolicyChanged)
    assert (event.name, event.scope, event.scope_value, event.version) == (
        "returns",
        "category",
        "Footwear",
        3,
    )


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"change": "stock", "sku": SKU, "quantity": "-1"}, "quantity: Ensure this value is greater than"),
        ({"change": "stock", "sku": SKU, "quantity": "many"}, "quantity: Enter a whole number."),
        ({"change": "price", "sku": SKU, "price": "-5"}, "price: Ensure this value is greater than"),
        ({"change": "stock", "sku": "NOBODY", "quantity": "3"}, "NOBODY"),
        ({"change": "policy", "name": "returns"}, "text: This field is required."),
        (
            {
                "change": "policy",
                "name": "returns",
                "scope": "store",
                "title": "Returns",
                "text": "x",
                "terms": "- a\n- b",
            },
            "terms: Each line is a name, a colon and one plain value: window_days: 60.",
        ),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_with_its_reason(
    stocked: Merchant, told: list[CatalogEvent], fields: dict[str, str], complaint: str
) -> None:
    before = get_variant(stocked)
    policies = Policy.objects.filter(merchant=stocked).count()

    page = change(Client(), **fields)

    after = get_variant(stocked)
    assert complaint in page
    assert told == []
    assert (after.stock.version, after.price_version) == (before.stock.version, before.price_version)
    assert Policy.objects.filter(merchant=stocked).count() == policies


def test_a_broker_that_does_not_answer_is_said_and_the_change_stands(
    shop: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(event: CatalogEvent) -> None:
        raise ChatsNotTold

    monkeypatch.setattr(shop_floor, "announce_change", refuse)

    page = change(Client(), change="stock", sku=SKU, quantity="1")

    assert "The change stands, but open chats were not told" in page
    assert get_variant(shop).stock.quantity == 1


def test_without_a_csrf_token_nothing_is_changed(stocked: Merchant, told: list[CatalogEvent]) -> None:
    before = get_variant(stocked).stock.version

    response = Client(enforce_csrf_checks=True).post(
        "/shop-floor/", {"change": "stock", "sku": SKU, "quantity": "0"}
    )

    assert response.status_code == 403
    assert get_variant(stocked).stock.version == before
    assert told == []


def test_with_its_own_token_a_form_is_accepted(shop: Merchant, told: list[CatalogEvent]) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/shop-floor/").content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]

    response = client.post(
        "/shop-floor/", {"change": "stock", "sku": SKU, "quantity": "2", "csrfmiddlewaretoken": token}
    )

    assert response.status_code == 302
    assert get_variant(shop).stock.quantity == 2


def test_where_there_is_no_demo_shop_there_is_no_shop_floor(
    stocked: Merchant, settings: Settings, told: list[CatalogEvent]
) -> None:
    settings.DEMO_SHOP = False

    response = Client().post("/shop-floor/", {"change": "stock", "sku": SKU, "quantity": "0"})

    assert response.status_code == 404
    assert told == []


def test_the_floor_is_searched_by_sku_and_by_words(visitor: Client) -> None:
    def list_skus(words: str) -> list[str]:
        page = visitor.get("/shop-floor/", {"q": words}).content.decode()
        return re.findall(r'data-sku="([^"]+)"', page)

    assert list_skus("tempo-blue-9") == [SKU]
    assert list_skus("OWLET2") == ["OWLET2-RED", "OWLET2-FOREST"]
    assert set(list_skus("lantern")) >= {"LOFTLAMP-MUSTARD", "LOFTLAMP-FOREST"}
    assert list_skus("zzzz") == []
