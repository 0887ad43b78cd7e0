"""What to call an item."""

import re

from commerce_agent.tools.offers import Offer

_LONGEST_NAME = 60
_BARE_SIZE = re.compile(r"\d+(?:[.,]\d+)?½?|\d?[A-Z]{1,4}|[A-Z]?\d{1,3}(?:/\d{1,3})?[A-Z]?|[^\W\d_]+")


def get_name(offer: Offer) -> str:
    """What to call the item: its product's title, with the colour where that is not in it."""
    title = offer.item.product_title or offer.item.title
    color = offer.item.color
    if not color or _spell(color) in _spell(title):
        return shorten(title)
    return f"{shorten(title)} in {color.lower()}"


def get_version_name(offer: Offer) -> str:
    """The name with its size: what one stock level is about."""
    name, size = get_name(offer), offer.item.size
    if not size or is_told_in(name, size=size):
        return name
    return f"{name} (size {size})" if is_bare_size(size) else f"{name} ({size})"


def is_bare_size(size: str) -> bool:
    """Whether the size needs the word: "size 42", "size M"; "500 g" and "box of 10" say what they are."""
    return _BARE_SIZE.fullmatch(size) is not None


def is_told_in(name: str, *, size: str) -> bool:
    """Whether the name ends in the size already: "Salted almonds, box of 10"."""
    return not is_bare_size(size) and f" {_spell(name)}".endswith((f" {_spell(size)}", f",{_spell(size)}"))


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
