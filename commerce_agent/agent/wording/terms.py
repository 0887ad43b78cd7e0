"""Values in words: money, stock, measures and the shopper's terms, in the language of a phrase book."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from babel.dates import format_date
from babel.numbers import format_decimal
from moneyed import Money
from moneyed.l10n import format_money

from commerce_agent.agent.phrases import PhraseBook, find_book, get_book
from commerce_agent.agent.understanding.english.counting import NUMBER_WORDS
from commerce_agent.agent.wording.ranges import find_number_meant
from commerce_agent.agent.wording.sections import joins_two
from commerce_agent.agent.wording.values import (
    name_color,
    name_field,
    name_goods,
    name_material,
    name_query,
    name_value,
    write_small,
)
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import LONGEST_IN_HOURS, get_availability
from conversations.constraints import LEAST_CONTAINED
from conversations.events.constraints import Constraint, list_values
from conversations.events.facts import Amount
from conversations.language.amounts import find_unit, from_base, list_amounts
from conversations.language.catalogue import has_quality_shape
from conversations.language.glossing import gloss
from conversations.language.plurals import is_plural, make_plural, make_single
from conversations.language.shop_language import find_contained, is_without
from conversations.language.tokens import list_tokens
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import NO, YES, Category, Vocabulary

_LETTERS_BEFORE_DIGITS = re.compile(r"(?<=[A-Z]{3})(?=\d)")
_EVEN = re.compile(r"[.,]00(?=\D*$)")
_JUST_BELOW = 0.99
_NEAR = 1e-4
_COUNTING = frozenset({"any", "some", "no", "more", "other"})
_SHORTEST_SHAPED = 4
_LONGEST_NAME = 1
"""A query of more words than this is quoted, not used as the name of goods."""
_TONGUE = get_tongue("en")
_LARGE_UNITS = {
    "g": (("kg", 1000, 1000),),
    "mm": (("cm", 10, 10),),
    "ml": (("l", 1000, 1000),),
    "cm": (("km", 100_000, 100_000), ("m", 100, 1000)),
}
"""Larger units, how much of the unit makes one, and from how much on they are said: 180 cm, but 75 m."""


def say_money(money: Money | Amount, *, language: str = "en") -> str:
    """The sum as the language writes it: "$89.00"."""
    currency = money.currency if isinstance(money, Amount) else money.currency.code
    return _write_money(money.amount, currency, find_book(language).locale)


@lru_cache(maxsize=4096)
def _write_money(amount: Decimal, currency: str, locale: str) -> str:
    """Prices come up again and again in a talk, and the rules of a locale take long to apply."""
    return _LETTERS_BEFORE_DIGITS.sub("\u00a0", format_money(Money(amount, currency), locale=locale))


def say_limit(value: float, *, currency: str, language: str = "en") -> str:
    """A limit of the shopper's, without cents it does not have: "$100", "$79.50"."""
    return _EVEN.sub("", say_money(Money(Decimal(str(value)), currency), language=language))


def say_stock(offer: Offer, *, book: PhraseBook | None = None) -> str:
    """The stock in words."""
    book = book or get_book("en")
    return book.put(f"availability.{get_availability(offer)}", count=offer.stock.quantity or 0)


def say_number(value: float, *, language: str = "en") -> str:
    """A number as the language writes it, without a needless fraction."""
    return str(
        format_decimal(Decimal(f"{value:g}"), locale=find_book(language).locale, group_separator=False)
    )


def say_date(day: datetime, *, book: PhraseBook) -> str:
    """The day as the language writes it."""
    return str(format_date(day, format="long", locale=book.locale))


def say_since(day: datetime, *, now: datetime, book: PhraseBook) -> str:
    """The day from which something holds: "today", or its date."""
    return book.put("today") if day.date() == now.date() else say_date(day, book=book)


def say_age(observed_at: datetime, *, now: datetime, book: PhraseBook) -> str:
    """How old a reading is: "as of 3 minutes ago"."""
    seconds = max(0, int((now - observed_at).total_seconds()))
    if seconds < 1:
        return book.put("age.now")
    if seconds < 90:
        return book.put("age.seconds", count=seconds)
    if seconds < 5400:
        return book.put("age.minutes", count=round(seconds / 60))
    if seconds < LONGEST_IN_HOURS:
        return book.put("age.hours", count=round(seconds / 3600))
    return book.put("age.days", count=round(seconds / 86400))


