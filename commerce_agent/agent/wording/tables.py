"""The words of a comparison's table, from a language's phrase book."""

from babel.numbers import format_decimal
from moneyed import Money
from moneyed.l10n import format_money
from typing_extensions import override

from commerce_agent.agent.phrases import PhraseBook
from commerce_agent.agent.wording.values import name_color, name_field, name_material, name_value
from commerce_agent.tools.table_words import IN_ENGLISH, TableWords, name_stock, read_flag


class BookTableWords(TableWords):
    """In the language of a book."""

    def __init__(self, *, book: PhraseBook) -> None:
        self._book = book

    @override
    def label(self, name: str) -> str:
        word = name_field(name, book=self._book)
        return word[:1].upper() + word[1:]

    @override
    def value(self, value: str, *, row: str) -> str:
        if row == "color":
            return name_color(value, book=self._book)
        if row == "material":
            return name_material(value, book=self._book)
        return value if row in ("brand", "size") else name_value(read_flag(value), book=self._book)

    @override
    def stock(self, availability: str, *, left: int | None) -> str:
        return name_stock(self._book.names["stock"], availability, left=left)

    @override
    def number(self, value: float) -> str:
        return format_decimal(value, format="0.0", locale=self._book.locale)

    @override
    def money(self, price: Money) -> str:
        return format_money(price, locale=self._book.locale)


def find_table_words(book: PhraseBook) -> TableWords:
    """The words of the book's language."""
    return IN_ENGLISH if book.language == "en" else BookTableWords(book=book)
