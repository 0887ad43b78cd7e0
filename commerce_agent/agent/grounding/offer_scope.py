"""What goods a promotion is for, by its own words: "15% off mandolins" takes nothing off a ukulele."""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.grounds import Grounds, ItemGrounds, Sum
from commerce_agent.agent.grounding.item_texts import list_meanings
from commerce_agent.agent.grounding.mentions import Read
from commerce_agent.agent.grounding.numbers import normalise

_CENT = Decimal("0.01")
_WHOLE = Decimal(100)
_REACH = (
    r"(?:works?|working|valid|applies|apply|good|counts?|use|used|redeem\w*|gilt|gelten|zählt|einlösen|vale|válid[oa]"
    r"|aplica\w*|sirve|usar|valable|fonctionne|applique\w*|utilis\w+)"
)
_TO = r"(?:on|for|to|with|towards|für|bei|auf|para|en|con|a|pour|sur|à|avec)"


def list_scopes(read: Read, *, grounds: Grounds) -> Iterator[Claim]:
    """As in "the code works on the lamp": a promotion, a word that it is for something, and goods."""
    if not read.mentions or not grounds.codes:
        return
    for match in _get_reaching().finditer(read.text):
        if any(code in read.text[: match.end()] for code in grounds.codes) and any(
            each.start >= match.end() for each in read.mentions
        ):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="covers")


@cache
def _get_reaching() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){_REACH}\s+(?:[\w’']+\s+){{0,2}}?{_TO}\s+(?=(?:[\w’']+\s+){{0,3}}?[*_]{{0,2}}•)"
        rf"|(?<!\w)(?:use|apply|redeem|enter)\s+[A-Z][A-Z0-9]+\s+{_TO}\s+(?=(?:[\w’']+\s+){{0,3}}?[*_]{{0,2}}•)",
        re.IGNORECASE,
    )


def find_scope(claim: Claim, case: Case) -> str | None:
    """By the words of the promotion; where they name no goods that are known, nobody can say that it is not so."""
    before = case.read.text[: claim.start]
    is_open = any(case.cues.has(each, text=before) for each in ("condition", "unsure"))
    if is_open or case.is_asked(claim):
        return "condition"
    end = claim.start + len(claim.text)
    meant = next((each.skus for each in case.read.mentions if each.start >= end), frozenset[str]())
    covered = _is_covered(case.grounds, meant, text=case.read.text)
    own = case.aim.get_clause(claim)
    is_denied = case.cues.has("negation", text=own[: own.find(claim.text) + len(claim.text)])
    return "promotion" if covered is None or covered is not is_denied else None


def _is_covered(grounds: Grounds, skus: frozenset[str], *, text: str) -> bool | None:
    words = [each for code, each in grounds.offered.items() if code in text]
    stems = list_meanings(" ".join(words))
    named = {sku for sku in grounds.items if stems & _list_goods_words(grounds, sku)}
    return bool(named & skus) if named else None


def _list_goods_words(grounds: Grounds, sku: str) -> frozenset[str]:
    """The words of an item's name and of the shelves it stands on."""
    names = (name for name, skus in grounds.names.items() if sku in skus and " " in name)
    shelves = (value for name, value in grounds.told.items.get(sku, ()) if name in _SHELVES)
    return frozenset(
        stem
        for stem in list_meanings(" ".join((*names, *shelves)))
        if len(stem) >= _SHORTEST and stem.isalpha()
    )


_SHELVES = ("category", "categories", "product_type", "type", "collection", "brand")
_SHORTEST = 4


def list_reduced(items: list[ItemGrounds], case: Case) -> list[Sum]:
    """What a promotion that the sentence names by its code takes off an item that it is for, and what is left to pay.

    Of goods that cost less than they did already nobody but the shop knows what a code does with them.
    """
    shares = [
        share
        for share, fact in case.grounds.shares.items()
        if any(code in case.read.text and fact == own for code, own in case.grounds.codes.items())
    ]
    if not shares:
        return []
    known = case.grounds.items
    fitting = [
        item
        for sku, item in known.items()
        if item in items and _is_covered(case.grounds, frozenset({sku}), text=case.read.text)
    ]
    return list(_reckon(fitting, shares=shares))


def _reckon(items: list[ItemGrounds], *, shares: list[Decimal]) -> Iterator[Sum]:
    for item in items:
        if item.price is None or (item.list_price and item.list_price.amount != item.price.amount):
            continue
        for share in shares:
            off = (item.price.amount * share / _WHOLE).quantize(_CENT, rounding=ROUND_HALF_UP)
            for amount in (off, item.price.amount - off):
                yield Sum(amount=normalise(amount), currency=item.price.currency, fact=item.price.fact)
