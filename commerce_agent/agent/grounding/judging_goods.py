"""What a sentence says of goods: how many there are, whether they can be had, what they are called."""

import re
from decimal import Decimal

from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.grounds import Grounds, ItemGrounds
from commerce_agent.agent.grounding.relations import find_relation

_FEW = 10
_FITTING = {"in": ("in_stock", "low_stock"), "out": ("out_of_stock",), "low": ("low_stock",)}


_PLENTY = 3
_POLITE = re.compile(
    r"\b(?:if you(?:['’]d)? (?:like|want|wish|prefer)|wenn (?:sie|du) (?:möchten|möchtest|wollen|willst|mögen|magst)"
    r"|si (?:quieres?|lo deseas?|te parece)|si (?:vous|tu) (?:voulez|veux|souhaitez|souhaites))\b",
    re.IGNORECASE,
)
"""As in "I can put it in your basket if you like"."""


def without_politeness(text: str) -> str:
    """The words without what is a condition by its form alone."""
    return _POLITE.sub(" ", text)


def find_count(claim: Claim, case: Case) -> str | None:
    """How many there are of one of the items; or how many different ones were shown."""
    if not case.read.mentions and Decimal(len(case.grounds.shown)) in claim.values:
        return "shown"
    for item in case.aim.list_items(claim):
        for value in claim.values:
            if item.count is not None and (item.count == value or (claim.least and item.count > value)):
                return item.count_fact
            if before := item.counts_before.get(int(value)):
                return before
    return None


def find_availability(claim: Claim, case: Case) -> str | None:
    """A condition claims nothing: "if it is sold out, I can ..."."""
    clause = without_politeness(case.aim.get_clause(claim))
    if case.cues.has("condition", text=clause) or case.is_asked(claim):
        return "condition"
    items = case.aim.list_items(claim)
    if claim.unit == "in" and case.cues.has("plenty", text=claim.text):
        items = [each for each in items if each.count is None or each.count >= _PLENTY]
    if claim.unit == "low":
        few = (each.count_fact for each in items if each.count is not None and 0 < each.count <= _FEW)
        if found := next(few, None):
            return found
    if claim.unit == "out" and case.aim.names_all(claim) and any(_can_be_had(item) for item in items):
        return None
    return next((each.availability_fact for each in items if each.availability in _FITTING[claim.unit]), None)


def find_compared(claim: Claim, case: Case) -> str | None:
    """By the prices of what is compared."""
    if case.is_asked(claim) or case.cues.has("condition", text=case.aim.get_clause(claim)):
        return "condition"
    items = case.aim.list_compared(claim)
    return find_relation(claim, read=case.read, items=items, about=case.about, grounds=case.grounds)


def find_sku(claim: Claim, case: Case) -> str | None:
    """A known SKU is blanked as a name is; what is left of that shape must stand in a text or in the question."""
    if claim.unit == "another's":
        return "asked" if case.is_asked(claim) else None
    if claim.text.lower() in case.grounds.said.lower():
        return "said"
    if not claim.unit and claim.text.lower() in case.grounds.orders:
        return "order"
    if not claim.unit and not any(_is_alike(claim.text, sku=sku) for sku in case.grounds.items):
        return "no SKU"
    return None


def is_gone(skus: frozenset[str], *, grounds: Grounds) -> bool:
    """Whether each of these is sold out."""
    known = [grounds.items[sku].availability for sku in skus if sku in grounds.items]
    return bool(known) and all(each in _FITTING["out"] for each in known)


def _can_be_had(item: ItemGrounds) -> bool:
    return item.availability in _FITTING["in"]


def _is_alike(text: str, *, sku: str) -> bool:
    """Whether it is made as the SKU is, or begins as that does."""
    head, mark, _ = sku.rpartition("-")
    return _shape(text) == _shape(sku) or bool(mark and text.startswith(f"{head}-"))


def _shape(text: str) -> str:
    """Letters as A, digits as 0, each run once."""
    return re.sub(r"0+", "0", re.sub(r"A+", "A", re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "0", text))))
