"""A shop's settings: the snippet, and who may embed the chat."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.console.merchants import read_origin


def fill(merchant: Merchant, **changed: object) -> dict[str, object]:
    shown = {
        name: getattr(merchant, name)
        for name in (
            "name",
            "key",
            "currency",
            "locale",
            "timezone",
            "country",
            "shop_url",
            "books_within_hours",
        )
    }
    return {**shown, "active": "on", "allowed_origins": "\n".join(merchant.allowed_origins), **changed}


@pytest.fixture
def shop(database: str) -> Merchant:
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Corner Shop")


def page(shop: Merchant) -> str:
    return reverse("admin:catalog_merchant_change", args=[shop.pk])


def test_the_snippet_holds_the_key(owner: Client, shop: Merchant) -> None:
    shown = owner.get(page(shop)).content.decode()

    assert f"http://testserver/static/loader.js&quot; data-key=&quot;{shop.key}&quot;" in shown.replace(
        '"', "&quot;"
    )
    assert 'data-copy="#ca-snippet"' in shown
    assert f'href="/w/{shop.key}/"' in shown


@pytest.mark.parametrize(
    ("currency", "shipping"), [("USD", "6.50"), ("JPY", "6.500"), ("KWD", "6.500"), ("EUR", "6.50")]
)
def test_sums_have_the_decimals_of_the_currency(
    owner: Client, shop: Merchant, currency: str, shipping: str
) -> None:
    Merchant.objects.filter(pk=shop.pk).update(
        currency=currency, shipping_price="6.5", free_shipping_over=None, tax_percent="10"
    )

    form = owner.get(page(shop)).context["adminform"].form

    shown = [form[name].value() for name in ("shipping_price", "free_shipping_over", "tax_percent")]
    assert [None if each is None else str(each) for each in shown] == [shipping, None, "10"]


def test_sites_are_kept_as_origins(owner: Client, shop: Merchant) -> None:
    pasted = "https://Shop.Example/some/page?x=1\nhttp://localhost:3000\n\nhttps://shop.example"

    answer = owner.post(page(shop), fill(shop, allowed_origins=pasted))

    assert answer.status_code == 302
    shop.refresh_from_db()
    assert shop.allowed_origins == ["https://shop.example", "http://localhost:3000"]


@pytest.mark.parametrize(
    "written",
    [
        "shop.example",
        "ftp://shop.example",
        "https://*.example",
        "javascript:alert(1)",
        "https://",
        "*",
        "null",
    ],
)
def test_what_is_no_origin_is_refused(owner: Client, shop: Merchant, written: str) -> None:
    answer = owner.post(page(shop), fill(shop, allowed_origins=f"https://good.example\n{written}"))

    assert answer.status_code == 200
    assert written in str(answer.context["adminform"].form.errors["allowed_origins"].as_data())
    shop.refresh_from_db()
    assert shop.allowed_origins == []


def test_an_origin_never_ends_a_header() -> None:
    for written in ("https://a.example; script-src *", "https://a.example\r\nX: y", "https://u:p@a.example"):
        with pytest.raises(ValidationError):
            read_origin(written)


def test_a_shop_is_switched_off_not_deleted(owner: Client, shop: Merchant) -> None:
    gone = owner.post(reverse("admin:catalog_merchant_delete", args=[shop.pk]), {"post": "yes"})
    form = fill(shop)
    del form["active"]
    owner.post(page(shop), form)

    shop.refresh_from_db()
    assert gone.status_code == 403
    assert shop.active is False


def test_shops_of_scripts_are_not_shown(owner: Client, database: str) -> None:
    passing = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Passing", ephemeral=True)

    shown = owner.get(reverse("admin:catalog_merchant_changelist"), {"q": passing.key})

    assert shown.context["cl"].result_count == 0
