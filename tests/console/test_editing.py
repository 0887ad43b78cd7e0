"""What is changed here goes through the catalogue: it becomes a version, and open conversations hear of it."""

import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from catalog.events import PolicyChanged, PriceChanged, PromotionChanged, StockChanged
from catalog.models import Merchant, Policy, Product, Promotion, Variant
from catalog.tasks import index_products
from tests.console.conftest import list_events, published


def fill(variant: Variant, **changed: object) -> dict[str, object]:
    """The variant's form as the page shows it, with what is changed."""
    shown = {
        "quantity": variant.stock.quantity,
        "amount": f"{variant.price.amount:.2f}",
        "sale_amount": "" if variant.sale_price is None else f"{variant.sale_price.amount:.2f}",
    }
    words = ("title", "color", "size", "material", "pattern", "gtin", "mpn", "link", "image_link")
    return {**shown, **{name: getattr(variant, name) for name in words}, **changed}


def page(variant: Variant) -> str:
    return reverse("admin:catalog_variant_change", args=[variant.pk])


def test_stock_becomes_a_version_and_is_announced(owner: Client, variant: Variant) -> None:
    with published() as sent:
        answer = owner.post(page(variant), fill(variant, quantity=0))

    assert answer.status_code == 302
    after = Variant.objects.select_related("stock").get(pk=variant.pk)
    assert (after.stock.quantity, after.stock.version, after.stock.source) == (0, 2, "console")
    assert (after.price_version, after.availability) == (1, "out_of_stock")
    (event,) = list_events(sent)
    assert isinstance(event, StockChanged)
    assert (event.sku, event.quantity, event.version) == (variant.sku, 0, 2)


def test_a_price_becomes_a_version_and_is_announced(owner: Client, variant: Variant) -> None:
    with published() as sent:
        answer = owner.post(page(variant), fill(variant, amount="12.50", sale_amount="10.00"))

    assert answer.status_code == 302
    after = Variant.objects.select_related("stock").get(pk=variant.pk)
    assert (after.price.amount, after.sale_price.amount, after.price_version) == (
        Decimal("12.50"),
        Decimal("10.00"),
        2,
    )
    assert (after.stock.version, after.price_source) == (1, "console")
    (event,) = list_events(sent)
    assert isinstance(event, PriceChanged)
    assert (event.sku, event.amount, event.version) == (variant.sku, Decimal("10.00"), 2)


def test_saving_without_a_change_changes_nothing(owner: Client, variant: Variant) -> None:
    with published() as sent:
        answer = owner.post(page(variant), fill(variant))

    assert answer.status_code == 302
    after = Variant.objects.select_related("stock").get(pk=variant.pk)
    assert (after.price_version, after.stock.version) == (1, 1)
    assert sent == []


@pytest.mark.parametrize(
    "wrong",
    [{"amount": "-1"}, {"amount": "1.005"}, {"amount": "5.00", "sale_amount": "6.00"}, {"quantity": "-3"}],
)
def test_an_impossible_offer_is_refused(owner: Client, variant: Variant, wrong: dict[str, str]) -> None:
    with published() as sent:
        answer = owner.post(page(variant), fill(variant, **wrong))

    assert answer.status_code == 200
    assert answer.context["errors"]
    assert Variant.objects.get(pk=variant.pk).price_version == 1
    assert sent == []


def test_new_words_are_indexed(owner: Client, variant: Variant) -> None:
    with published() as sent:
        owner.post(page(variant), fill(variant, title="Quite another title"))

    after = Variant.objects.get(pk=variant.pk)
    assert (after.title, after.price, after.price_version) == ("Quite another title", variant.price, 1)
    assert [name for name, _ in sent] == [index_products.name]


def test_stock_is_changed_in_the_row_of_a_product(owner: Client, variant: Variant) -> None:
    product = variant.product
    rows = list(Variant.objects.filter(product=product).select_related("stock"))
    form: dict[str, object] = {
        "title": product.title,
        "description": product.description,
        "brand": product.brand_id,
        "category": product.category_id,
        "link": product.link,
        "variants-TOTAL_FORMS": len(rows),
        "variants-INITIAL_FORMS": len(rows),
    }
    for number, row in enumerate(rows):
        form[f"variants-{number}-id"] = row.pk
        form[f"variants-{number}-product"] = product.pk
        form[f"variants-{number}-amount"] = f"{row.price.amount:.2f}"
        form[f"variants-{number}-sale_amount"] = f"{row.sale_price.amount:.2f}" if row.sale_price else ""
        form[f"variants-{number}-quantity"] = 7_777 if row.pk == variant.pk else row.stock.quantity

    with published() as sent:
        answer = owner.post(reverse("admin:catalog_product_change", args=[product.pk]), form)

    assert answer.status_code == 302
    after = Variant.objects.select_related("stock").get(pk=variant.pk)
    assert (after.stock.quantity, after.stock.version, after.price_version) == (7_777, 2, 1)
    (event,) = list_events(sent)
    assert isinstance(event, StockChanged)
    assert (event.sku, event.quantity) == (variant.sku, 7_777)


def test_chosen_variants_are_marked_as_sold_out(owner: Client, variant: Variant) -> None:
    with published() as sent:
        owner.post(
            reverse("admin:catalog_variant_changelist"),
            {"action": "mark_sold_out", "_selected_action": [variant.pk]},
        )

    after = Variant.objects.select_related("stock").get(pk=variant.pk)
    assert (after.stock.quantity, after.stock.version) == (0, 2)
    assert [event.quantity for event in list_events(sent) if isinstance(event, StockChanged)] == [0]


