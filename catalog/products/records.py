"""An item with everything a card, a comparison or an answer may need."""

from datetime import datetime

import msgspec
from moneyed import Money

from catalog.ids import GroupKey, Sku


class VariantRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One variant as the catalogue has it. Stock and price here are the catalogue's: ask the connectors for facts."""

    sku: Sku
    group: GroupKey
    title: str
    product_title: str
    description: str
    brand: str
    category: str
    """The path from the root, `Footwear > Running Shoes`; empty where the shop gave none."""
    color: str
    colors: tuple[str, ...]
    """The colour's words and families, lower case: `("cobalt blue", "cobalt", "blue")`."""
    size: str
    material: str
    pattern: str
    gtin: str
    mpn: str
    link: str
    image_link: str
    list_price: Money
    price: Money
    """With a running sale, before promotions."""
    availability: str
    quantity: int | None
    rating: float | None
    rating_count: int
    attributes: dict[str, str]
    measures: dict[str, float]
    """Numbers in base units: weight in g, lengths in cm, volumes in l, temperatures in °C."""
    observed_at: datetime
    """When the price was last read."""
    words_version: int = 0
    """Of what it is called and said to be, its rating included; 0: read before these were numbered."""
    words_at: datetime | None = None
    """When they last came in."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What a product comes in, as far as one chooses by it."""

    sku: Sku
    title: str
    color: str
    size: str
    is_sold_out: bool
    """As the catalogue has it."""


class CategoryWords(msgspec.Struct, frozen=True):
    """A category's own name, its path from the root, and the attributes of its goods, the most frequent first."""

    name: str
    path: str
    attributes: tuple[str, ...] = ()
    says_parent: bool = False
    """A lone word of no plural, and most of its goods bear the name above it: those of "Desks > Standing" are desks."""


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True):
    """The shop's own words, as the last indexing found them."""

    brands: tuple[str, ...] = ()
    categories: tuple[CategoryWords, ...] = ()
    colors: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    attributes: dict[str, tuple[str, ...]] = {}
    """Each attribute's name with its most frequent values."""
    measures: tuple[str, ...] = ()
    units: dict[str, str] = {}
    """The unit of each measure's numbers, as people write it: `{"weight": "g"}`; empty for a bare number."""
    words: tuple[str, ...] = ()
    """Words of titles, the most frequent first."""