def say_term(term: Constraint, *, book: PhraseBook, currency: str, units: dict[str, str]) -> str:
    """One term in words: "under $100", "in blue", "size 10", "not from Acme"."""
    if isinstance(term.value, float | int):
        return _say_bound(term, value=float(term.value), book=book, currency=currency, units=units)
    values = (term.value,) if isinstance(term.value, str) else term.value
    negated = "yes" if term.op in ("!=", "not in") else "no"
    named = tuple(_name_value(value, field=term.field, book=book) for value in values)
    said = find_number_meant(values, text=term.text) or book.join(named, last="or")
    if term.field in ("category", "brand", "color", "material", "size", "on_sale"):
        return book.put(f"term.{term.field}", value=said, negated=negated)
    return _say_attribute(term.field, said=said, negated=negated, book=book)


def _name_value(value: str, *, field: str, book: PhraseBook) -> str:
    match field:
        case "color":
            return name_color(value, book=book)
        case "material":
            return name_material(value, book=book)
        case "category":
            return name_goods(value, book=book)
        case "brand" | "size":
            return value
        case _:
            return value if value.lower() in YES | NO else name_value(value, book=book)


def _say_attribute(field: str, *, said: str, negated: str, book: PhraseBook) -> str:
    name = name_field(field, book=book)
    contained = find_contained(name) if said.lower() in YES | NO else ""
    if contained:
        without = (said.lower() in NO) != (negated == "yes")
        return book.put("term.has", name=contained, negated="yes" if without else "no")
    if is_open(field):
        return book.put("term.attribute.open", name=name, value=said, negated=negated)
    own = f"term.attribute.{field.replace(' ', '_')}"
    if book.has(own):
        return book.put(own, value=said, negated=negated)
    if said.isalpha() and said.islower() and said not in YES:
        return book.put("term.attribute.plain", name=name, value=said, negated=negated)
    if said.lower() in YES:
        return book.put(
            "term.quality" if is_quality(field, language=book.language) else "term.has",
            name=name,
            negated=negated,
        )
    return book.put("term.attribute", name=name, value=said, negated=negated)


def is_open(name: str) -> bool:
    """Whether the name wants its value behind it: "compatible with", "suitable for"."""
    *words, last = name.replace("_", " ").lower().split()
    return bool(words) and last in _TONGUE.grammar.prepositions


_COMES_WITH = frozenset({"included", "supplied", "provided"})
"""As in "filter included": it comes with a filter, and is none."""


def is_quality(name: str, *, language: str = "en") -> bool:
    """Whether things are it ("waterproof", "left handed") or have it ("removable covers")."""
    if (
        name.startswith("for ")
        or is_without(name)
        or (language != "en" and has_quality_shape(name, language=language))
    ):
        return True
    last = name.replace("_", " ").lower().split()[-1]
    if last in _COMES_WITH:
        return False
    shaped = len(last) > _SHORTEST_SHAPED and last.endswith((*_TONGUE.adjective_endings, "ed", "an"))
    return shaped or last in _TONGUE.adjectives or last in _TONGUE.adjective_endings


_BOUNDS = {"<=": "most", ">=": "least", "=": "exact"}


def _say_bound(
    term: Constraint, *, value: float, book: PhraseBook, currency: str, units: dict[str, str]
) -> str:
    # "Lighter than 262 g" is kept as the largest value that still is: 261.99.
    under = term.op == "<=" and round(value % 1, 2) == _JUST_BELOW
    value = math.ceil(value) if under else value
    bound = _BOUNDS.get(term.op, "not")
    if term.field == "price":
        money = say_limit(value, currency=currency, language=book.language)
        return book.put(f"term.price.{bound}", money=money)
    unit = units.get(term.field, "")
    counted = term.field != "rating" and (find_unit(unit, _TONGUE) or ("",))[0] != "temperature"
    if counted and (bound, value) in (("most", 0.0), ("least", LEAST_CONTAINED)):
        without = "yes" if bound == "most" else "no"
        return book.put("term.has", name=name_field(term.field, book=book), negated=without)
    said = _find_own_measure(term.text, value=value, unit=unit, book=book)
    said = said or say_measure(value, unit=unit, book=book)
    if term.field == "rating" and bound in ("most", "least"):
        return book.put(f"term.rating.{bound}", value=said)
    bound = "under" if under else bound
    own = f"term.measure.{bound}.{term.field}"
    key = own if book.has(own) else f"term.measure.{bound}"
    return book.put(key, name=name_field(term.field, book=book), value=said)


