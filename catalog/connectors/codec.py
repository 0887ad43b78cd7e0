"""Readings as JSON, with money as an amount and a currency."""

from decimal import Decimal

import msgspec
from moneyed import Money


def write_special(value: object) -> list[str]:
    """Money as `["89.00", "USD"]`."""
    if isinstance(value, Money):
        return [str(value.amount), value.currency.code]
    raise NotImplementedError(f"A reading holds a {type(value).__name__}; say here how it is kept.")


def read_special(kind: type, value: object) -> object:
    """Money from its amount and its currency."""
    if kind is Money:
        amount, currency = msgspec.convert(value, tuple[str, str])
        return Money(Decimal(amount), currency)
    raise NotImplementedError(f"A reading holds a {kind.__name__}; say here how it is read.")
