"""Readings as JSON, with money as an amount and a currency."""

from decimal import Decimal

from moneyed import Money

from commerce_agent.decoding import convert


class NoStoredForm(Exception):
    """A reading holds a value of a type that nothing here stores. Its developer says how, beside money."""

    def __init__(self, *, kind: str) -> None:
        super().__init__(f"A reading holds a {kind}, and nothing says how that is stored and read again.")
        self.kind = kind


def write_special(value: object) -> list[str]:
    """Money as `["89.00", "USD"]`."""
    if isinstance(value, Money):
        return [str(value.amount), value.currency.code]
    raise NoStoredForm(kind=type(value).__name__)


def read_special(kind: type, value: object) -> object:
    """Money from its amount and its currency."""
    if kind is Money:
        amount, currency = convert(value, tuple[str, str])
        return Money(Decimal(amount), currency)
    raise NoStoredForm(kind=kind.__name__)
