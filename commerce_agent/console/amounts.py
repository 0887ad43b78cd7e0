"""Sums of a shop as its forms show them: with the decimals of its currency, not with those of the column."""

from decimal import Decimal

from babel.numbers import get_currency_precision
from django import forms


def show_amounts(form: forms.BaseForm, *names: str, currency: str) -> None:
    """Has these fields begin with what is stored, in `currency`; what is finer than its coins stays as it is."""
    step = Decimal(1).scaleb(-get_currency_precision(currency))
    for name in names:
        stored = form.initial.get(name)
        if isinstance(stored, Decimal) and stored == (shown := stored.quantize(step)):
            form.initial[name] = shown


def show_percents(form: forms.BaseForm, *names: str) -> None:
    """Has these fields begin with what is stored, without zeros that say nothing."""
    for name in names:
        stored = form.initial.get(name)
        if isinstance(stored, Decimal):
            form.initial[name] = Decimal(f"{stored.normalize():f}")
