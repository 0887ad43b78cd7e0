"""Numbers, money and measures in a text."""

import re
from collections.abc import Sequence

import msgspec

from conversations.language.tokens import Token
from conversations.language.tongue import Tongue

_FAHRENHEIT = "fahrenheit"
_FREEZING = 32.0
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*$")
_NAMESAKES = (
    frozenset({"SEK", "NOK", "DKK", "CZK", "ISK"}),
    frozenset({"MXN", "ARS", "CLP", "COP", "UYU", "DOP", "PHP"}),
)
"""Currencies of one name: crowns, pesos."""
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"})
_TIMES = frozenset({"x"})
_NEAR_MONEY = 8
_RIGHT_BEHIND = 2
"""So many words before and behind a sum that say it is one."""
_GROUPED = re.compile(r"\d{1,3}(?:[.  ]\d{3})+(?:,\d+)?$")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?$")


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """A number in a text, in words or digits, with what it counts where the text says so."""

    value: float
    """In the base unit of `dimension` (grams, millimetres, millilitres, stars), or in `currency`."""
    first: int
    """The index of its first token; `after` is the index behind its last one."""
    after: int
    currency: str | None = None
    dimension: str | None = None
    factor: float = 1.0
    """How many base units one of its units is."""
    unit: str = ""
    """The unit's name in the text."""

    @property
    def is_bare(self) -> bool:
        """True for a number without currency and unit."""
        return self.currency is None and self.dimension is None


def list_amounts(tokens: Sequence[Token], tongue: Tongue, *, currency: str = "USD") -> tuple[Amount, ...]:
    """Answers the numbers of the text in order: "$100", "a hundred bucks", "1,200.50", "15-inch", "2 litres".

    `currency` is the shop's: it says whose dollars are meant, and whether "pounds" are money or a weight; those that
    somebody spends ("my budget is 700 pounds") are money in every shop.
    """
    amounts: list[Amount] = []
    at = 0
    while at < len(tokens):
        amount = _find_amount(tokens, at, tongue, currency)
        if amount is None:
            at += 1
            continue
        amounts.append(amount)
        at = amount.after
    return tuple(amounts)


def get_number(text: str) -> float:
    """Answers the number that digits spell: "1,200.50" is 1200.5, "12,5" is 12.5. Raises ValueError for
    others.
    """
    if _THOUSANDS.match(text):
        return float(text.replace(",", ""))
    if text.count(",") == 1 and text.count(".") == 0:
        return float(text.replace(",", "."))
    if text.rfind(",") > text.rfind("."):
        return float(text.replace(".", "").replace(",", "."))
    if text.count(".") > 1:
        return float(text.replace(".", "").replace(",", "."))
    return float(text.replace(",", ""))


def find_ordinal(tokens: Sequence[Token], at: int, tongue: Tongue) -> tuple[int, int] | None:
    """Answers the position that an ordinal at this token names, and the index behind it: "2nd" is (2, …)."""
    word = tokens[at].word
    if word in tongue.ordinals:
        return tongue.ordinals[word], at + 1
    ends = at + 1 < len(tokens) and tokens[at + 1].word in tongue.ordinal_endings
    if ends and word.isdecimal() and len(word) < 4 and tokens[at].end == tokens[at + 1].start:
        return int(word), at + 2
    return None


def find_unit(name: str, tongue: Tongue) -> tuple[str, float] | None:
    """Answers what a unit measures and its factor to that measure's base unit; degrees Fahrenheit are temperature."""
    unit = tongue.units.get(name.lower())
    return ("temperature", unit[1]) if unit and unit[0] == _FAHRENHEIT else unit


def to_base(value: float, *, unit: str, tongue: Tongue) -> float:
    """Answers the value in the base unit: 2 "kg" are 2000 grams, 14 "°F" are -10 °C."""
    dimension, factor = tongue.units[unit.lower()]
    return (value - _FREEZING if dimension == _FAHRENHEIT else value) * factor


def from_base(value: float, *, unit: str, tongue: Tongue) -> float:
    """Answers a value of the base unit in this unit."""
    dimension, factor = tongue.units[unit.lower()]
    return value / factor + (_FREEZING if dimension == _FAHRENHEIT else 0.0)


def _find_amount(tokens: Sequence[Token], at: int, tongue: Tongue, shop: str) -> Amount | None:
    if tokens[at].word in tongue.minus and at + 1 < len(tokens):
        below = _find_amount(tokens, at + 1, tongue, shop)
        close = tokens[at].word.isalpha() or tokens[at].end == tokens[at + 1].start
        apart = at == 0 or tokens[at].word.isalpha() or tokens[at - 1].end < tokens[at].start
        if below is None or below.dimension != "temperature" or not (close and apart):
            return None
        degrees = -from_base(below.value, unit=below.unit, tongue=tongue)
        value = to_base(degrees, unit=below.unit, tongue=tongue)
        return msgspec.structs.replace(below, first=at, value=value)
    first, currency = at, None
    sign = _find_currency(tokens[at].word, tongue, shop)
    if sign and at + 1 < len(tokens):
        first, currency = at + 1, sign
    if find_ordinal(tokens, first, tongue) or _stands_for_goods(tokens, first, tongue):
        return None
    if _is_of_code(tokens, first, tongue):
        return None
    counted = _find_count(tokens, first, tongue)
    if counted is None:
        return None
    value, after = counted
    if currency:
        return Amount(value=value, first=at, after=after, currency=currency)
    return _with_unit(tokens, at, value, after, tongue, shop)


