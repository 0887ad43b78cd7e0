"""What to call an item."""

from commerce_agent.tools.offers import Offer

_LONGEST_NAME = 60


def get_name(offer: Offer) -> str:
    """What to call the item: its product's title, with the colour where that is not in it."""
    title = offer.item.product_title or offer.item.title
    color = offer.item.color
    if not color or _spell(color) in _spell(title):
        return shorten(title)
    return f"{shorten(title)} in {color.lower()}"


def get_version_name(offer: Offer) -> str:
    """The name with its size: what one stock level is about."""
    return f"{get_name(offer)} (size {offer.item.size})" if offer.item.size else get_name(offer)


def get_short_name(offer: Offer) -> str:
    """The title alone."""
    return shorten(offer.item.product_title or offer.item.title)


def shorten(title: str) -> str:
    """The title, cut at a word where a feed made it a whole description."""
    if len(title) <= _LONGEST_NAME:
        return title
    return f"{title[: _LONGEST_NAME - 3].rsplit(' ', 1)[0].rstrip(',;:-')}…"


def _spell(word: str) -> str:
    return word.lower().replace("gray", "grey")
