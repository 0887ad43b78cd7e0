"""What a sum, a share or a period of a claim is reckoned from: differences, multiples, parts of a price."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import combinations

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.grounds import ItemGrounds, Sum
from commerce_agent.agent.grounding.numbers import normalise

_DAYS = {"hour": Decimal(1) / 24, "day": Decimal(1), "week": Decimal(7), "fortnight": Decimal(14)}
_MONTHS = {"month": Decimal(1), "year": Decimal(12), "decade": Decimal(120)}
_DAYS_OF_MONTH = 30
_DAYS_OF_YEAR = Decimal(365)
_MOST_OF_ONE = 12
"""Quantities that a price may be told for: "three for $240"."""
_WHOLE = Decimal(100)
_NEARLY = Decimal("0.05")


def match(sums: list[Sum], claim: Claim) -> str | None:
    """The fact of the first sum that the claim tells."""
    for each in sums:
        fits = not claim.currencies or not each.currency or each.currency in claim.currencies
        if fits and each.amount in claim.values:
            return each.fact
    return None


def list_differences(sums: list[Sum]) -> list[Sum]:
    """What one price is above another."""
    return [
        Sum(amount=normalise(abs(one.amount - other.amount)), currency=one.currency, fact=one.fact)
        for one, other in combinations(sums, 2)
        if one.currency == other.currency
    ]


def list_multiples(sums: list[Sum], *, counts: Iterable[int]) -> list[Sum]:
    """What several of one cost."""
    return [
        Sum(amount=normalise(each.amount * count), currency=each.currency, fact=each.fact)
        for count in counts
        if 1 < count <= _MOST_OF_ONE
        for each in sums
    ]


def match_nearly(sums: list[Sum], claim: Claim, *, under: bool, over: bool) -> str | None:
    """The fact of a sum that is a little under, or over, what the claim tells: "not quite twenty" is 19.90."""
    for each in sums:
        fits = not claim.currencies or not each.currency or each.currency in claim.currencies
        for value in claim.values if fits else ():
            apart = (each.amount - value) / value if value else _WHOLE
            if (under and -_NEARLY <= apart <= 0) or (over and 0 <= apart <= _NEARLY):
                return each.fact
    return None


def match_share(items: list[ItemGrounds], claim: Claim) -> str | None:
    """What a price is below the list price, as a whole percentage."""
    for item in items:
        for low, high in _list_pairs(item.sums):
            share = (high.amount - low.amount) / high.amount * _WHOLE
            if any(value in (share.quantize(Decimal(1)), Decimal(int(share))) for value in claim.values):
                return low.fact
    return None


def _list_pairs(sums: list[Sum]) -> Iterator[tuple[Sum, Sum]]:
    for one in sums:
        for other in sums:
            if one.amount < other.amount:
                yield one, other


def list_longest(known: dict[tuple[Decimal, str], str]) -> dict[tuple[Decimal, str], str]:
    """Of each unit the longest period: of "2 to 5 days" it is after five that it is there at the latest."""
    most: dict[str, Decimal] = {}
    for number, unit in known:
        most[unit] = max(number, most.get(unit, number))
    return {(number, unit): fact for (number, unit), fact in known.items() if number == most[unit]}


def is_as_long(*, number: Decimal, unit: str, known: Decimal, known_unit: str) -> bool:
    """Whether two periods are one: 14 days are two weeks."""
    if unit == known_unit:
        return number == known
    for scale in (_DAYS, _MONTHS):
        if unit in scale and known_unit in scale:
            return number * scale[unit] == known * scale[known_unit]
    # Thirty days are a month to whoever writes them.
    return (unit, known_unit) == ("month", "day") and number * _DAYS_OF_MONTH == known


def is_nearly_as_long(
    *, number: Decimal, unit: str, known: Decimal, known_unit: str, within: Decimal
) -> bool:
    """Whether two periods are one within a part of the known one; months and days are told for each other."""
    told, is_known = in_days(number, unit=unit), in_days(known, unit=known_unit)
    return abs(told - is_known) <= is_known * within


def in_days(number: Decimal, *, unit: str) -> Decimal:
    """How many days a period is, a month being a twelfth of a year."""
    return number * (_DAYS[unit] if unit in _DAYS else _MONTHS[unit] * _DAYS_OF_YEAR / 12)
