"""Behind the counter, demo only: change a stock level, a price or a policy and watch an open chat react."""

from datetime import UTC, datetime

import msgspec
import yaml
from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods
from djmoney.money import Money

from catalog.errors import CatalogError
from catalog.events import CatalogEvent
from catalog.ids import MerchantId, Sku
from catalog.inventory import set_stock
from catalog.models import Merchant, Policy, Variant
from catalog.policies import set_policy
from catalog.pricing import set_price
from commerce_agent.demo.announcing import ChatsNotTold, announce_change
from commerce_agent.demo.finding import find_products
from commerce_agent.demo.forms import PolicyForm, PriceForm, StockForm
from commerce_agent.demo.pages import OpenShop, shop_page
from commerce_agent.demo.shelves import get_price_tag, get_stock

SOURCE = "shop floor"
ROWS = 24
CHANGES = 8
FIRST_LOOK = "Tempo 3"
"""What stands on the floor before anyone has searched."""


class FloorRow(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU with what can be changed of it."""

    sku: str
    title: str
    choice: str
    image: str
    link: str
    stock_text: str
    mood: str
    quantity: int | None
    price_text: str
    amount: str


class PolicyPaper(msgspec.Struct, frozen=True, kw_only=True):
    """The newest version of a policy, ready to be rewritten."""

    name: str
    title: str
    scope: str
    scope_value: str
    where: str
    version: int
    text: str
    terms: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was changed here."""

    text: str
    at: datetime


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@csrf_protect
@shop_page
def show_shop_floor(request: HttpRequest, shop: OpenShop) -> HttpResponse:
    """Shows SKUs and policies with their forms; a POST changes one, tells the open chats and leads back."""
    if request.method == "POST":
        _change(request, merchant=shop.merchant)
        back = reverse("shop-floor")
        words = request.POST.get("q", "")
        return HttpResponseRedirect(f"{back}?{urlencode({'q': words})}" if words else back)
    words = request.GET.get("q", "").strip()[:200]
    now = datetime.now(UTC)
    context = {
        "shop": shop,
        "title": "Shop floor",
        "asked": words,
        "rows": _list_rows(merchant=shop.merchant, words=words or FIRST_LOOK, now=now),
        "policies": _list_papers(merchant=shop.merchant),
        "changes": _list_changes(merchant=shop.merchant),
    }
    return render(request, "storefront/shop_floor.html", context)


def _change(request: HttpRequest, *, merchant: Merchant) -> None:
    doors = {"stock": (StockForm, _change_stock), "price": (PriceForm, _change_price)}
    form_class, door = doors.get(request.POST.get("change", ""), (PolicyForm, _change_policy))
    form = form_class(request.POST)
    if not form.is_valid():
        for field, problems in form.errors.items():
            messages.error(request, f"{field}: {' '.join(map(str, problems))}")
        return
    try:
        event, told = door(merchant, form)
        announce_change(event)
    except (CatalogError, ChatsNotTold) as error:
        messages.error(request, str(error))
        return
    messages.success(request, f"{told} Open chats hear of it.")


def _change_stock(merchant: Merchant, form: forms.Form) -> tuple[CatalogEvent, str]:
    sku, quantity = form.cleaned_data["sku"], form.cleaned_data["quantity"]
    event = set_stock(
        merchant=MerchantId(str(merchant.id)),
        sku=Sku(sku),
        quantity=quantity,
        at=datetime.now(UTC),
        source=SOURCE,
    )
    return event, f"{sku} now has {quantity} in stock."


def _change_price(merchant: Merchant, form: forms.Form) -> tuple[CatalogEvent, str]:
    sku = form.cleaned_data["sku"]
    price = Money(form.cleaned_data["price"], merchant.currency)
    event = set_price(
        merchant=MerchantId(str(merchant.id)),
        sku=Sku(sku),
        price=price,
        at=datetime.now(UTC),
        source=SOURCE,
    )
    return event, f"{sku} now costs {price}."


def _change_policy(merchant: Merchant, form: forms.Form) -> tuple[CatalogEvent, str]:
    said = form.cleaned_data
    event = set_policy(
        merchant=MerchantId(str(merchant.id)),
        name=said["name"],
        title=said["title"],
        text=said["text"],
        terms=said["terms"],
        scope=said["scope"],
        scope_value=said["scope_value"],
        at=datetime.now(UTC),
    )
    return event, f"“{said['title']}” has a new version."


def _list_rows(*, merchant: Merchant, words: str, now: datetime) -> list[FloorRow]:
    mine = Variant.objects.filter(merchant=merchant).select_related("product", "product__brand", "stock")
    variants = list(mine.filter(Q(sku__iexact=words) | Q(sku__istartswith=f"{words}-")).order_by("position"))
    if not variants:
        keys = find_products(merchant=merchant, words=words, now=now).keys
        found = mine.filter(product__group_key__in=keys).order_by("position")
        variants = sorted(found, key=lambda variant: keys.index(variant.product.group_key))
    return [_make_row(variant=variant, now=now) for variant in variants[:ROWS]]


def _make_row(*, variant: Variant, now: datetime) -> FloorRow:
    level = getattr(variant, "stock", None)
    stock = get_stock(variant)
    tag = get_price_tag(variant=variant, now=now)
    return FloorRow(
        sku=variant.sku,
        title=variant.product.title,
        choice=", ".join(part for part in (variant.color, variant.size) if part),
        image=variant.image_link,
        link=variant.link,
        stock_text=stock.text,
        mood=stock.mood,
        quantity=level.quantity if level else None,
        price_text=tag.now,
        amount=f"{tag.amount:.2f}",
    )


def _list_papers(*, merchant: Merchant) -> list[PolicyPaper]:
    newest: dict[tuple[str, str, str], Policy] = {}
    for policy in Policy.objects.filter(merchant=merchant).order_by(
        "name", "scope", "scope_value", "version"
    ):
        newest[policy.name, policy.scope, policy.scope_value] = policy
    return [
        PolicyPaper(
            name=policy.name,
            title=policy.title,
            scope=policy.scope,
            scope_value=policy.scope_value,
            where=policy.scope_value or "the whole store",
            version=policy.version,
            text=policy.text,
            terms=yaml.safe_dump(policy.terms, sort_keys=False, allow_unicode=True) if policy.terms else "",
        )
        for policy in newest.values()
    ]


def _list_changes(*, merchant: Merchant) -> list[Change]:
    variants = Variant.objects.filter(merchant=merchant).select_related("stock")
    changes = [
        Change(text=f"{variant.sku}: stock {variant.stock.quantity}", at=variant.stock.observed_at)
        for variant in variants.filter(stock__source=SOURCE).order_by("-stock__observed_at")[:CHANGES]
    ]
    changes += [
        Change(text=f"{variant.sku}: {variant.price}", at=variant.price_observed_at)
        for variant in variants.filter(price_source=SOURCE).order_by("-price_observed_at")[:CHANGES]
    ]
    # The shop's own file names no beginning; a version published here begins when it is published.
    published = Policy.objects.filter(merchant=merchant, valid_from__isnull=False)
    changes += [
        Change(text=f"{policy.title}: version {policy.version}", at=policy.observed_at)
        for policy in published.order_by("-observed_at")[:CHANGES]
    ]
    return sorted(changes, key=lambda change: change.at, reverse=True)[:CHANGES]
