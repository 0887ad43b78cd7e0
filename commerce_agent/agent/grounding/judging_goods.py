"""What a sentence says of goods: how many there are, whether they can be had, what they are called."""

import re
import sys
from decimal import Decimal
from functools import cache

from commerce_agent.agent.grounding.cart_said import is_counted_in_cart
from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.counted_among import AMONG, find_counted_among
from commerce_agent.agent.grounding.counts import MOST
from commerce_agent.agent.grounding.cues import BLANK, alternate, get_cues
from commerce_agent.agent.grounding.grounds import Grounds, ItemGrounds
from commerce_agent.agent.grounding.relations import find_relation

_FEW = 10
_ALL = re.compile(
    r"\b(?:all (?:of )?(?:them|these|those|two|three|four|five|six|are)|they are all|they['’]re all|everything"
    r"|every (?:single )?(?:item|product|piece|thing|article)"
    r"|all (?:the |these |those )?(?:items|products|pieces|articles|things)"
    r"|every one|each of (?:them|these)"
    r"|alle(?: (?:zwei|drei|vier|fünf))? (?:sind|davon)|sind alle|todos (?:están|estos|ellos)|todas (?:están|estas"
    r"|ellas)|están tod[oa]s"
    r"|tous (?:sont|les)|toutes (?:sont|les)|sont tous|sont toutes)\b",
    re.IGNORECASE,
)
_BY_PLACE = re.compile(
    r"\b(?:first|last|other) (?:one|two|three|four)\b|\b(?:one|two|three|four|five|six|\d+) of (?:these|them|those)\b"
    r"|\b(?:the others|(?:die|den) (?:ersten|letzten|anderen)"
    r"|(?:los|las) (?:primer|otr)[oa]s|les (?:autres|deux premi\w+))\b",
    re.IGNORECASE,
)
"""Goods by their place in what was shown: "the first two are in stock, the A is not"."""
_FEW_OF_THEM = re.compile(
    r"^(?:a couple|a few|a handful|ein paar|wenige|einige wenige|un par|unos pocos|unas pocas|pocos|pocas|quelques"
    r"|une poignée)\b",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"(?<=\w)\s(?:until|till|bis|hasta|jusqu['’]\w+)\s(?:(?:\w+\s)?[A-Z\d]|next|this|the\send|tomorrow|late|early|mid|nächste|kommende|morgen|la\spróxima|el\spróximo|mañana"
    r"|la\ssemaine|demain).*$"
)
"""How long it is so, and no condition: "sold out until January"."""
_MOST_FEW = 20
"""Of more than so many nobody says that a few are left."""
_FITTING = {
    "in": ("in_stock", "low_stock"),
    "out": ("out_of_stock",),
    "low": ("low_stock",),
    "ahead": ("preorder", "backorder"),
}


_PLENTY = 3
_POLITE = re.compile(
    r"\b(?:at once|all at once"
    r"|if you(?:['’]d)? (?:like|want|wish|prefer)|wenn (?:sie|du) (?:möchten|möchtest|wollen|willst|mögen|magst)"
    r"|si (?:quieres?|lo deseas?|te parece)|si (?:vous|tu) (?:voulez|veux|souhaitez|souhaites))\b",
    re.IGNORECASE,
)
"""As in "I can put it in your basket if you like"."""


def without_politeness(text: str) -> str:
    """The words without what is a condition by its form alone."""
    return _POLITE.sub(" ", text)


def without_duration(text: str) -> str:
    """The words without how long it is so, which is no condition either."""
    return _get_until_season().sub("", _UNTIL.sub("", text))


@cache
def _get_until_season() -> re.Pattern[str]:
    named = alternate(get_cues().seasons)
    return re.compile(
        rf"(?<=\w)\s(?:until|till|bis|hasta|jusqu['’]\w+)\s(?:[\w’']+\s){{0,2}}?(?:{named})(?!\w).*$",
        re.IGNORECASE,
    )


def find_count(claim: Claim, case: Case) -> str | None:
    """How many there are of one of the items; or how many different ones were shown."""
    if claim.unit.startswith(AMONG):
        return find_counted_among(claim, case)
    if is_counted_in_cart(claim, clause=case.aim.get_clause(claim), read=case.read):
        return "cart"
    is_of_shown = not case.read.mentions and not (claim.unit and case.about)
    if is_of_shown and Decimal(len(case.grounds.shown)) in claim.values:
        return "shown"
    most = _MOST_FEW if _FEW_OF_THEM.match(claim.text) else sys.maxsize
    for item in case.aim.list_items(claim):
        for value in claim.values:
            is_more = claim.least and item.count is not None and value < item.count <= most
            is_more |= claim.unit == MOST and item.count is not None and value <= item.count
            if item.count is not None and (item.count == value or is_more):
                return item.count_fact
            if before := item.counts_before.get(int(value)):
                return before
    return None


