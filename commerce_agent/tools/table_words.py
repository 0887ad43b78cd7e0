"""How a comparison's rows are called and written, in the shopper's language."""

from collections.abc import Mapping
from typing import Protocol

from moneyed import Money
from moneyed.l10n import format_money
from typing_extensions import override

MOST_COUNTED = 5
"""At so few or fewer a card says how many are left (`static/widget/words.js`)."""

STOCK_IN_ENGLISH = {
    "in_stock": "In stock",
    "left": "Only {count} left",
    "low_stock": "Only a few left",
    "out_of_stock": "Sold out",
    "preorder": "For pre-order",
    "backorder": "On back-order",
    "unknown": "Stock not known right now",
}


class TableWords(Protocol):
    """The words of a table."""

    def label(self, name: str) -> str:
        """What a row is called: `price`, `stock`, or an attribute's own name."""
        ...

    def value(self, value: str, *, row: str) -> str:
        """What stands in a cell; the shop's own word where the language has no other."""
        ...

    def stock(self, availability: str, *, left: int | None) -> str:
        """How many there are, as the widget's cards say it."""
        ...

    def number(self, value: float) -> str:
        """A rating."""
        ...

    def money(self, price: Money) -> str:
        """A price."""
        ...


class EnglishTableWords(TableWords):
    """In English."""

    @override
    def label(self, name: str) -> str:
        return name.replace("_", " ").capitalize()

    @override
    def value(self, value: str, *, row: str) -> str:
        return read_flag(value)

    @override
    def stock(self, availability: str, *, left: int | None) -> str:
        return name_stock(STOCK_IN_ENGLISH, availability, left=left)

    @override
    def number(self, value: float) -> str:
        return f"{value:.1f}"

    @override
    def money(self, price: Money) -> str:
        return format_money(price, locale="en_US")


def read_flag(value: str) -> str:
    """What a feed writes as a computer does, "True", in a word; everything else as it is."""
    return {"true": "yes", "false": "no"}.get(value.lower(), value)


def name_stock(words: Mapping[str, str], availability: str, *, left: int | None) -> str:
    """The stock in words: of few it says how many are left, as far as that is known."""
    if left and (availability == "low_stock" or (availability == "in_stock" and left <= MOST_COUNTED)):
        return words["left"].replace("{count}", str(left))
    return words[availability]


IN_ENGLISH = EnglishTableWords()
