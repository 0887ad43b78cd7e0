"""Holds the claims of a sentence against the facts: a claim that stands on none does not go out."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

import msgspec
from moneyed import CURRENCIES

from conversations.events.decisions import Verdict
from conversations.events.facts import Amount, Fact
from conversations.state import ConversationState

_CODES = "|".join(sorted(CURRENCIES))
_AMOUNT = r"\d[\d.,\u00a0\u202f]*\d|\d"
_MONEY = re.compile(
    rf"(?:(?:[$€£¥]|\b(?:{_CODES})\b)[\s\u00a0]?(?P<a>{_AMOUNT}))"
    rf"|(?:(?P<b>{_AMOUNT})[\s\u00a0]?(?:[$€£¥]|(?:{_CODES}|dollars|bucks|euros|pounds)\b))"
)
_MONEY_IN_WORDS = re.compile(r"\b(?:[a-z]+[- ])?[a-z]+ (?:dollars|bucks|euros|pounds)\b", re.IGNORECASE)
"""Sums in words cannot be held against a fact, so nobody is told one."""
_GONE = "sold out|out of stock|ausverkauft|agotad[oa]s?|épuisée?s?"
_THERE = "in stock|auf lager|en existencias|en stock"
_STOCK = re.compile(rf"\b(?P<word>{_GONE}|{_THERE})\b", re.IGNORECASE)
_CODE = re.compile(r"\bcode (?P<code>[A-Z][A-Z0-9]{3,})\b")
_PERCENT = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s?(?:%|percent\b)", re.IGNORECASE)
_LEFT = re.compile(
    r"(?<![\d.,$€£])\b(?P<number>\d+)\b(?!\.\d)[^.?!$€£]{0,40}"
    r"\b(?:left|in stock|available|übrig|auf Lager|en stock|restantes?)\b",
    re.IGNORECASE,
)
_DAYS = re.compile(
    r"\b(?P<number>\d+)[- ](?:days?|months?|years?|weeks?|hours?|Tage?n?|Monate?n?|Jahre?n?|Wochen?|Stunden?"
    r"|días?|mes(?:es)?|años?|semanas?|horas?|jours?|mois|ans?|semaines?|heures?)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a sentence may claim."""

    amounts: dict[Decimal, str]
    """Sums of money and the fact each stands on; the shopper's own limits stand on `said`."""
    numbers: dict[Decimal, str]
    """Other numbers, the same way."""
    stock: dict[str, str]
    """What may be said of stock: the availability words that stand as facts."""
    codes: dict[str, str]
    """Promotion codes that stand as facts."""


def list_grounds(
    *,
    state: ConversationState,
    sums: Iterable[Decimal] = (),
    past: Iterable[Fact] = (),
    said: str = "",
) -> Grounds:
    """Everything that may be claimed now: canonical facts, the shopper's own words, sums that were computed."""
    amounts: dict[Decimal, str] = {}
    numbers: dict[Decimal, str] = {}
    for fact in (*past, *state.facts.canonical.values()):
        _add_fact(fact, amounts=amounts, numbers=numbers)
    for term in state.constraints.active:
        if isinstance(term.value, float | int):
            amounts.setdefault(_to_decimal(term.value), "said")
            numbers.setdefault(_to_decimal(term.value), "said")
    for line in state.cart.lines:
        amounts.setdefault(line.unit_price.amount.normalize(), "cart")
    if state.cart.proposal:
        amounts.setdefault(state.cart.proposal.total.amount.normalize(), "proposal")
    for total in sums:
        amounts.setdefault(total.normalize(), "sum")
    for match in _NUMBER.finditer(said):
        numbers.setdefault(Decimal(match.group()).normalize(), "said")
    facts = state.facts.canonical.values()
    return Grounds(
        amounts=amounts,
        numbers=numbers,
        stock={str(fact.value): fact.id for fact in facts if fact.name == "availability"},
        codes={fact.subject.key: fact.id for fact in facts if fact.subject.kind == "promotion"},
    )


def _add_fact(fact: Fact, *, amounts: dict[Decimal, str], numbers: dict[Decimal, str]) -> None:
    if isinstance(fact.value, Amount):
        amounts[fact.value.amount.normalize()] = fact.id
    elif isinstance(fact.value, str):
        for match in _MONEY.finditer(fact.value):
            number = _read(match.group("a") or match.group("b"))
            if number is not None:
                amounts[number] = fact.id
        for match in _NUMBER.finditer(fact.value):
            numbers[Decimal(match.group()).normalize()] = fact.id
    elif isinstance(fact.value, int | float) and not isinstance(fact.value, bool):
        numbers[_to_decimal(fact.value)] = fact.id


def check_sentence(sentence: str, *, grounds: Grounds) -> tuple[Verdict, ...]:
    """A verdict for each claim of the sentence: money, percentages, stock counts and periods."""
    verdicts: list[Verdict] = []
    for match in _MONEY.finditer(sentence):
        number = _read(match.group("a") or match.group("b"))
        verdicts.append(_judge(match.group(), number, grounds.amounts))
    for pattern in (_PERCENT, _LEFT, _DAYS):
        for match in pattern.finditer(sentence):
            number = _read(match.group("number"))
            verdicts.append(_judge(match.group(), number, grounds.numbers))
    verdicts.extend(
        Verdict(claim=match.group(), fact=None, passed=False) for match in _MONEY_IN_WORDS.finditer(sentence)
    )
    verdicts.extend(_judge_stock(match.group("word"), grounds) for match in _STOCK.finditer(sentence))
    for match in _CODE.finditer(sentence):
        code = grounds.codes.get(match.group("code"))
        verdicts.append(Verdict(claim=match.group(), fact=code, passed=code is not None))
    return tuple(verdicts)


def _judge_stock(word: str, grounds: Grounds) -> Verdict:
    """Whether anything the conversation read is so; which item is meant is the reference's business."""
    gone = re.fullmatch(_GONE, word.lower()) is not None
    fitting = ("out_of_stock",) if gone else ("in_stock", "low_stock")
    fact = next((grounds.stock[each] for each in fitting if each in grounds.stock), None)
    return Verdict(claim=word, fact=fact, passed=fact is not None)


def _judge(claim: str, number: Decimal | None, known: dict[Decimal, str]) -> Verdict:
    fact = known.get(number) if number is not None else None
    return Verdict(claim=claim.strip(), fact=fact, passed=fact is not None)


def _read(written: str) -> Decimal | None:
    """The number, however a language writes it: 1,234.50 or 1.234,50 or 1 234,50."""
    digits = re.sub(r"[\s\u00a0\u202f']", "", written)
    marks = [mark for mark in digits if mark in ".,"]
    if len(set(marks)) == 2:
        fraction = marks[-1]
        digits = digits.replace("," if fraction == "." else ".", "").replace(fraction, ".")
    elif len(marks) > 1 or re.search(r",\d{3}$", digits):
        digits = digits.replace(",", "").replace(".", "")
    else:
        digits = digits.replace(",", ".")
    try:
        return Decimal(digits).normalize()
    except InvalidOperation:
        return None


def _to_decimal(value: float) -> Decimal:
    return Decimal(str(value)).normalize()
