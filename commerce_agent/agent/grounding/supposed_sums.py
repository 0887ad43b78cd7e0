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


def find_supposed(claim: Claim, case: Case, *, items: list[ItemGrounds]) -> str | None:
    """By the sentence, which only supposes it; or by what the goods leave of what somebody has to spend."""
    if _is_of_order(claim, case):
        return "order"
    own = case.aim.get_clause(claim).partition(claim.text)[0]
    if case.cues.has("negation", text=own) and case.cues.has("code", text=own):
        return "denied"  # "I have no code that saves you £5."
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
        if (
            _get_supposing().search(before)
            and (cues.has("budget", text=before) or _get_to_spend().match(behind))
            and not _get_leaving().match(behind)
        ):
            yield from ((each.start, value) for value in each.values)


@cache
def _get_supposing() -> re.Pattern[str]:
    """Right before the sum: "with", "say you have", "if your budget is"; goods between them are what it is said of."""
    return re.compile(
        rf"(?<!\w)(?:{get_cues().pieces['supposing']})\s+(?:[^\W•][\w’']*\s+){{0,5}}$", re.IGNORECASE
    )


@cache
def _get_leaving() -> re.Pattern[str]:
    return re.compile(rf"\s+(?:{get_cues().pieces['leaving']})(?!\w)", re.IGNORECASE)


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
    return (
        least is not None
        and is_free
        and min(claim.values) >= least
        and _get_order_of().search(before) is not None
    )


@cache
def _get_order_of() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{get_cues().pieces['order_words']})\s+(?:[\w’']+\s+){{0,2}}$", re.IGNORECASE
    )