_NO_SHOP = Vocabulary()
_EVERYDAY = frozenset({"length", "weight", "volume", "temperature", "time"})
"""What people measure in units of their own choice."""


def _find_own_measure(text: str, *, value: float, unit: str, book: PhraseBook) -> str:
    """The number in the unit the shopper gave it, so that who asks in inches hears inches; else empty."""
    known = find_unit(unit, _TONGUE)
    text = gloss(text, language=book.language, vocabulary=_NO_SHOP).text
    amounts = list_amounts(list_tokens(text), _TONGUE)
    if known is None or len(amounts) != 1 or amounts[0].dimension != known[0] or known[0] not in _EVERYDAY:
        return ""
    amount = amounts[0]
    if not math.isclose(from_base(amount.value, unit=unit, tongue=_TONGUE), value, rel_tol=_NEAR):
        return ""
    own = from_base(amount.value, unit=amount.unit, tongue=_TONGUE)
    written = unit if amount.unit == unit.lower() else amount.unit
    return f"{say_number(own, language=book.language)} {book.name(written, kind='value')}"


def say_measure(value: float, *, unit: str, book: PhraseBook) -> str:
    """As people say it: 2 kg and not 2000 g."""
    large = next((each for each in _LARGE_UNITS.get(unit, ()) if value >= each[2]), None)
    if large:
        value, unit = value / large[1], large[0]
    named = book.name(unit, kind="value") if unit else ""
    return f"{say_number(value, language=book.language)} {named}".strip()


def say_terms(terms: Sequence[Constraint], *, book: PhraseBook, currency: str, units: dict[str, str]) -> str:
    """The terms behind the goods, the kind of goods and its adjectives left out: " under $100, in blue"."""
    most = {term.field: term for term in terms if term.op == "<="}
    between = {term.field: most[term.field] for term in terms if term.op == ">=" and term.field in most}
    said = [
        _say_between(term, between[term.field], book=book, currency=currency, units=units)
        if term.op == ">=" and term.field in between
        else say_term(term, book=book, currency=currency, units=units)
        for term in terms
        if not _is_kind(term) and not (_is_adjective(term) and book.language == "en")
        if not _goes_without_saying(term, terms) and between.get(term.field) is not term
    ]
    if book.language != "en" and any(_is_label(term, language=book.language) for term in terms):
        # An adjective behind the goods would have to agree with them; in brackets it is a label.
        return f" ({', '.join(said)})"
    return "".join(f" {term}" for term in said[:1]) + "".join(f", {term}" for term in said[1:])


def _say_between(
    least: Constraint, most: Constraint, *, book: PhraseBook, currency: str, units: dict[str, str]
) -> str:
    """Both ends of a range in one: "between $50 and $80", "with capacity between 21 l and 29 l"."""
    ends = [float(each.value) for each in (least, most) if isinstance(each.value, float | int)]
    if len(ends) < 2 or least.field == "rating":
        each = (say_term(term, book=book, currency=currency, units=units) for term in (least, most))
        return ", ".join(each)
    if least.field == "price":
        low, high = (say_limit(end, currency=currency, language=book.language) for end in ends)
        return book.put("term.price.between", least=low, most=high)
    unit = units.get(least.field, "")
    ends = [math.ceil(end) if round(end % 1, 2) == _JUST_BELOW else end for end in ends]
    low, high = (say_measure(end, unit=unit, book=book) for end in ends)
    return book.put("term.measure.between", name=name_field(least.field, book=book), least=low, most=high)


def _is_label(term: Constraint, *, language: str) -> bool:
    """Whether the term is said as a bare word: "waterproof", "not waterproof"."""
    return (
        isinstance(term.value, str)
        and term.value.lower() in YES
        and is_quality(term.field, language=language)
    )


def _goes_without_saying(term: Constraint, terms: Sequence[Constraint]) -> bool:
    """As in "not orange" beside "ginger": what is wanted says already what is not."""
    refused = term.op in ("!=", "not in")
    return refused and any(other.field == term.field and other.op in ("=", "in") for other in terms)


def count_goods(goods: str, *, number: int, book: PhraseBook) -> str:
    """The goods in the number there are: "notebook" for one, "notebooks" for six.

    Only English words can be bent without a dictionary; elsewhere the goods are called what the shop calls them.
    """
    if book.language != "en":
        return goods
    *before, noun = goods.split(" ")
    if noun.isalpha():
        noun = make_single(noun) if number == 1 else make_plural(noun)
    return " ".join((*before, noun))


