"""How goods and terms come in: product feeds, and the YAML lists of policies and promotions."""

from catalog.feeds.importing import import_feed, import_items
from catalog.feeds.items import FeedItem, FeedUnreadable, ImportReport, RefusedRow

__all__ = ["FeedItem", "FeedUnreadable", "ImportReport", "RefusedRow", "import_feed", "import_items"]
