"""Values in words: money, stock, measures and the shopper's terms."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal

from moneyed import Money
from moneyed.l10n import format_money

from commerce_agent.agent.english_moves import NUMBER_WORDS
from commerce_agent.agent.english_nouns import make_plural, make_single
from commerce_agent.tools.shop import Offer
from commerce_agent.tools.showing import get_availability
from conversations.events.constraints import Constraint
from conversations.events.facts import Amount
from conversations.language.tongues import get_tongue

_LETTERS_BEFORE_DIGITS = re.compile(r"(?<=[A-Z]{3})(?=\d)")
_JUST_BELOW = 0.99
_SHORTEST_SHAPED = 4
_LONGEST_NAME = 1
"""A query of more words than this is quoted, not used as the name of goods."""
_TONGUE = get_tongue("en")
_LARGE_UNITS = {"g": ("kg", 1000), "mm": ("cm", 10), "ml": ("l", 1000)}
_LOCALES = {"en": "en_US", "de": "de_DE", "es": "es_ES", "fr": "fr_FR"}


def say_money(money: Money | Amount, *, language: str = "en") -> str:
    """The sum as the language writes it: "$89.00"."""
    if isinstance(money, Amount):
        money = Money(money.amount, money.currency)
    written = format_money(money, locale=_LOCALES.get(language, "en_US"))
    return _LETTERS_BEFORE_DIGITS.sub("\u00a0", written)


def say_limit(value: float, *, currency: str, language: str = "en") -> str:
    """A limit of the shopper's, without cents it does not have: "$100", "$79.50"."""
    written = say_money(Money(Decimal(str(value)), currency), language=language)
    return written.removesuffix(".00").removesuffix(",00")


def say_stock(offer: Offer) -> str:
    """The stock in words."""
    availability = get_availability(offer)
    quantity = offer.stock.quantity
    match availability:
        case "in_stock":
            return "in stock"
        case "low_stock":
            return f"nearly gone with only {quantity} left"
        case "out_of_stock":
            return "sold out"
        case "preorder":
            return "available to pre-order"
        case "backorder":
            return "available on back-order"
        case "unknown":
            return "of unknown stock, as I can't check it this minute"


def say_number(value: float) -> str:
    """A number without a needless fraction."""
    return f"{value:g}"


def say_term(term: Constraint, *, currency: str, units: dict[str, str], language: str = "en") -> str:
    """One term in words: "under $100", "in blue", "size 10", "not from Acme"."""
    if isinstance(term.value, float | int):
        return _say_bound(term, value=float(term.value), currency=currency, units=units, language=language)
    values = (term.value,) if isinstance(term.value, str) else term.value
    said = " or ".join(values)
    negated = term.op in ("!=", "not in")
    match term.field:
        case "category":
            return f"not {said}" if negated else said
        case "brand":
            return f"not from {said}" if negated else f"from {said}"
        case "color" | "material":
            return f"not in {said.lower()}" if negated else f"in {said.lower()}"
        case "size":
            return f"not in size {said}" if negated else f"in size {said}"
        case name:
            return _say_attribute(name, said=said, negated=negated)


def _say_attribute(name: str, *, said: str, negated: bool) -> str:
    plain = name.replace("_", " ")
    if said.lower() in ("yes", "true"):
        if is_quality(plain):
            return f"not {plain}" if negated else plain
        return f"without {plain}" if negated else f"with {plain}"
    return f"not {said} ({plain})" if negated else f"{said} ({plain})"


def is_quality(name: str) -> bool:
    """Whether things are it ("waterproof", "left handed") or have it ("removable covers")."""
    last = name.replace("_", " ").lower().split()[-1]
    shaped = len(last) > _SHORTEST_SHAPED and last.endswith((*_TONGUE.adjective_endings, "ed", "an"))
    return shaped or last in _TONGUE.adjectives or last in _TONGUE.adjective_endings


def _say_bound(term: Constraint, *, value: float, currency: str, units: dict[str, str], language: str) -> str:
    # "Lighter than 262 g" is kept as the largest value that still is: 261.99.
    under = term.op == "<=" and round(value % 1, 2) == _JUST_BELOW
    value = math.ceil(value) if under else value
    if term.field == "price":
        money = say_limit(value, currency=currency, language=language)
        return {"<=": f"under {money}", ">=": f"from {money} up", "=": f"at {money}"}.get(
            term.op, f"not {money}"
        )
    value, unit = _in_large_units(value, units.get(term.field, ""))
    said = f"{say_number(value)} {unit}".strip()
    name = term.field.replace("_", " ")
    if term.field == "rating":
        return f"rated {said} or better" if term.op == ">=" else f"rated {said} at most"
    if under:
        return f"with {name} under {said}"
    bounds = {"<=": f"with {name} up to {said}", ">=": f"with {name} from {said}", "=": f"with {name} {said}"}
    return bounds.get(term.op, f"with {name} not {said}")


def _in_large_units(value: float, unit: str) -> tuple[float, str]:
    """As people say it: 2 kg and not 2000 g."""
    large, factor = _LARGE_UNITS.get(unit, ("", 1))
    return (value / factor, large) if large and value >= factor else (value, unit)


def say_terms(
    terms: Sequence[Constraint], *, currency: str, units: dict[str, str], language: str = "en"
) -> str:
    """The terms behind the goods, the kind of goods and its adjectives left out: " under $100, in blue"."""
    said = [
        say_term(term, currency=currency, units=units, language=language)
        for term in terms
        if not _is_kind(term) and not _is_adjective(term)
    ]
    return "".join(f" {term}" for term in said[:1]) + "".join(f", {term}" for term in said[1:])


def count_goods(goods: str, *, number: int) -> str:
    """The goods in the number there are: "notebook" for one, "notebooks" for six."""
    *before, noun = goods.split(" ")
    if noun.isalpha():
        noun = make_single(noun) if number == 1 else make_plural(noun)
    return " ".join((*before, noun))


def find_goods(terms: Sequence[Constraint], *, query: str, number: int = 2) -> str:
    """What is being looked for, as the shop or the shopper calls it: "waterproof jackets"."""
    values = [value for term in terms if _is_kind(term) for value in _list_values(term)]
    named = " or ".join(value.split(">")[-1].strip().lower() for value in values)
    query = _without_counts(query) if named else query
    adjectives = [term.field.replace("_", " ") for term in terms if _is_adjective(term)]
    if not named:
        plain = len(query.split()) <= _LONGEST_NAME and not is_quality(query or "products")
        kind, query = (query or "products", "") if plain else ("products", query)
    else:
        kind, query = named, "" if query.lower() in named else query
        if len(query.split()) == 1:
            kind, query = f"{query} {named}", ""
    goods = count_goods(" ".join((*adjectives, kind)), number=number)
    return f"{goods} matching “{query}”" if query else goods


def _without_counts(query: str) -> str:
    """The words without bare numbers: "a tent for two" is a tent, not a two tent."""
    return " ".join(word for word in query.split() if word not in NUMBER_WORDS and not word.isdecimal())


def _list_values(term: Constraint) -> tuple[str, ...]:
    return term.value if isinstance(term.value, tuple) else (str(term.value),)


def _is_kind(term: Constraint) -> bool:
    return term.field == "category" and term.op in ("=", "in")


def _is_adjective(term: Constraint) -> bool:
    """Whether it reads as a word before the goods: an attribute that things have or do not have."""
    has = term.op == "=" and isinstance(term.value, str) and term.value.lower() in ("yes", "true")
    return has and is_quality(term.field)
