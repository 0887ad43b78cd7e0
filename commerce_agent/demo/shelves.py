"""What stands on the storefront's shelves, read from the catalogue and put into words.

A demo shop has a few hundred variants, so a shelf is read whole and narrowed here; a merchant's own shop
front is theirs to build.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import msgspec
from django.db.models import Q, QuerySet
from djmoney.money import Money

from catalog.models import Availability, Category, Merchant, Product, Variant
from commerce_agent.demo.content import get_demo_shop

FEW = 3
"""So many or fewer are counted out to the shopper."""

MOODS = ("good", "unknown", "few", "none")
"""From the gladdest on."""

UNKNOWN_COLOUR = "#9aa0a6"


class Swatch(msgspec.Struct, frozen=True, kw_only=True):
    """A colour a product comes in, and where to see it."""

    name: str
    hex: str
    url: str
    chosen: bool
    sold_out: bool


class SizeChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A size of the chosen colour."""

    name: str
    url: str
    chosen: bool
    sold_out: bool


class Stock(msgspec.Struct, frozen=True, kw_only=True):
    """Stock in the shopper's words, and how glad to be about it: `good`, `few`, `none` or `unknown`."""

    text: str
    mood: str


class PriceTag(msgspec.Struct, frozen=True, kw_only=True):
    """What it costs now and, on sale, what it cost before; written out with the currency's sign."""

    now: str
    before: str
    amount: Decimal


class ShelfItem(msgspec.Struct, frozen=True, kw_only=True):
    """A product as a card shows it, represented by one of its variants."""

    key: str
    name: str
    brand: str
    url: str
    image: str
    color: str
    tag: PriceTag
    stock: Stock
    rating: Decimal | None
    reviews: int
    swatches: tuple[Swatch, ...]
    sizes: frozenset[str]
    colors: frozenset[str]


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """A category's items and what they can be narrowed by."""

    items: tuple[ShelfItem, ...]
    brands: tuple[str, ...]
    colors: tuple[str, ...]
    sizes: tuple[str, ...]


def list_items(*, merchant: Merchant, where: Q, now: datetime) -> tuple[ShelfItem, ...]:
    """Products of the merchant with variants that meet `where`, best rated first."""
    groups: dict[int, list[Variant]] = defaultdict(list)
    for variant in _list_variants(merchant=merchant).filter(where):
        groups[variant.product_id].append(variant)
    items = [_make_item(variants=variants, now=now) for variants in groups.values()]
    return tuple(sorted(items, key=lambda item: (-(item.rating or 0), -item.reviews, item.name)))


def get_shelf(items: Iterable[ShelfItem]) -> Shelf:
    """The items with every brand, colour and size among them."""
    kept = tuple(items)
    return Shelf(
        items=kept,
        brands=tuple(sorted({item.brand for item in kept if item.brand})),
        colors=tuple(sorted({color for item in kept for color in item.colors})),
        sizes=tuple(sorted({size for item in kept for size in item.sizes if size}, key=_rank_size)),
    )


def get_shelf_filter(category: Category) -> Q:
    """Everything on this shelf and on the shelves under it."""
    return Q(product__category__path=category.path) | Q(
        product__category__path__startswith=f"{category.path} > "
    )


def list_product_variants(*, merchant: Merchant, product: Product) -> tuple[Variant, ...]:
    """All variants of a product, as the feed orders them."""
    return tuple(_list_variants(merchant=merchant).filter(product=product))


def get_price_tag(*, variant: Variant, now: datetime) -> PriceTag:
    """The price of the moment: the sale's while one runs."""
    full: Money = variant.price
    sale: Money | None = variant.sale_price if _is_on_sale(variant=variant, now=now) else None
    if sale is None or sale.amount >= full.amount:
        return PriceTag(now=str(full), before="", amount=full.amount)
    return PriceTag(now=str(sale), before=str(full), amount=sale.amount)


