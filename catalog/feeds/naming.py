"""What a feed's own names for its columns stand for."""

from collections.abc import Mapping

from catalog.feeds.items import COLUMNS

ColumnNames = Mapping[str, str]
"""A column's plain name to the attribute it holds; to nothing where the column is left out."""

AS_NAMED: ColumnNames = {}
"""Every column is what it is called."""


def make_plain(name: str) -> str:
    """A column's name as it is compared: `g:Image Link` is `image_link`."""
    return name.strip().lower().removeprefix("g:").replace(" ", "_")


def read_name(name: str, *, columns: ColumnNames) -> str | None:
    """What a column holds: an attribute, or its own plain name for a detail; None where it is left out.

    An attribute that another column was said to hold is not taken from the column of that name: that one is a detail.
    """
    plain = make_plain(name)
    if plain in columns:
        return columns[plain] or None
    return f"{plain}_in_the_feed" if plain in COLUMNS and plain in columns.values() else plain