def _stands_for_goods(tokens: Sequence[Token], at: int, tongue: Tongue) -> bool:
    """As in "which one holds the most?": no number of anything."""
    grammar = tongue.grammar
    before = tokens[at - 1].word if at else ""
    return tokens[at].word in grammar.standin_one and before in grammar.asking | grammar.demonstrative_one


def _is_of_code(tokens: Sequence[Token], at: int, tongue: Tongue) -> bool:
    """As in "A4", "H7": the number of a name of one letter; "x3" counts, and "c5" may be money."""
    before = tokens[at - 1] if at else None
    if before is None or before.end != tokens[at].start or not tokens[at].word.isdecimal():
        return False
    return (
        len(before.word) == 1
        and before.word.isalpha()
        and before.word not in _TIMES
        and before.word not in tongue.currencies
    )


def _find_currency(word: str, tongue: Tongue, shop: str) -> str | None:
    currency = tongue.currencies.get(word)
    if currency == "USD" and shop in _DOLLARS and word != "usd":
        return shop
    if any({currency, shop} <= family for family in _NAMESAKES) and word.upper() != currency:
        return shop
    if currency == "GBP" and shop != "GBP" and word in tongue.units:
        return None
    return currency


def _is_spent(tokens: Sequence[Token], *, first: int, after: int, tongue: Tongue) -> bool:
    """As in "my budget is about 700 pounds", "I have 700 pounds to spend": a sum, where a unit is a weight, too."""
    if after > len(tokens) or not {tokens[after - 1].word} <= tongue.units.keys() & tongue.currencies.keys():
        return False
    if after < len(tokens) and tokens[after].word in tongue.grammar.part_of:
        return False
    for at in range(first - 1, max(first - _NEAR_MONEY, 0) - 1, -1):
        if not tokens[at].word[-1].isalnum() or tokens[at].word.isdecimal():
            break
        if tokens[at].word in tongue.cues["spends"]:
            return True
    return any(token.word in tongue.cues["spends"] for token in tokens[after : after + _RIGHT_BEHIND])


def _with_unit(
    tokens: Sequence[Token], first: int, value: float, after: int, tongue: Tongue, shop: str
) -> Amount:
    unit_at = after
    if unit_at + 1 < len(tokens) and tokens[unit_at].word in "-–":
        unit_at += 1
    word = tokens[unit_at].word if unit_at < len(tokens) else ""
    spent = _is_spent(tokens, first=first, after=unit_at + 1, tongue=tongue)
    currency = tongue.currencies.get(word) if spent else _find_currency(word, tongue, shop)
    if currency:
        return Amount(value=value, first=first, after=unit_at + 1, currency=currency)
    for end in (unit_at + 2, unit_at + 1):
        name = " ".join(token.word for token in tokens[unit_at:end]) if end <= len(tokens) else ""
        unit = find_unit(name, tongue)
        if unit:
            base = to_base(value, unit=name, tongue=tongue)
            return Amount(value=base, first=first, after=end, dimension=unit[0], factor=unit[1], unit=name)
    return Amount(value=value, first=first, after=after)


def _find_count(tokens: Sequence[Token], at: int, tongue: Tongue) -> tuple[float, int] | None:
    word = tokens[at].word
    if _DIGITS.match(word):
        value, after = get_number(word), at + 1
        if after < len(tokens) and tokens[after].word in tongue.multipliers:
            return value * tongue.multipliers[tokens[after].word], after + 1
        return value, after
    if (
        word in tongue.grammar.articles
        and at + 1 < len(tokens)
        and tokens[at + 1].word in (*tongue.multipliers, "dozen", "couple")
    ):
        at += 1
        word = tokens[at].word
    if word in tongue.numbers or (word in tongue.multipliers and len(word) > 1):
        return _count_words(tokens, at, tongue)
    if word in tongue.fractions:
        article = at + 1 < len(tokens) and tokens[at + 1].word in tongue.grammar.articles
        return tongue.fractions[word], at + 2 if article else at + 1
    return None


def _count_words(tokens: Sequence[Token], at: int, tongue: Tongue) -> tuple[float, int]:
    total = part = 0.0
    last = 1000.0
    while at < len(tokens):
        word = tokens[at].word
        if word in tongue.multipliers:
            part = (part or 1.0) * tongue.multipliers[word]
            total, part = (total + part, 0.0) if part >= 1000 else (total, part)
            last = 1000.0
        elif word in tongue.numbers and tongue.numbers[word] < _room(last):
            part += tongue.numbers[word]
            last = tongue.numbers[word]
        elif not (
            (word == "-" or word in tongue.grammar.adding) and part and _goes_on(tokens, at + 1, tongue)
        ):
            break
        at += 1
    return total + part, at


def _room(last: float) -> float:
    """What may follow a number word: a digit after "twenty", nothing after "five", all after "hundred"."""
    return 1000.0 if last >= 1000 else 10.0 if last >= 20 else 0.0


def _goes_on(tokens: Sequence[Token], at: int, tongue: Tongue) -> bool:
    before = tokens[at - 2].word if at >= 2 else ""
    hyphen = tokens[at - 1].word == "-"
    follows = at < len(tokens) and tokens[at].word in tongue.numbers
    return follows and (before in tongue.multipliers or (hyphen and tongue.numbers.get(before, 0) >= 20))


def write_number(word: str) -> str:
    """Answers the number as English writes it: "1.299,50" is 1299.50, "49,90" is 49.90."""
    if _GROUPED.match(word):
        return re.sub(r"[.  ]", "", word).replace(",", ".")
    return word.replace(",", ".") if word.count(",") == 1 else word
