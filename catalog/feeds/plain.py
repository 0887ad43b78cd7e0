"""Plain text of what shops paste into their feeds: marks of HTML and their stand-ins are no words."""

import html
import re

import msgspec

from catalog.feeds.items import FeedItem

_UNSEEN = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"\s*</?(?:p|br|div|ul|ol|li|h[1-6]|tr|table)\b[^<>]*>\s*", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_NAMED = (
    "title", "brand", "color", "size", "material", "pattern", "product_type", "google_product_category",
)  # fmt: skip


def make_plain_text(text: str) -> str:
    """The text without HTML: `<p>Itch-free &amp; soft</p>` is `Itch-free & soft`; a block begins a line.

    A bracket that opens no mark stays: `< 1 s` is a measure.
    """
    if "<" not in text and "&" not in text:
        return text
    text = html.unescape(text)
    if "<" in text:
        text = _UNSEEN.sub(" ", text)
        text = _TAG.sub("", _BREAK.sub("\n", text))
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def make_plain_item(item: FeedItem) -> FeedItem:
    """The item with its texts plain, names on one line and with single spaces."""
    named = {name: " ".join(make_plain_text(getattr(item, name)).split()) for name in _NAMED}
    details = tuple((name, " ".join(make_plain_text(value).split())) for name, value in item.details)
    return msgspec.structs.replace(
        item, **named, description=make_plain_text(item.description), details=details
    )
