"""What can be asked of the search, and what it answers."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec
from moneyed import Money

from catalog.ids import GroupKey, Sku

Op = Literal["<=", ">=", "=", "!=", "in", "not in"]
FilterValue = str | float | tuple[str, ...]


Place = Literal["title", "goes_with", "category", "number", "details", "description"]
How = Literal["said", "spelling", "synonym"]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """One term that every hit meets. `field` is price, category, brand, color, size, material, rating, `on_sale` (yes:
    this shopper pays less than the list price), or the name of an attribute or measure. Prices are numbers in the
    shop's currency, compared with what this shopper pays; measures are numbers in base units.
    """

    field: str
    op: Op
    value: FilterValue
    standing: bool = False
    """The shopper's size for whatever is looked for: goods that come in no such size system meet it too."""
    strictly: bool = False
    """Of a standing size: of the goods that come in other sizes none meets it, only what comes in no size at all."""
    unsaid: bool = False
    """Goods that say nothing of it meet it too: what is for everybody need not say so."""


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A search. `order` is `relevance`, or `price`, `rating` or a measure's name, with `-` for falling."""

    now: datetime
    text: str = ""
    sure: frozenset[str] = frozenset()
    """Words of the text, lower case, that are no misspellings: none is taken for another word of the shop."""
    filters: tuple[Filter, ...] = ()
    order: str = "relevance"
    in_stock: bool | None = None
    """True: only what can be bought now; False: only what cannot; None: both."""
    tier: str | None = None
    """The shopper's tier, for promotions that need one."""
    codes: tuple[str, ...] = ()
    """Promotion codes that the shopper gave."""
    by_heading: bool = False
    """The words only name a kind of goods: what else is told of a thing says nothing about how well it fits."""
    by_attributes: bool = False
    """Also divide the results by size and attributes, which costs reading them all."""
    limit: int = 10


class WordMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A word of the search and what met it: `place` is where, `how` is as it was said, spelt otherwise (corrected, one
    word instead of two, another way to write a number), or by another word for it.
    """

    word: str
    """As the shopper wrote it."""
    met: str
    """The word of the shop that it was met by."""
    place: Place
    how: How = "said"


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A product in a colour, by the variant that stands for it: one that meets the filters, in stock first."""

    sku: Sku
    group: GroupKey
    title: str
    brand: str
    category: str
    color: str
    size: str
    price: Money
    """After sale and automatic promotions, at the moment of the search."""
    list_price: Money
    quantity: int | None
    availability: str
    rating: float | None
    score: float
    why: tuple[WordMatch, ...]
    """What met each word of the search; a word that the product does not have is absent."""
    siblings: int
    """Variants of the same product and colour that also meet the filters, this one included."""


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """A word that the shop does not know, and the one that was searched in its place."""

    written: str
    meant: str


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """Something that matched the words and failed exactly one filter."""

    hit: Hit
    filter: Filter
    margin: float | None
    """How far it was off, in the filter's unit; None where that has no meaning."""


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """How the results divide by one field, the largest part first."""

    field: str
    values: tuple[tuple[str, int], ...]


class PriceBand(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the results cost `low` or more and less than `high`."""

    low: Decimal | None
    high: Decimal | None
    count: int


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. `total` counts products by colour, before the limit; a thousand and more is "many"."""

    hits: tuple[Hit, ...]
    total: int
    corrections: tuple[Correction, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    facets: tuple[Facet, ...] = ()
    price_range: tuple[Decimal, Decimal] | None = None
    attribute_facets: tuple[Facet, ...] = ()
    """By size and by the attributes that divide them best, where the query asked for it."""
    price_bands: tuple[PriceBand, ...] = ()
    """The results by price, in about equal parts between round figures; together they are all of them."""
    all_words: bool = True
    """False: nothing had all the words, so these have some of them."""
    unheard: tuple[str, ...] = ()
    """The words that are nowhere in the shop, nor like any of its words."""
    applied: tuple[Filter, ...] = ()
    """The filters that every hit was held against, as the statement has them."""
    also: tuple[Hit, ...] = ()
    """Where few products have all the words: others with all but one of them, up to the limit."""