def get_stock(variant: Variant) -> Stock:
    """The variant's stock in words. What the shop does not know is said to be unknown."""
    if variant.availability == Availability.PREORDER:
        return Stock(text="For preorder", mood="few")
    if variant.availability == Availability.BACKORDER:
        return Stock(text="On its way back", mood="few")
    level = getattr(variant, "stock", None)
    quantity = level.quantity if level else None
    if is_sold_out(variant):
        return Stock(text="Sold out", mood="none")
    if quantity is None:
        return Stock(text="Ask us about stock", mood="unknown")
    if quantity <= FEW:
        return Stock(text=f"Only {quantity} left", mood="few")
    return Stock(text="In stock", mood="good")


def is_sold_out(variant: Variant) -> bool:
    """Whether nothing is left of it, by the count or by what the shop says."""
    level = getattr(variant, "stock", None)
    if level is not None and level.quantity is not None:
        return bool(level.quantity == 0)
    return variant.availability == Availability.OUT_OF_STOCK


def list_swatches(*, variants: Iterable[Variant], chosen: Variant) -> tuple[Swatch, ...]:
    """One swatch a colour; each leads to the chosen size in that colour where there is one."""
    colors: dict[str, list[Variant]] = defaultdict(list)
    for variant in variants:
        if variant.color:
            colors[variant.color].append(variant)
    return tuple(
        Swatch(
            name=color,
            hex=_get_hex(color),
            url=next((v for v in same if v.size == chosen.size), same[0]).link,
            chosen=color == chosen.color,
            sold_out=all(is_sold_out(variant) for variant in same),
        )
        for color, same in colors.items()
    )


def list_sizes(*, variants: Iterable[Variant], chosen: Variant) -> tuple[SizeChoice, ...]:
    """The sizes the chosen colour comes in."""
    return tuple(
        SizeChoice(
            name=variant.size, url=variant.link, chosen=variant.pk == chosen.pk, sold_out=is_sold_out(variant)
        )
        for variant in variants
        if variant.color == chosen.color and variant.size
    )


def _list_variants(*, merchant: Merchant) -> QuerySet[Variant]:
    return (
        Variant.objects.filter(merchant=merchant)
        .select_related("product", "product__brand", "product__category", "stock")
        .order_by("position", "sku")
    )


def _make_item(*, variants: list[Variant], now: datetime) -> ShelfItem:
    shown = next((variant for variant in variants if not is_sold_out(variant)), variants[0])
    product = shown.product
    brand = product.brand.name if product.brand else ""
    return ShelfItem(
        key=product.group_key,
        name=product.title.removeprefix(f"{brand} "),
        brand=brand,
        url=shown.link,
        image=shown.image_link,
        color=shown.color,
        tag=get_price_tag(variant=shown, now=now),
        stock=_get_shelf_stock(variants),
        rating=product.rating,
        reviews=product.rating_count,
        swatches=list_swatches(variants=variants, chosen=shown),
        sizes=frozenset(variant.size for variant in variants),
        colors=frozenset(variant.color for variant in variants if variant.color),
    )


def _get_shelf_stock(variants: list[Variant]) -> Stock:
    """A product's stock, as good as its best variant's; a few are counted out for a single one only."""
    stocks = [get_stock(variant) for variant in variants]
    best = min(stocks, key=lambda stock: MOODS.index(stock.mood))
    return Stock(text="Last few", mood="few") if best.mood == "few" and len(variants) > 1 else best


def _is_on_sale(*, variant: Variant, now: datetime) -> bool:
    begun = variant.sale_starts is None or variant.sale_starts <= now
    over = variant.sale_ends is not None and variant.sale_ends <= now
    return variant.sale_price is not None and begun and not over


def _get_hex(color: str) -> str:
    known = get_demo_shop().sign.colors.get(color)
    return known.main if known else UNKNOWN_COLOUR


LETTER_SIZES = ("XS", "S", "S/M", "M", "M/L", "L", "XL", "XXL")


def _rank_size(size: str) -> tuple[int, float, str]:
    if size in LETTER_SIZES:
        return (1, LETTER_SIZES.index(size), size)
    if size.replace(".", "", 1).isdigit():
        return (0, float(size), size)
    return (2, 0, size)
