"""How goods and terms come in: product feeds, and the YAML lists of policies and promotions."""

from catalog.feeds.currency import find_feed_currency
from catalog.feeds.importing import import_feed, import_items
from catalog.feeds.items import FeedItem, FeedUnreadable, ImportReport, RefusedRow
from catalog.feeds.terms import TermsRefused, load_policies, load_promotions

__all__ = [
    "FeedItem",
    "FeedUnreadable",
    "ImportReport",
    "RefusedRow",
    "TermsRefused",
    "find_feed_currency",
    "import_feed",
    "import_items",
    "load_policies",
    "load_promotions",
]
