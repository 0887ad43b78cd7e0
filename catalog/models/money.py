"""The money column: a sum and its currency, three decimals because some currencies have them."""

from decimal import Decimal
from typing import Any

from django.db import models
from djmoney.models.fields import MoneyField

CODES = """
AED AUD BGN BHD BRL CAD CHF CLP CNY CZK DKK EUR GBP HKD HUF IDR ILS INR ISK JPY
KRW KWD MXN MYR NOK NZD PHP PLN RON SAR SEK SGD THB TRY TWD UAH USD VND ZAR
"""
CURRENCIES = tuple((code, code) for code in CODES.split())
"""What forms offer. Named here so that a newer money library changes no migration."""


def make_money_field(**options: Any) -> Any:  # noqa: ANN401 - djmoney's field is untyped
    """A column of this shape; `options` are those of any Django field."""
    return MoneyField(  # type: ignore[no-untyped-call]  # djmoney declares no types
        max_digits=14,
        decimal_places=3,
        default_currency="USD",
        currency_choices=CURRENCIES,
        currency_max_length=3,
        **options,
    )


def make_amount_field(*, help_text: str) -> "models.DecimalField[Decimal, Decimal]":
    """A sum in the currency that stands elsewhere in the row; nothing where it is not given."""
    return models.DecimalField(
        max_digits=14, decimal_places=3, default=Decimal(0), db_default=Decimal(0), help_text=help_text
    )
