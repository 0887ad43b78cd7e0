"""How a comparison's rows are called and written, in the shopper's language."""

from typing import Protocol

from moneyed import Money
from moneyed.l10n import format_money
from typing_extensions import override


class TableWords(Protocol):
    """The words of a table."""

    def label(self, name: str) -> str:
        """What a row is called: `price`, `stock`, or an attribute's own name."""
        ...

    def value(self, value: str, *, row: str) -> str:
        """What stands in a cell; the shop's own word where the language has no other."""
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
        return value.replace("_", " ") if row == "stock" else value

    @override
    def number(self, value: float) -> str:
        return f"{value:.1f}"

    @override
    def money(self, price: Money) -> str:
        return format_money(price, locale="en_US")


IN_ENGLISH = EnglishTableWords()