def test_products_and_variants_are_neither_added_nor_deleted(owner: Client, variant: Variant) -> None:
    for name, key in (("product", variant.product_id), ("variant", variant.pk)):
        assert owner.get(reverse(f"admin:catalog_{name}_add")).status_code == 403
        gone = owner.post(reverse(f"admin:catalog_{name}_delete", args=[key]), {"post": "yes"})
        assert gone.status_code == 403
    assert Product.objects.filter(pk=variant.product_id).exists()


def make_policy(owner: Client, merchant: Merchant) -> Policy:
    name = f"gifts-{uuid.uuid4().hex[:8]}"
    answer = owner.post(
        reverse("admin:catalog_policy_add"),
        {
            "merchant": str(merchant.id),
            "name": name,
            "title": "Gift wrapping",
            "text": "We wrap gifts.",
            "terms": "fee: 3\ncolour: green",
            "scope": "store",
            "scope_value": "",
        },
    )
    assert answer.status_code == 302, answer.context["errors"]
    return Policy.objects.get(merchant=merchant, name=name)


def test_editing_a_policy_writes_the_next_version(owner: Client, merchant: Merchant) -> None:
    first = make_policy(owner, merchant)
    assert (first.version, first.terms) == (1, {"fee": 3, "colour": "green"})

    with published() as sent:
        answer = owner.post(
            reverse("admin:catalog_policy_change", args=[first.pk]),
            {"title": "Gift wrapping", "text": "We wrap gifts, free.", "terms": "fee: 0", "_continue": "1"},
        )

    second = Policy.objects.get(merchant=merchant, name=first.name, version=2)
    assert answer["Location"] == reverse("admin:catalog_policy_change", args=[second.pk])
    assert (second.text, second.terms) == ("We wrap gifts, free.", {"fee": 0})
    first.refresh_from_db()
    assert (first.version, first.text) == (1, "We wrap gifts.")
    (event,) = list_events(sent)
    assert isinstance(event, PolicyChanged)
    assert (event.name, event.version) == (first.name, 2)

    shown = owner.get(answer["Location"]).content.decode()
    assert "Version 1" in shown
    assert "Version 2" in shown
    assert "We wrap <del>gifts.</del><ins>gifts, free.</ins>" in shown
    assert "<li>fee: <del>3</del> <ins>0</ins></li><li>colour: <del>green</del> <ins>–</ins></li>" in shown


def test_an_earlier_version_cannot_be_rewritten(owner: Client, merchant: Merchant) -> None:
    first = make_policy(owner, merchant)
    change = reverse("admin:catalog_policy_change", args=[first.pk])
    owner.post(change, {"title": "Gift wrapping", "text": "Changed.", "terms": ""})

    answer = owner.post(change, {"title": "Gift wrapping", "text": "Forged.", "terms": ""})

    assert answer.status_code == 403
    assert list(Policy.objects.filter(name=first.name).values_list("version", "text")) == [
        (2, "Changed."),
        (1, "We wrap gifts."),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "sku", "scope_value": "NO-SUCH"},
        {"scope": "category", "scope_value": "No Such Shelf"},
        {"terms": "just words"},
        {"terms": "window: [1, 2]"},
        {"terms": "until: 2026-13-45"},
        {"terms": "fee: .nan"},
        {"text": ""},
    ],
)
def test_a_policy_that_says_nothing_is_refused(
    owner: Client, merchant: Merchant, wrong: dict[str, str]
) -> None:
    name = f"p-{uuid.uuid4().hex[:8]}"
    form = {
        "merchant": str(merchant.id),
        "name": name,
        "title": "T",
        "text": "Words.",
        "scope": "store",
        **wrong,
    }

    answer = owner.post(reverse("admin:catalog_policy_add"), form)

    assert answer.status_code == 200
    assert not Policy.objects.filter(name=name).exists()


def test_a_promotion_is_stored_and_announced(owner: Client, merchant: Merchant) -> None:
    title = f"Ten off {uuid.uuid4().hex[:8]}"
    form = {
        "merchant": str(merchant.id),
        "title": title,
        "code": "",
        "percent": "10",
        "scope": "store",
        "active": "on",
    }

    with published() as sent:
        answer = owner.post(reverse("admin:catalog_promotion_add"), form)

    assert answer.status_code == 302, answer.context["errors"]
    promotion = Promotion.objects.get(merchant=merchant, title=title)
    assert (promotion.code, promotion.percent) == (None, Decimal(10))
    (event,) = list_events(sent)
    assert isinstance(event, PromotionChanged)
    assert (event.title, event.code) == (title, None)

    Promotion.objects.filter(pk=promotion.pk).update(percent="12.5", min_total="30")
    shown = owner.get(reverse("admin:catalog_promotion_change", args=[promotion.pk]))
    said = shown.context["adminform"].form
    assert [str(said[name].value()) for name in ("percent", "amount", "min_total")] == [
        "12.5",
        "None",
        "30.00",
    ]


@pytest.mark.parametrize(
    "wrong", [{"percent": ""}, {"amount": "5"}, {"percent": "120"}, {"scope": "brand", "scope_value": ""}]
)
def test_a_promotion_that_means_nothing_is_refused(
    owner: Client, merchant: Merchant, wrong: dict[str, str]
) -> None:
    title = f"Bad {uuid.uuid4().hex[:8]}"
    form = {"merchant": str(merchant.id), "title": title, "percent": "10", "scope": "store", **wrong}

    answer = owner.post(reverse("admin:catalog_promotion_add"), form)

    assert answer.status_code == 200
    assert not Promotion.objects.filter(title=title).exists()
