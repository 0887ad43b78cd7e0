"""What the demo shop sells and says, read from the YAML files of `shop/` into typed values."""

import zlib
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec
from django.utils.text import slugify

SHOP = Path(__file__).parent / "shop"
Shape = TypeVar("Shape")


class ContentBroken(Exception):
    """A file of the demo shop cannot be read. The message names the file and the field: mend it there."""

    def __init__(self, *, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path.name}: {reason}. Mend the file in commerce_agent/demo/shop/.")


class Colour(msgspec.Struct, frozen=True, array_like=True):
    """Four shades of a colour as hex: the fill, its shadow, its light, and what goes with it."""

    main: str
    shade: str
    light: str
    accent: str


class RangeProduct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product as its department's file tells it. Prices are in the shop's currency."""

    key: str
    name: str
    brand: str
    price: Decimal
    colors: tuple[str, ...]
    text: str
    material: str
    rating: Decimal
    reviews: int
    details: dict[str, str]
    sale_price: Decimal | None = None
    sizes: tuple[str, ...] | None = None
    stock: dict[str, int] = {}
    drawing: str | None = None
    category: str | None = None


class Department(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One shelf of the shop: a category and what all its products share."""

    category: str
    title: str
    blurb: str
    drawing: str
    products: tuple[RangeProduct, ...]
    sizes: tuple[str, ...] = ("",)
    details: dict[str, str] = {}

    @property
    def slug(self) -> str:
        """The slug the catalogue gives to the category."""
        return slugify(self.category.rsplit(" > ", 1)[-1])


class Hall(msgspec.Struct, frozen=True, kw_only=True):
    """A root of the category tree, as the navigation shows it."""

    slug: str
    title: str
    path: str


class House(msgspec.Struct, frozen=True, kw_only=True):
    """A brand and the one sentence the shop says about it."""

    name: str
    about: str


class Shipping(msgspec.Struct, frozen=True, kw_only=True):
    """What sending an order costs, and from which total on nothing."""

    price: Decimal
    free_over: Decimal


class Tax(msgspec.Struct, frozen=True, kw_only=True):
    """The sales tax, and whether the prices hold it."""

    percent: Decimal
    included: bool


class ShopSign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shop itself: its names, its home market, its colours and what stands in the window."""

    key: str
    name: str
    tagline: str
    currency: str
    locale: str
    timezone: str
    country: str
    shipping: Shipping
    tax: Tax
    departments: tuple[Hall, ...]
    featured: tuple[str, ...]
    brands: tuple[House, ...]
    colors: dict[str, Colour]


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """A loyalty tier and the spend of twelve months it starts at, in the shop's currency."""

    name: str
    title: str
    spend_from: Decimal


class PastLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a past order."""

    sku: str
    quantity: int


class PastOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order of a demo shopper, dated back from the day the shop is seeded."""

    number: str
    days_ago: int
    status: str
    lines: tuple[PastLine, ...]


class DemoShopper(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who shops here. `key` is what the catalogue knows; the name is for whoever runs the demo."""

    key: str
    name: str
    tier: str
    about: str
    orders: tuple[PastOrder, ...]


class Regulars(msgspec.Struct, frozen=True, kw_only=True):
    """The demo's shoppers and the tiers they are in."""

    tiers: tuple[Tier, ...]
    shoppers: tuple[DemoShopper, ...]


class RangeVariant(msgspec.Struct, frozen=True, kw_only=True):
    """One sellable item of the range, as it enters the feed."""

    sku: str
    product: RangeProduct
    department: Department
    color: str
    size: str
    quantity: int

    @property
    def category(self) -> str:
        return self.product.category or self.department.category

    @property
    def drawing(self) -> str:
        return self.product.drawing or self.department.drawing

    @property
    def details(self) -> dict[str, str]:
        return {**self.department.details, **self.product.details}


class DemoShop(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the demo shop is made of."""

    sign: ShopSign
    departments: tuple[Department, ...]
    variants: tuple[RangeVariant, ...]
    regulars: Regulars


@lru_cache(maxsize=1)
def get_demo_shop() -> DemoShop:
    """The shop as its files tell it; read once a process. Raises ContentBroken."""
    departments = tuple(
        _read(path=path, shape=Department) for path in sorted((SHOP / "range").glob("*.yaml"))
    )
    return DemoShop(
        sign=_read(path=SHOP / "shop.yaml", shape=ShopSign),
        departments=departments,
        variants=tuple(variant for department in departments for variant in _list_variants(department)),
        regulars=_read(path=SHOP / "shoppers.yaml", shape=Regulars),
    )


@lru_cache(maxsize=1)
def get_drawings() -> dict[str, RangeVariant]:
    """The range by SKU, for whoever draws it."""
    return {variant.sku: variant for variant in get_demo_shop().variants}


def _read(*, path: Path, shape: type[Shape]) -> Shape:
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=shape, strict=False)
    except msgspec.DecodeError as error:
        raise ContentBroken(path=path, reason=str(error)) from error


def _list_variants(department: Department) -> list[RangeVariant]:
    return [
        _make_variant(department=department, product=product, color=color, size=size)
        for product in department.products
        for color in product.colors
        for size in product.sizes or department.sizes
    ]


def _make_variant(*, department: Department, product: RangeProduct, color: str, size: str) -> RangeVariant:
    sku = "-".join(
        "".join(letter for letter in part.upper() if letter.isalnum())
        for part in (product.key, color, size)
        if part
    )
    told = product.stock.get(f"{color} {size}".strip())
    return RangeVariant(
        sku=sku,
        product=product,
        department=department,
        color=color,
        size=size,
        quantity=_get_usual_stock(sku) if told is None else told,
    )


def _get_usual_stock(sku: str) -> int:
    """Between 4 and 25, always the same for a SKU: shelves differ, seeding does not."""
    return 4 + zlib.crc32(sku.encode()) % 22