def find_availability(claim: Claim, case: Case) -> str | None:
    """A condition claims nothing: "if it is sold out, I can ..."."""
    clause = without_duration(without_politeness(case.aim.get_clause(claim)))
    if claim.unit == "unasked":
        return _find_not_ahead(claim, case, clause=clause)
    if case.cues.has("condition", text=clause) or case.is_asked(claim):
        return "condition"
    items = case.aim.list_items(claim)
    excepted = case.read.list_excepted()
    if excepted and all(each.skus <= excepted for each in case.read.mentions):
        return _find_for_all(claim, case, items=[], excepted=excepted)
    if claim.unit == "in" and _ALL.search(clause) and not case.read.mentions:
        return _find_for_all(claim, case, items=items)
    if BLANK not in clause and _BY_PLACE.search(clause):
        items = [case.grounds.items[sku] for sku in sorted(case.grounds.shown) if sku in case.grounds.items]
    return _find_of(claim, case, items=items) if _fits_joined(claim, case) else None


def _find_not_ahead(claim: Claim, case: Case, *, clause: str) -> str | None:
    """That goods cannot be ordered ahead, false of those that can; "not in stock, but ..." says that they can."""
    ahead = [each for each in case.aim.list_items(claim) if each.availability in _FITTING["ahead"]]
    if ahead and case.cues.has("negation", text=clause.partition(claim.text)[0]) and not case.is_asked(claim):
        return None
    return ahead[0].availability_fact if ahead else "denied"


def _fits_joined(claim: Claim, case: Case) -> bool:
    """Of "the A and the B are in stock" each must be."""
    for joined in case.read.list_joined(claim.start, end=claim.start + len(claim.text)):
        among = [case.grounds.items[sku] for sku in joined if sku in case.grounds.items]
        if among and not any(each.availability in _list_fitting(claim) for each in among):
            return False
    return True


def _find_of(claim: Claim, case: Case, *, items: list[ItemGrounds]) -> str | None:
    if claim.unit == "in" and case.cues.has("plenty", text=claim.text):
        items = [each for each in items if each.count is None or each.count >= _PLENTY]
    if claim.unit == "low":
        few = (each.count_fact for each in items if each.count is not None and 0 < each.count <= _FEW)
        if found := next(few, None):
            return found
    if claim.unit == "out" and case.aim.names_all(claim) and any(_can_be_had(item) for item in items):
        return None
    fitting = _list_fitting(claim)
    return next((each.availability_fact for each in items if each.availability in fitting), None)


def _list_fitting(claim: Claim) -> tuple[str, ...]:
    """What may be said to be so; what is ordered ahead is not in stock, though it is not sold out."""
    is_not_there = claim.unit == "out" and get_cues().has("kept", text=claim.text)
    return (*_FITTING[claim.unit], *(_FITTING["ahead"] if is_not_there else ()))


def _find_for_all(
    claim: Claim, case: Case, *, items: list[ItemGrounds], excepted: frozenset[str] = frozenset()
) -> str | None:
    """Of "all of them are in stock" each must be; where the talk is on one alone, each of those that were shown."""
    known = case.grounds.items
    shown = [known[sku] for sku in sorted(case.grounds.shown - excepted) if sku in known]
    every = [each for sku, each in known.items() if sku not in excepted]
    among = items if len(items) > 1 else shown or every
    read = [each for each in among if each.availability]
    fits = all(each.availability in _FITTING[claim.unit] for each in read)
    return read[0].availability_fact if read and fits else None


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
    """Whether any of these is sold out."""
    return any(grounds.items[sku].availability in _FITTING["out"] for sku in skus if sku in grounds.items)


def _can_be_had(item: ItemGrounds) -> bool:
    return item.availability in _FITTING["in"]


def _is_alike(text: str, *, sku: str) -> bool:
    """Whether it is made as the SKU is, or begins as that does."""
    head, mark, _ = sku.rpartition("-")
    return _shape(text) == _shape(sku) or bool(mark and text.startswith(f"{head}-"))


def _shape(text: str) -> str:
    """Letters as A, digits as 0, each run once."""
    return re.sub(r"0+", "0", re.sub(r"A+", "A", re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "0", text))))
