"""A feed's row before it is checked, and the report of an import."""

import msgspec

from catalog.errors import CatalogError
from catalog.ids import MerchantId

Details = tuple[tuple[str, str], ...]


class FeedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One item with Google Merchant's attribute names, all text as the shop wrote it; empty means not given."""

    id: str = ""
    title: str = ""
    price: str = ""
    """`49.95 USD`; without a currency the shop's own is meant."""
    item_group_id: str = ""
    description: str = ""
    link: str = ""
    image_link: str = ""
    availability: str = ""
    quantity: str = ""
    sale_price: str = ""
    sale_price_effective_date: str = ""
    """Two ISO 8601 instants with a slash between."""
    brand: str = ""
    gtin: str = ""
    mpn: str = ""
    color: str = ""
    size: str = ""
    material: str = ""
    pattern: str = ""
    product_type: str = ""
    google_product_category: str = ""
    rating: str = ""
    rating_count: str = ""
    details: Details = ()
    """Name and value of each attribute: `product_detail`, and every column that is not named above."""
    line: int = 0
    """Where it stands: the line of a file, the number of the item in XML."""


COLUMNS = frozenset(FeedItem.__struct_fields__) - {"details", "line"}


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was not taken in, and why."""

    line: int
    id: str
    reason: str


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a feed. `read` counts every row, refused ones included."""

    merchant: MerchantId
    name: str
    read: int
    created: int
    updated: int
    unchanged: int
    missing: int
    """In the shop, but not in this feed."""
    removed: int
    """Those of the missing that were removed."""
    refused: tuple[RefusedRow, ...]
    seconds: float


class FeedUnreadable(CatalogError):
    """The file as a whole cannot be read as a product feed; nothing of it was imported."""

    def __init__(self, *, name: str, problem: str) -> None:
        super().__init__(
            f"{name} cannot be read as a product feed: {problem} Nothing was imported. "
            "A feed is Google Merchant TSV, CSV or XML, plain or gzipped, with the columns id, title and price."
        )
        self.name = name
        self.problem = problem
