"""How goods and terms come in: product feeds, and the YAML lists of policies and promotions."""

from catalog.feeds.checks import RowRefused, parse_price, parse_stock
from catalog.feeds.currency import find_feed_currency
from catalog.feeds.importing import import_feed, import_items
from catalog.feeds.items import COLUMNS, FeedItem, FeedUnreadable, ImportReport, RefusedRow
from catalog.feeds.naming import AS_NAMED, ColumnNames
from catalog.feeds.previewing import FeedColumn, FeedPreview, list_feed_columns, preview_feed
from catalog.feeds.removing import remove_items
from catalog.feeds.terms import TermsRefused, load_policies, load_promotions

__all__ = [
    "AS_NAMED",
    "COLUMNS",
    "ColumnNames",
    "FeedColumn",
    "FeedItem",
    "FeedPreview",
    "FeedUnreadable",
    "ImportReport",
    "RefusedRow",
    "RowRefused",
    "TermsRefused",
    "find_feed_currency",
    "import_feed",
    "import_items",
    "list_feed_columns",
    "load_policies",
    "load_promotions",
    "parse_price",
    "parse_stock",
    "preview_feed",
    "remove_items",
]
