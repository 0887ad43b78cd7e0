"""Sums that are no price, and true all the same: a bound, what several cost together, what free delivery lacks."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import msgspec

from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.grounds import ItemGrounds, Sum
from commerce_agent.agent.grounding.mentions import Mention
from commerce_agent.agent.grounding.numbers import get_number_pattern, normalise, read_number

_FEWEST = 2
_MOST = 99


def list_totals(case: Case) -> list[Sum]:
    """What the goods that the sentence names, or that the talk is on, cost together, one of each."""
    prices = list(_list_prices(case))
    if len(prices) < _FEWEST or len({each.currency for each in prices}) > 1:
        return []
    total = normalise(sum((each.amount for each in prices), Decimal(0)))
    return [Sum(amount=total, currency=prices[0].currency, fact=prices[0].fact)]


def _list_prices(case: Case) -> Iterator[Sum]:
    counted = {each.skus: _count_named(case, each) for each in reversed(case.read.mentions)}
    named = [each.skus for each in case.read.mentions] or [frozenset({sku}) for sku in sorted(case.about)]
    for skus in dict.fromkeys(named):
        items = [case.grounds.items[sku] for sku in sorted(skus) if sku in case.grounds.items]
        for price in [item.price for item in items if item.price][:1]:
            amount = normalise(price.amount * counted.get(skus, 1))
            yield msgspec.structs.replace(price, amount=amount)


def _count_named(case: Case, named: Mention) -> int:
    """How many of it the sentence speaks of: "two lamps and a bowl"."""
    match = _get_counted().search(case.read.text[: named.start])
    values = read_number(match["n"]) if match else ()
    return next((int(each) for each in values if 1 < each <= _MOST and each == int(each)), 1)


@cache
def _get_counted() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.,€£$-])(?P<n>{get_number_pattern()})\s*[x×]?\s+(?:(?:pairs?|{get_cues().pieces['pieces_of']})\s+(?:of\s+)?)?$",
        re.IGNORECASE,
    )


def find_missing(claim: Claim, case: Case, *, items: list[ItemGrounds], topics: frozenset[str]) -> str | None:
    """What the item alone lacks of the sum from which on something is free: "two dollars away from free shipping"."""
    least = [case.grounds.free_above[topic] for topic in topics if topic in case.grounds.free_above]
    if not least or not case.cues.has("free", text=case.read.text):
        return None
    prices = [item.price for item in items if item.price]
    missing = [(each - price.amount, price.fact) for price in prices for each in least if price.amount < each]
    return next((fact for amount, fact in missing if normalise(amount) in claim.values), None)


def find_bound(claim: Claim, case: Case, *, items: list[ItemGrounds]) -> str | None:
    """By a price that is on the side that is told: "under fifty", "nothing here is under ten dollars"."""
    is_of_all = not (case.about or case.read.mentions)
    under, over = case.is_led_by("under", claim), case.is_led_by("over", claim)
    is_rough = any(case.is_led_by(each, claim) for each in ("nearly", "just_over", "roughly"))
    if under is over or is_rough or not claim.values or case.cues.has("free", text=case.read.text):
        return None
    excepted = case.read.list_excepted()
    if excepted and all(each.skus <= excepted for each in case.read.mentions):
        items = [each for sku, each in case.grounds.items.items() if sku not in excepted]
        is_of_all = True
    clause = case.aim.get_clause(claim)
    named = {each.skus for each in case.read.mentions}
    if len(named) >= _FEWEST and _tells_of_each(case, clause):
        return _find_of_each(claim, case, named=named, under=under)
    prices = [item.price for item in items if item.price]
    fits = [_is_within(price, claim, under=under) for price in prices if _is_of_currency(price, claim)]
    if not fits:
        return None
    is_denied = case.cues.has("nothing", text=clause) or case.cues.has("negation", text=clause)
    is_of_some = not is_of_all or any(case.cues.has(each, text=clause) for each in ("has", "there_is"))
    is_so = not any(fits) if is_denied else any(fits) if is_of_some else all(fits)
    return prices[0].fact if is_so else None


def _tells_of_each(case: Case, clause: str) -> bool:
    """As in "both, the A and the B, are under fifty"; "not at all" tells of none."""
    said = case.cues.words["at_all"].blank_in(clause)
    return case.cues.has("each_of", text=said) or _get_each_first().match(case.read.text) is not None


@cache
def _get_each_first() -> re.Pattern[str]:
    return re.compile(rf"\W*(?:{get_cues().pieces['each_of']})(?!\w)[^;:.]*[.!\s]*$", re.IGNORECASE)


def _find_of_each(claim: Claim, case: Case, *, named: set[frozenset[str]], under: bool) -> str | None:
    """Of "the A and the B are both under fifty": each of them has such a price, or, if that is denied, not each."""
    priced = [
        [
            price
            for sku in sorted(skus)
            if sku in case.grounds.items and (price := case.grounds.items[sku].price)
        ]
        for skus in named
    ]
    known = [each for each in priced if each]
    fits = all(
        any(_is_within(price, claim, under=under) and _is_of_currency(price, claim) for price in prices)
        for prices in known
    )
    is_denied = case.cues.has("negation", text=case.aim.get_clause(claim))
    return known[0][0].fact if known and fits is not is_denied else None


def _is_within(price: Sum, claim: Claim, *, under: bool) -> bool:
    return price.amount <= max(claim.values) if under else price.amount >= min(claim.values)


def _is_of_currency(price: Sum, claim: Claim) -> bool:
    return not claim.currencies or price.currency in claim.currencies
