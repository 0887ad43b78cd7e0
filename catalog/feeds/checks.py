"""One row of a feed held against what a shop can sell: either everything fits, or the row is refused."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import msgspec
from moneyed import CurrencyDoesNotExist, Money, get_currency

from catalog.feeds.items import Details, FeedItem
from catalog.feeds.plain import make_plain_item
from catalog.products.measures import find_measure

AVAILABILITY = {
    "in stock": "in_stock",
    "available": "in_stock",
    "out of stock": "out_of_stock",
    "sold out": "out_of_stock",
    "preorder": "preorder",
    "pre order": "preorder",
    "backorder": "backorder",
    "back order": "backorder",
    "unknown": "unknown",
}
LONGEST = {
    "id": 100, "item_group_id": 100, "title": 400, "brand": 200, "color": 200, "size": 100, "material": 300,
    "pattern": 200, "gtin": 20, "mpn": 400, "link": 1000, "image_link": 1000, "product_type": 750,
}  # fmt: skip
PRICE = re.compile(r"(?:([A-Za-z]{3})\s*)?([-+]?[\d.,]*\d)(?:\s*([A-Za-z]{3}))?")
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
HIGHEST = Decimal(99999999999)
WEB_ADDRESS = re.compile(r"(https?:/)?/[^\s/\\][^\s]*")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class RowRefused(ValueError):
    """This row cannot be sold as it is written; the message is the reason."""


class CheckedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A row that fits: texts trimmed, money exact, measures in base units."""

    item: FeedItem
    group_key: str
    category: tuple[str, ...]
    """From the root."""
    price: Money
    sale_price: Money | None
    sale_starts: datetime | None
    sale_ends: datetime | None
    availability: str
    quantity: int | None
    rating: Decimal | None
    rating_count: int
    attributes: dict[str, str]
    measures: dict[str, float]


@lru_cache(maxsize=256)
def _is_currency(code: str) -> bool:
    try:
        get_currency(code)
    except CurrencyDoesNotExist:
        return False
    return True


def parse_price(text: str, *, currency: str, name: str = "price") -> Money:
    """The money a cell states: `49.95 USD`, `USD 49.95` or `49.95`. Raises RowRefused with the reason."""
    found = PRICE.fullmatch(text.strip())
    if found is None:
        raise RowRefused(f"{name} {text!r} is not an amount such as '49.95 {currency}'")
    stated = (found[1] or found[3] or currency).upper()
    if not _is_currency(stated):
        raise RowRefused(f"{name} {text!r} names no currency that exists")
    if stated != currency:
        raise RowRefused(f"{name} is in {stated}, the shop sells in {currency}")
    digits = found[2].replace(",", "") if GROUPED.fullmatch(found[2].lstrip("+-")) else found[2]
    try:
        amount = Decimal(digits)
    except InvalidOperation as error:
        raise RowRefused(f"{name} {text!r} is not an amount such as '49.95 {currency}'") from error
    if amount < 0:
        raise RowRefused(f"{name} {text!r} is negative")
    if amount > HIGHEST:
        raise RowRefused(f"{name} {text!r} is higher than can be stored")
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -3:
        raise RowRefused(f"{name} {text!r} has more than three decimals")
    return Money(amount, currency)


def parse_availability(text: str, *, quantity: int | None) -> str:
    """One of the words of Availability; a quantity of 0 overrules "in stock", and speaks where nothing is said."""
    plain = text.strip().lower().replace("_", " ").replace("-", " ").rpartition("/")[2]
    plain = re.sub(r"(?<=in|of)stock", " stock", plain).replace("outof", "out of")
    if not plain:
        if quantity is None:
            return "unknown"
        return "in_stock" if quantity else "out_of_stock"
    word = AVAILABILITY.get(plain)
    if word is None:
        raise RowRefused(f"availability {text!r} is not one of in_stock, out_of_stock, preorder, backorder")
    return "out_of_stock" if word == "in_stock" and quantity == 0 else word


def _parse_whole(text: str, *, name: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}(?:\.0+)?", text):
        raise RowRefused(f"{name} {text!r} is not a whole number")
    return int(text.partition(".")[0])


def parse_stock(item: FeedItem) -> tuple[int | None, str]:
    """How many a row says there are, and its word for it. Raises RowRefused with the reason."""
    quantity = _parse_whole(item.quantity, name="quantity")
    return quantity, parse_availability(item.availability, quantity=quantity)


def _parse_rating(text: str) -> Decimal | None:
    if not text:
        return None
    if not re.fullmatch(r"\d(?:\.\d+)?", text) or Decimal(text) > 5:
        raise RowRefused(f"rating {text!r} is not a number from 0 to 5")
    return round(Decimal(text), 2)


def _parse_sale_dates(text: str) -> tuple[datetime | None, datetime | None]:
    if not text:
        return None, None
    try:
        starts, ends = (datetime.fromisoformat(part.strip()) for part in text.split("/"))
    except ValueError as error:
        raise RowRefused(
            f"sale_price_effective_date {text!r} is not two ISO 8601 times with a slash between"
        ) from error
    if starts.tzinfo is None or ends.tzinfo is None or ends <= starts:
        raise RowRefused(f"sale_price_effective_date {text!r} needs time zones and an end after its start")
    return starts, ends


def _split_category(item: FeedItem) -> tuple[str, ...]:
    path = item.product_type or item.google_product_category
    if path.isdigit():
        return ()
    return tuple(part for part in (piece.strip()[:200] for piece in path.split(">")) if part)


def _require_texts(item: FeedItem) -> None:
    for name in ("id", "title", "price"):
        if not getattr(item, name):
            raise RowRefused(f"{name} is missing")
    for name, limit in LONGEST.items():
        if len(getattr(item, name)) > limit:
            raise RowRefused(f"{name} is longer than {limit} characters")
    for text in (item.id, item.title, item.description, item.brand, item.product_type, item.color):
        if CONTROL.search(text):
            raise RowRefused("the row has bytes that are not UTF-8 text")
    for name, link in (("link", item.link), ("image_link", item.image_link)):
        if link and not WEB_ADDRESS.fullmatch(link):
            raise RowRefused(f"{name} {link[:60]!r} is not a web address")


def _list_measures(details: Details) -> dict[str, float]:
    measures = {}
    for name, value in details:
        number = find_measure(value) if name not in measures else None
        if number is not None:
            measures[name] = number
    return measures


def check_item(item: FeedItem, *, currency: str) -> CheckedItem:
    """The row as it can be sold. Raises RowRefused with the first reason against it."""
    item = make_plain_item(item)
    _require_texts(item)
    price = parse_price(item.price, currency=currency)
    sale = parse_price(item.sale_price, currency=currency, name="sale_price") if item.sale_price else None
    if sale is not None and sale > price:
        raise RowRefused(f"sale_price {item.sale_price!r} is higher than the price {item.price!r}")
    starts, ends = _parse_sale_dates(item.sale_price_effective_date)
    quantity, availability = parse_stock(item)
    details = tuple((name.lower(), value) for name, value in item.details)
    return CheckedItem(
        item=item,
        group_key=item.item_group_id or item.id,
        category=_split_category(item),
        price=price,
        sale_price=sale,
        sale_starts=starts,
        sale_ends=ends,
        availability=availability,
        quantity=quantity,
        rating=_parse_rating(item.rating),
        rating_count=_parse_whole(item.rating_count, name="rating_count") or 0,
        attributes={name: value for name, value in reversed(details) if not CONTROL.search(value)},
        measures=_list_measures(details),
    )
