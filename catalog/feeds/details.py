"""Attributes written in one cell: `Section:name:value,Section:name:value`."""

import re

from catalog.feeds.items import Details

START = re.compile(r"(?:^|,)\s*[^:,]*:([^:,]+):")
"""A comma begins the next attribute only where `section:name:` follows it; any other belongs to the value."""


def parse_details(text: str) -> Details:
    """The names and values of a `product_detail` cell, in order; text that is no attribute is left out."""
    if not text:
        return ()
    pieces = START.split(text)
    return tuple(
        (name, value)
        for name, value in zip(map(str.strip, pieces[1::2]), map(str.strip, pieces[2::2]), strict=True)
        if name and value
    )
