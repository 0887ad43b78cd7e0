"""How old somebody is whom the goods are for: "a boy of six", "an 8 year old"."""

import re

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.events.constraints import ConstraintValue, Op
from conversations.language.amounts import Amount

_OLDEST = 120
_HOURS_A_YEAR = 8766.0
"""A shop's measure of time is kept in hours."""
_AGE = frozenset({"age", "ages", "aged"})
_PEOPLE = frozenset({"he", "she", "they"})
_YEAR = "year"
_UNITS = ("month", _YEAR)
_DOWNWARDS = frozenset({"to", "max", "maximum", "until"})
_RANGE = re.compile(r"(\d+)\s*(?:-|–|to)\s*(\d+)")
_FROM = re.compile(r"(?:from\s*)?(\d+)")


def read_ages(scan: Scan) -> list[Draft]:
    """Answers the terms about somebody's age, in the attributes that the shop has for it."""
    for amount in scan.amounts:
        span = _find_span(scan, amount)
        told = _build(scan, int(amount.value), first=span[0], after=span[1]) if span else []
        if found := told or _read_in_sizes(scan, amount):
            return found
    return []


def _read_in_sizes(scan: Scan, amount: Amount) -> list[Draft]:
    """As in "for a 4 month old", "he is 7", where sizes are "0-6 months" and "6-8 years": the one for that age."""
    words = [token.word for token in scan.tokens]
    at = amount.first + 1
    at += words[at : at + 1] == ["-"]
    unit = next((name for name in _UNITS if words[at : at + 1] in ([name], [f"{name}s"])), "")
    behind = at + 1 + (words[at + 1 : at + 2] == ["-"])
    first, after, whose = amount.first, behind + 1, _find_span(scan, amount)
    if not unit and whose:
        unit, (first, after) = _YEAR, whose
    elif not unit or words[behind : behind + 1] != ["old"]:
        return []
    number = scan.tongue.numbers.get(words[amount.first], words[amount.first])
    if not str(number).isdecimal() or _is_told_of_things(scan, amount.first):
        return []
    sizes = [(size, found) for size in scan.vocabulary.sizes if (found := _find_range(size, unit=unit))]
    age = int(number)
    fitting = tuple(size for size, (low, high) in sizes if low <= age < high)
    fitting = fitting or tuple(size for size, (_, high) in sizes if age == high)
    if not fitting:
        return []
    many = len(fitting) > 1
    value: ConstraintValue = fitting if many else fitting[0]
    op: Op = "in" if many else "="
    return [Draft(field="size", op=op, value=value, first=first, after=after)]


def _is_told_of_things(scan: Scan, first: int) -> bool:
    """As in "the duvet is 2 months old", which nobody is."""
    words = ["", "", *(token.word for token in scan.tokens)]
    who, told = words[first : first + 2]
    return told in scan.tongue.grammar.copulas and not (who in _PEOPLE or _is_person(scan, who))


def _find_range(size: str, *, unit: str) -> tuple[int, int] | None:
    between = _RANGE.search(size)
    return (int(between[1]), int(between[2])) if between and unit in size.lower() else None


def _find_span(scan: Scan, amount: Amount) -> tuple[int, int] | None:
    """Where the age stands; None where the number counts something else."""
    if not amount.is_bare or amount.value != int(amount.value) or not 0 < amount.value < _OLDEST:
        return None
    words = [token.word for token in scan.tokens]
    at = amount.after
    if words[at : at + 1] == ["-"]:
        at += 1
    if words[at : at + 1] and words[at] in scan.tongue.years:
        at += 1
        joined = words[at : at + 1] == ["-"]
        if words[at + joined : at + joined + 1] == ["old"]:
            return amount.first, at + joined + 1
    before = words[amount.first - 1] if amount.first else ""
    if before in scan.tongue.aging:
        return amount.first - 1, amount.after
    ends = at >= len(words) or not words[at][:1].isalnum() or words[at] in scan.tongue.stopwords
    if before in scan.tongue.grammar.copulas and ends and amount.first > 1:
        # "My daughter is 8", "she is turning 8".
        who = words[amount.first - 2]
        return (amount.first - 1, amount.after) if who in _PEOPLE or _is_person(scan, who) else None
    if (
        before in scan.tongue.grammar.part_of
        and amount.first > 1
        and _is_person(scan, words[amount.first - 2])
    ):
        return amount.first - 1, amount.after
    return None


def _is_person(scan: Scan, word: str) -> bool:
    return any(word in words for words in scan.tongue.recipients.values())


def _build(scan: Scan, age: int, *, first: int, after: int) -> list[Draft]:
    drafts: list[Draft] = []
    for name, unit in scan.vocabulary.measures.items():
        words = set(name.lower().replace("_", " ").split())
        if words & _AGE:
            op: Op = ">=" if words & _DOWNWARDS else "<="
            value = age * _HOURS_A_YEAR if unit == "h" else float(age)
            drafts.append(Draft(field=name, op=op, value=value, first=first, after=after))
    if drafts:
        return drafts
    for field, values in scan.vocabulary.attributes.items():
        if set(field.lower().replace("_", " ").split()) & _AGE:
            fitting = tuple(value for value in values if _suits(value, age))
            if fitting:
                many: ConstraintValue = fitting if len(fitting) > 1 else fitting[0]
                op = "in" if len(fitting) > 1 else "="
                return [Draft(field=field, op=op, value=many, first=first, after=after)]
    return []


def _suits(value: str, age: int) -> bool:
    """Whether "3-6 years", "8+", "from 5" is for somebody of that age."""
    between = _RANGE.search(value)
    if between:
        return int(between[1]) <= age <= int(between[2])
    least = _FROM.search(value)
    return least is not None and int(least[1]) <= age
