"""Puts recorded values into words, as they were then."""

import math
from collections.abc import Mapping
from decimal import Decimal

import msgspec
from moneyed import Money
from moneyed.l10n import format_money

from commerce_agent.decoding import decode_json
from conversations.events.constraints import Constraint, ConstraintValue, TermSource
from conversations.events.facts import Amount, FactValue
from conversations.events.messages import Card

OPS = {
    "<=": "at most",
    ">=": "at least",
    "=": "is",
    "!=": "is not",
    "in": "is one of",
    "not in": "is none of",
}
JUST_BELOW = 0.99
"""How "lighter than 262 g" is kept: as the largest value that still is, 261.99."""
SEPARATOR = " · "
SINGULARS = {"people": "person", "hours": "hour", "days": "day", "months": "month", "years": "year"}
NO_NAMES: Mapping[str, str] = {}
SCOPES = {"item": "this item", "search": "this search", "always": "whole conversation"}
SOURCES: Mapping[TermSource, str] = {"shopper": "the shopper said", "memory": "remembered of the shopper"}
"""Before the words of a term: whose they are."""
PLANNERS = {"claude": "Claude", "builtin": "Built-in planner", "none": "Nobody"}
RULES = {
    "matched": "Matched",
    "out_of_stock": "Out of stock",
    "below_cut": "Ranked lower",
}
AVAILABILITY = {
    "in_stock": "In stock",
    "low_stock": "Few left",
    "out_of_stock": "Sold out",
    "preorder": "Preorder",
    "backorder": "Backorder",
    "unknown": "Stock unknown",
}


def tell_amount(amount: Amount | None) -> str:
    """A sum of money as the shopper read it."""
    if amount is None:
        return ""
    return format_money(Money(amount.amount, amount.currency), locale="en_US")


def tell_sum(number: float | Decimal, *, currency: str) -> str:
    """A number that is a sum in a currency."""
    return format_money(Money(Decimal(str(number)), currency), locale="en_US")


def tell_micros(micros: int) -> str:
    """Millionths of a dollar, as what a call cost: $0.0042."""
    return f"${Decimal(micros) / 1_000_000:.4f}"


def tell_number(number: float | Decimal) -> str:
    """A number without needless zeros."""
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def tell_measure(number: float | Decimal, *, unit: str) -> str:
    """A number in its unit, one of it in the singular: 1 person, 2 people, 219 g."""
    if number == 1:
        unit = SINGULARS.get(unit, unit)
    return f"{tell_number(number)} {unit}".rstrip()


def tell_fact(value: FactValue) -> str:
    """A fact's value; an absent one is said to be unknown, never none."""
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case Amount():
            return tell_amount(value)
        case int() | float():
            return tell_number(value)
        case _:
            return AVAILABILITY.get(value, value)


def tell_value(value: ConstraintValue) -> str:
    """What a term asks for."""
    match value:
        case tuple():
            return ", ".join(value)
        case str():
            return value
        case _:
            return tell_number(value)


def is_just_below(constraint: Constraint) -> bool:
    """Whether a measure is to be less than a whole number, and not that number."""
    value = constraint.value
    return (
        constraint.op == "<="
        and constraint.field != "price"
        and isinstance(value, float)
        and round(value % 1, 2) == JUST_BELOW
    )


def tell_constraint(constraint: Constraint, *, currency: str = "", unit: str = "") -> str:
    """A term in words: price at most $100.00, weight under 262 g."""
    name, value = tell_name(constraint.field), constraint.value
    if isinstance(value, str | tuple):
        return f"{name} {OPS[constraint.op]} {tell_value(value)}"
    if is_just_below(constraint):
        return f"{name} under {tell_measure(math.ceil(value), unit=unit)}"
    if constraint.field == "price" and currency:
        return f"{name} {OPS[constraint.op]} {tell_sum(value, currency=currency)}"
    return f"{name} {OPS[constraint.op]} {tell_measure(value, unit=unit)}"


def tell_name(name: str) -> str:
    """A machine's name for people: `list_price` is list price."""
    return name.replace("policy.", "policy: ").replace("_", " ")


def tell_rule(rule: str) -> str:
    """The rule that decided on a candidate."""
    return RULES.get(rule, tell_name(rule).capitalize())


def tell_planner(planner: str) -> str:
    """Which planner answered."""
    return PLANNERS.get(planner, planner)


def tell_duration(seconds: float) -> str:
    """A stretch of time, short: 0.4 s, 12 s, 3 min, 2 h, 5 d."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def tell_stock(card: Card) -> str:
    """The stock that a card showed."""
    words = AVAILABILITY[card.availability]
    return f"{words} ({card.stock})" if card.stock else words


def tell_plain(text: str, *, names: Mapping[str, str] = NO_NAMES) -> str:
    """A JSON value in words: names with their values, sums as money, what is empty left out; other text as it is.
    `names` say what a key of the record stands for.
    """
    try:
        return _tell(decode_json(text), names=names)
    except msgspec.DecodeError:
        return text


def _tell(value: object, *, names: Mapping[str, str]) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return tell_number(value)
        case list():
            return "; ".join(_tell(each, names=names) for each in value)
        case {"amount": str() as amount, "currency": str() as currency}:
            return tell_sum(Decimal(amount), currency=currency)
        case dict():
            held = (
                (name, _tell(each, names=names))
                for name, each in value.items()
                if each not in (None, "", [], {})
            )
            return SEPARATOR.join(f"{tell_name(str(name))} {words}" for name, words in held)
        case str():
            return names.get(value) or AVAILABILITY.get(value) or RULES.get(value, value)
        case _:
            return str(value)
