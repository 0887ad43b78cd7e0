"""Sums that are supposed, and what is left of them: "if your budget is $50", "you'd have $26 left"."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from commerce_agent.agent.grounding.bounds import list_totals
from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims import list_claims
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.grounds import ItemGrounds
from commerce_agent.agent.grounding.numbers import normalise

_NEAR = 2
"""So many words behind a sum stands what says that it is taken off."""


def find_supposed(claim: Claim, case: Case, *, items: list[ItemGrounds]) -> str | None:
    """By the sentence, which only supposes it; or by what the goods leave of what somebody has to spend."""
    if _is_of_order(claim, case):
        return "order"
    if _is_of_no_code(claim, case):
        return "denied"
    if case.cues.has("free", text=case.read.text) or case.cues.has("discount", text=case.read.text):
        # "If you spend $20, delivery is free" is a term of the shop, whoever supposes it.
        return None
    supposed = list(_list_supposed(case))
    if any(start == claim.start for start, _ in supposed):
        return "condition"
    if not case.cues.has("leaving", text=case.read.text):
        return None
    paid = [each.price.amount for each in items if each.price] + [each.amount for each in list_totals(case)]
    budgets = {*(amount for _, amount in supposed), *case.grounds.limits}
    left = {normalise(budget - price) for budget in budgets for price in paid if budget > price}
    return "reckoned" if left & set(claim.values) else None


def _list_supposed(case: Case) -> Iterator[tuple[int, Decimal]]:
    """Each sum that stands behind "if", "with" or "say" in a clause on what somebody has to spend."""
    cues, text = case.cues, case.read.text
    for each in list_claims(text):
        if each.kind != "money":
            continue
        clause = case.read.find_clause(each.start)
        before = text[clause.start : each.start]
        behind = text[each.start + len(each.text) : clause.end]
        is_left = _get_with().search(before) and cues.has("leaving", text=text[each.start :])
        is_rest = _get_leaving().match(behind) and not (is_left and _get_leaves().match(behind))
        if is_rest or _get_to_pay().match(behind):
            continue
        is_budget = cues.has("budget", text=before) or _get_to_spend().match(behind)
        # "With shipping you have $9 to pay" tells a price; "with $80 you have $32 left" supposes one.
        is_held = _get_held().search(before) or _get_held_behind().match(behind)
        if (
            is_left
            or (is_budget and _get_supposing("supposing", "with_sum").search(before))
            or (is_held and _get_supposing("supposing").search(before))
        ):
            yield from ((each.start, value) for value in each.values)


@cache
def _get_supposing(*meanings: str) -> re.Pattern[str]:
    """Right before the sum: "with", "say you have", "if your budget is"; goods between them are what it is said of."""
    words = "|".join(get_cues().pieces[each] for each in meanings)
    return re.compile(rf"(?<!\w)(?:{words})\s+(?:[^\W•][\w’']*\s+){{0,5}}$", re.IGNORECASE)


@cache
def _get_with() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{get_cues().pieces['with_sum']})\s+$", re.IGNORECASE)


@cache
def _get_held() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{get_cues().pieces['holding']})\s+(?:[^\W\d•]+\s+)?$", re.IGNORECASE)


@cache
def _get_held_behind() -> re.Pattern[str]:
    return re.compile(rf"\s+(?:{get_cues().pieces['holding']})(?!\w)", re.IGNORECASE)


@cache
def _get_to_pay() -> re.Pattern[str]:
    return re.compile(rf"\s+(?:{get_cues().pieces['to_pay']})(?!\w)", re.IGNORECASE)


@cache
def _get_leaving() -> re.Pattern[str]:
    return re.compile(rf"\s+(?:{get_cues().pieces['leaving']})(?!\w)", re.IGNORECASE)


@cache
def _get_leaves() -> re.Pattern[str]:
    """As in "con $80 te quedan $32": what is left is told behind it, and is not the sum before."""
    leaves = get_cues().pieces["leaves_you"]
    return re.compile(rf"\s+(?:{leaves})\s+(?:[^\W\d•]+\s+)?[$€£]?\d", re.IGNORECASE)


@cache
def _get_to_spend() -> re.Pattern[str]:
    """Right behind the sum: "with $80 to spend". "If $86 fits your budget" says what something costs."""
    return re.compile(rf"\s+(?:{get_cues().pieces['budget']})(?!\w)", re.IGNORECASE)


def _is_of_order(claim: Claim, case: Case) -> bool:
    """As in "an order of $129 would ship free", where it would."""
    least = case.grounds.free_above.get("shipping")
    before = case.read.text[: claim.start]
    is_free = case.cues.has("free", text=case.read.text) and not case.cues.has(
        "negation", text=case.read.text
    )
    if least is None or not is_free or min(claim.values) < least:
        return False
    told = _get_order_of().search(before)
    if told is None:
        return False
    # "Your order of $999 is free" tells of one that there is; "would be free" supposes it.
    is_there = case.cues.has("yours", text=" ".join(before[: told.start()].split()[-2:]))
    return not is_there or case.cues.has("might", text=case.aim.get_clause(claim))


@cache
def _get_order_of() -> re.Pattern[str]:
    pieces = get_cues().pieces
    return re.compile(rf"(?<!\w)(?:{pieces['order_words']})\s+(?:{pieces['worth']})\s+$", re.IGNORECASE)


def _is_of_no_code(claim: Claim, case: Case) -> bool:
    """As in "I have no code that saves you £5": what one would take off, and not what something costs without any."""
    told = _get_code_that().search(case.read.text[: claim.start])
    if told is None:
        return False
    rest = case.read.text[claim.start + len(claim.text) :].split()[:_NEAR]
    beside = " ".join((told["does"], *rest))
    before = case.read.text[case.read.find_clause(told.start()).start : told.start()]
    return case.cues.has("negation", text=before) and any(
        case.cues.has(each, text=beside) for each in ("saving", "discount")
    )


@cache
def _get_code_that() -> re.Pattern[str]:
    pieces = get_cues().pieces
    return re.compile(
        rf"(?<!\w)(?:{pieces['code']}),?\s+(?:{pieces['relating']})\s+(?P<does>(?:[^\W\d]+\s+){{0,4}})$",
        re.IGNORECASE,
    )
