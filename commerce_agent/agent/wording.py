"""Values in words: money, stock, measures and the shopper's terms."""

from collections.abc import Sequence
from decimal import Decimal

from moneyed import Money
from moneyed.l10n import format_money

from commerce_agent.tools.shop import Offer
from commerce_agent.tools.showing import get_availability
from conversations.events.constraints import Constraint
from conversations.events.facts import Amount

_LOCALES = {"en": "en_US", "de": "de_DE", "es": "es_ES", "fr": "fr_FR"}


def say_money(money: Money | Amount, *, language: str = "en") -> str:
    """The sum as the language writes it: "$89.00"."""
    if isinstance(money, Amount):
        money = Money(money.amount, money.currency)
    return format_money(money, locale=_LOCALES.get(language, "en_US"))


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


def get_name(offer: Offer) -> str:
    """What to call the item: its product's title, with the colour where that is not in it."""
    title = offer.item.product_title or offer.item.title
    color = offer.item.color
    return f"{title} in {color.lower()}" if color and color.lower() not in title.lower() else title


def get_short_name(offer: Offer) -> str:
    """The title, cut at a word where a feed made it a whole description."""
    title = offer.item.product_title or offer.item.title
    if len(title) <= 60:
        return title
    return f"{title[:57].rsplit(' ', 1)[0]}…"


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
            return f"not in {said}" if negated else f"in {said}"
        case "size":
            return f"not in size {said}" if negated else f"in size {said}"
        case name:
            return _say_attribute(name, said=said, negated=negated)


def _say_attribute(name: str, *, said: str, negated: bool) -> str:
    plain = name.replace("_", " ")
    if said.lower() in ("yes", "true"):
        return f"not {plain}" if negated else plain
    return f"{plain} not {said}" if negated else f"{plain} {said}"


def _say_bound(term: Constraint, *, value: float, currency: str, units: dict[str, str], language: str) -> str:
    if term.field == "price":
        money = say_limit(value, currency=currency, language=language)
        return {"<=": f"under {money}", ">=": f"from {money} up", "=": f"at {money}"}.get(
            term.op, f"not {money}"
        )
    unit = units.get(term.field, "")
    said = f"{say_number(value)} {unit}".strip()
    name = term.field.replace("_", " ")
    if term.field == "rating":
        return f"rated {said} or better" if term.op == ">=" else f"rated {said} at most"
    return {"<=": f"{name} up to {said}", ">=": f"{name} from {said}", "=": f"{name} {said}"}.get(
        term.op, f"{name} not {said}"
    )


def say_terms(
    terms: Sequence[Constraint], *, currency: str, units: dict[str, str], language: str = "en"
) -> str:
    """The terms one after another, the kind of goods left out: " under $100 in blue", or nothing."""
    said = [
        say_term(term, currency=currency, units=units, language=language)
        for term in terms
        if term.field != "category" or term.op in ("!=", "not in")
    ]
    return "".join(f" {term}" for term in said[:1]) + "".join(f", {term}" for term in said[1:])


def find_goods(terms: Sequence[Constraint], *, query: str) -> str:
    """What is being looked for, as the shop or the shopper calls it; empty when nothing names it."""
    for term in terms:
        if term.field == "category" and term.op in ("=", "in"):
            value = (
                term.value
                if isinstance(term.value, str)
                else " or ".join(map(str, term.value))
                if isinstance(term.value, tuple)
                else ""
            )
            return value.split(">")[-1].strip().lower()
    return query
