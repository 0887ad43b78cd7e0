"""The currency a feed's prices are in."""

from pathlib import Path

from moneyed import CurrencyDoesNotExist, get_currency

from catalog.feeds.importing import read_feed
from catalog.feeds.items import FeedItem, FeedUnreadable


def find_feed_currency(*, path: Path) -> str:
    """The currency code of the first row with a readable price. Raises FeedUnreadable when no row has one."""
    for row in read_feed(path=path):
        if not isinstance(row, FeedItem) or not row.price:
            continue
        for word in row.price.replace("\u00a0", " ").split():
            try:
                return str(get_currency(word.upper()).code)
            except CurrencyDoesNotExist:
                continue
    raise FeedUnreadable(name=path.name, problem="no row has a price with its currency, such as 49.95 USD.")