def find_goods(
    terms: Sequence[Constraint],
    *,
    query: str,
    book: PhraseBook,
    number: int = 2,
    sections: frozenset[str] = frozenset(),
    full_names: Mapping[str, str] = MappingProxyType({}),
    said: str = "",
) -> str:
    """What is being looked for, as the shop or the shopper calls it: "waterproof jackets", "products in “Dog”".

    `sections` are the names of kinds that no single thing is called by, `full_names` what goods are called whose kind
    is half a name; `said` is what the shopper said of late.
    """
    english = book.language == "en"
    values = [
        value.split(">")[-1].strip() for term in terms if _is_kind(term) for value in list_values(term.value)
    ]
    values = [full_names.get(value, value) for value in values]
    section = values[0] if len(values) == 1 and values[0] in sections else ""
    if len(values) == 1 and number == 1 and joins_two(values[0]):
        section = values[0]
    called = [write_small(value) if english else name_goods(value, book=book) for value in values]
    called = [count_goods(value, number=number, book=book) for value in called]
    named = "" if section else book.join(called, last="or")
    query = _without_counts(query) if values else query
    adjectives = [term.field.replace("_", " ") for term in terms if _is_adjective(term)] if english else []
    kind = named or book.put("goods.any")
    if not values and len(query.split()) <= _LONGEST_NAME and _is_noun(query, said=said):
        kind, query = name_query(query, book=book), ""
    elif named and query.lower() in named.lower():
        query = ""
    elif named and english and _stands_before(query, named, said=said):
        kind, query = f"{query} {named}", ""
    goods = count_goods(" ".join((*adjectives, kind)), number=number, book=book)
    if section:
        goods = book.put("goods.in_section", goods=goods, section=section)
    return book.put("goods.matching", goods=goods, query=name_query(query, book=book)) if query else goods


def find_full_names(categories: Sequence[Category], *, book: PhraseBook) -> dict[str, str]:
    """What goods are called whose kind is half a name: "Standing desks" for "Standing" of "Desks"."""
    if book.language != "en":
        return {}
    return {
        category.name: f"{category.name} {category.path[-1].lower()}"
        for category in categories
        if category.says_parent and category.path and not is_plural(category.name.split()[-1].lower())
    }


def _is_noun(query: str, *, said: str) -> bool:
    """As in "kites", "a kite": not "something sparkling"."""
    if not query or is_quality(query):
        return False
    grammar = _TONGUE.grammar
    around = rf"(?:(\w+)\s+)?(?:(\w+)\s+){re.escape(query)}\b(?:\s+(\w+))?"
    stands = re.search(around, said, re.IGNORECASE)
    earlier, before, behind = ((word or "").lower() for word in stands.groups()) if stands else ("", "", "")
    pronoun = before in grammar.indefinite - grammar.articles - _COUNTING
    purpose = {before, earlier} & grammar.benefiting
    if query.endswith("ing") and stands and before not in grammar.articles | grammar.indefinite:
        return False  # As in "who likes hiking".
    # "In wool" tells what goods are made of, and "a steam loco" which locos are meant.
    told = before in grammar.inside or (behind and behind not in _TONGUE.ordinary | _TONGUE.stopwords)
    return not (pronoun or purpose or told or behind in grammar.standin_one | grammar.standin_many)


def _stands_before(query: str, named: str, *, said: str) -> bool:
    """Whether the word is said right before the goods or is a quality: "leather boots", not "boots for Anna"."""
    if len(query.split()) != 1:
        return False
    behind = re.search(rf"\b{re.escape(query)}\s+([\w-]+)", said, re.IGNORECASE)
    stems = {token.stem for token in list_tokens(named)}
    return is_quality(query) or bool(behind and {t.stem for t in list_tokens(behind.group(1))} & stems)


def _without_counts(query: str) -> str:
    """The words without bare numbers: "a tent for two" is a tent, not a two tent."""
    return " ".join(word for word in query.split() if word not in NUMBER_WORDS and not word.isdecimal())


def _is_kind(term: Constraint) -> bool:
    return term.field == "category" and term.op in ("=", "in")


def _is_adjective(term: Constraint) -> bool:
    """Whether it reads as a word before the goods: an attribute that things have or do not have."""
    has = term.op == "=" and isinstance(term.value, str) and term.value.lower() in YES
    return has and is_quality(term.field)
