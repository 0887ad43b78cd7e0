"""The shop window: home, shelves, search and product pages. The cart is in the chat."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import msgspec
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.models import Category, Product
from commerce_agent.demo.content import get_demo_shop
from commerce_agent.demo.finding import find_products
from commerce_agent.demo.pages import OpenShop, get_category, shop_page
from commerce_agent.demo.promises import list_promises
from commerce_agent.demo.shelves import (
    Shelf,
    ShelfItem,
    get_price_tag,
    get_shelf,
    get_shelf_filter,
    get_stock,
    is_sold_out,
    list_items,
    list_product_variants,
    list_sizes,
    list_swatches,
)

PAGE = 12
RELATED = 4
PRICE_STEPS = (25, 50, 100, 150, 250)
ORDERS = {"best": "Best rated", "price": "Price, low to high", "-price": "Price, high to low", "name": "Name"}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How the shopper narrows a shelf, as the address says it; what cannot be read is left out."""

    color: str = ""
    size: str = ""
    brand: str = ""
    below: Decimal | None = None
    in_stock: bool = False
    order: str = "best"

    @classmethod
    def from_query(cls, query: QueryDict) -> "Wish":
        order = query.get("sort", "best")
        return cls(
            color=query.get("color", ""),
            size=query.get("size", ""),
            brand=query.get("brand", ""),
            below=_read_amount(query.get("below", "")),
            in_stock=query.get("stock") == "1",
            order=order if order in ORDERS else "best",
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.color or self.size or self.brand or self.below is not None or self.in_stock)

    def matches(self, item: ShelfItem) -> bool:
        return (
            (not self.color or self.color in item.colors)
            and (not self.size or self.size in item.sizes)
            and (not self.brand or self.brand == item.brand)
            and (self.below is None or item.tag.amount < self.below)
            and (not self.in_stock or item.stock.mood != "none")
        )


@require_safe
@shop_page
def show_home(request: HttpRequest, shop: OpenShop) -> HttpResponse:
    """Shows the departments, what stands in the window, the brands and what the shop promises."""
    now = datetime.now(UTC)
    items = {item.key: item for item in list_items(merchant=shop.merchant, where=Q(), now=now)}
    departments = [
        {"department": department, "count": len(on_shelf), "item": on_shelf[0]}
        for department in get_demo_shop().departments
        if (on_shelf := [items[product.key] for product in department.products if product.key in items])
    ]
    context = {
        "departments": departments,
        "featured": [items[key] for key in shop.sign.featured if key in items],
        "promises": list_promises(merchant=shop.merchant, now=now),
    }
    return _render(request, shop=shop, template="home", context=context)


@require_safe
@shop_page
def show_shelf(request: HttpRequest, shop: OpenShop, slug: str) -> HttpResponse:
    """Shows a category, narrowed and ordered as the address says, a page at a time."""
    category = get_category(shop=shop, slug=slug)
    items = list_items(merchant=shop.merchant, where=get_shelf_filter(category), now=datetime.now(UTC))
    department = next((d for d in get_demo_shop().departments if d.category == category.path), None)
    context = {
        "category": category,
        "title": department.title if department else category.name,
        "blurb": department.blurb if department else "",
        "trail": _list_trail(shop=shop, category=category)[:-1],
        "children": Category.objects.filter(parent=category).order_by("name"),
        **_narrow(request, items=items),
    }
    return _render(request, shop=shop, template="shelf", context=context)


@require_safe
@shop_page
def show_search(request: HttpRequest, shop: OpenShop) -> HttpResponse:
    """Shows the products that the words in the search box find."""
    words = request.GET.get("q", "").strip()[:200]
    now = datetime.now(UTC)
    found = find_products(merchant=shop.merchant, words=words, now=now)
    items = list_items(merchant=shop.merchant, where=Q(product__group_key__in=found.keys), now=now)
    ordered = tuple(sorted(items, key=lambda item: found.keys.index(item.key)))
    context = {
        "words": words,
        "meant": found.meant,
        "title": f"Search: {words}" if words else "Search",
        **_narrow(request, items=ordered),
    }
    return _render(request, shop=shop, template="shelf", context=context)


@require_safe
@shop_page
def show_product(request: HttpRequest, shop: OpenShop, key: str) -> HttpResponse:
    """Shows a product in the colour and size of `?sku=`, or in the first that is in stock."""
    product = (
        Product.objects.select_related("brand", "category")
        .filter(merchant=shop.merchant, group_key=key)
        .first()
    )
    variants = list_product_variants(merchant=shop.merchant, product=product) if product else ()
    if product is None or not variants:
        message = f"There is no product {key!r} in {shop.sign.name}."
        raise Http404(message)
    in_stock = next((variant for variant in variants if not is_sold_out(variant)), variants[0])
    wanted = request.GET.get("sku")
    chosen = next((variant for variant in variants if variant.sku == wanted), in_stock)
    now = datetime.now(UTC)
    category = product.category
    related = (
        list_items(merchant=shop.merchant, where=get_shelf_filter(category), now=now) if category else ()
    )
    brand = product.brand.name if product.brand else ""
    context = {
        "product": product,
        "brand": brand,
        "name": product.title.removeprefix(f"{brand} "),
        "chosen": chosen,
        "tag": get_price_tag(variant=chosen, now=now),
        "stock": get_stock(chosen),
        "swatches": list_swatches(variants=variants, chosen=chosen),
        "sizes": list_sizes(variants=variants, chosen=chosen),
        "details": sorted(chosen.attributes.items()),
        "trail": _list_trail(shop=shop, category=category) if category else [],
        "promises": list_promises(merchant=shop.merchant, now=now, sku=chosen.sku, category=category),
        "related": [item for item in related if item.key != product.group_key][:RELATED],
        "title": product.title,
    }
    return _render(request, shop=shop, template="product", context=context)


def _render(
    request: HttpRequest, *, shop: OpenShop, template: str, context: dict[str, object]
) -> HttpResponse:
    return render(request, f"storefront/{template}.html", {"shop": shop, **context})


def _narrow(request: HttpRequest, *, items: tuple[ShelfItem, ...]) -> dict[str, object]:
    wish = Wish.from_query(request.GET)
    shelf: Shelf = get_shelf(items)
    kept = _order([item for item in shelf.items if wish.matches(item)], order=wish.order)
    pages = Paginator(kept, PAGE)
    page = pages.get_page(request.GET.get("page"))
    kept_query = request.GET.copy()
    kept_query.pop("page", None)
    return {
        "shelf": shelf,
        "wish": wish,
        "page": page,
        "page_range": pages.page_range,
        "query": kept_query.urlencode(),
        "orders": ORDERS,
        "steps": PRICE_STEPS,
    }


def _order(items: list[ShelfItem], *, order: str) -> list[ShelfItem]:
    if order in {"price", "-price"}:
        return sorted(items, key=lambda item: item.tag.amount, reverse=order == "-price")
    if order == "name":
        return sorted(items, key=lambda item: item.name)
    return items


def _read_amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _list_trail(*, shop: OpenShop, category: Category) -> list[Category]:
    """The shelves from the root down to this one."""
    parts = category.path.split(" > ")
    paths = [" > ".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
    return list(Category.objects.filter(merchant=shop.merchant, path__in=paths).order_by("path"))
