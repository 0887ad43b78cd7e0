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
    if not grounds.codes:
        return
    if any(code in read.text for code in grounds.codes):
        for match in _get_everywhere().finditer(read.text):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="covers_all")
        for match in _OFF_WHAT.finditer(read.text):
            yield Claim(kind="promise", text=match["what"], start=match.start("what"), unit="covers_kind")
    for match in _get_reaching().finditer(read.text):
        if any(code in read.text[: match.end()] for code in grounds.codes) and any(
            each.start >= match.end() for each in read.mentions
        ):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="covers")


@cache
def _get_reaching() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){_REACH}\s+(?:[\w’']+\s+){{0,2}}?{_TO}\s+(?=(?:[\w’']+\s+){{0,3}}?[*_]{{0,2}}•)"
        rf"|(?<!\w)(?:covers?|includes?|cuts?|lowers?|reduces?|off|deckt|umfasst|senkt|cubre|incluye|rebaja|couvre|inclut|baisse)\s+(?=(?:[\w’']+\s+){{0,2}}?[*_]{{0,2}}•)"
        rf"|(?:%|percent|prozent)\s+(?:off|on|auf|de\s+descuento\s+en|sur)\s+(?=(?:[\w’']+\s+){{0,2}}?[*_]{{0,2}}•)"
        rf"|(?<!\w)(?:use|apply|redeem|enter)\s+[A-Z][A-Z0-9]+\s+{_TO}\s+(?=(?:[\w’']+\s+){{0,3}}?[*_]{{0,2}}•)",
        re.IGNORECASE,
    )


_EVERYTHING = (
    r"(?:anything|everything|any\s+(?:item|product|order|purchase)s?|all\s+(?:items|products|goods|orders)|the\s+(?:whole|entire)\s+(?:shop|store|range)"
    r"|alles|alle\s+(?:artikel|produkte)|todo|todos\s+los\s+(?:artículos|productos)|tout|tous\s+les\s+(?:articles|produits))"
)


@cache
def _get_everywhere() -> re.Pattern[str]:
    """As in "works on anything in the store"."""
    return re.compile(
        rf"(?<!\w){_REACH}\s+(?:[\w’']+\s+){{0,2}}?{_TO}\s+{_EVERYTHING}(?!\w)|(?:%|percent|prozent)\s+(?:off|auf|on|de\s+descuento\s+en|sur)\s+{_EVERYTHING}(?!\w)"
        rf"|(?<!\w)(?:covers?|includes?|deckt|umfasst|cubre|incluye|couvre|inclut)\s+{_EVERYTHING}(?!\w)",
        re.IGNORECASE,
    )


_OFF_WHAT = re.compile(
    r"(?:%|\b(?:percent|per\s+cent|prozent|por\s+ciento|pour\s+cent))\s+(?:off|discount\s+on|rabatt\s+auf|auf|de\s+descuento\s+en|sur|de\s+réduction\s+sur)\s+"
    r"(?:(?:the|all|any|our|your|alle|die|den|das|unsere|los|las|el|la|le|les|nos|tous)\s+)*(?P<what>[^\W\d_]{3,}(?:\s+[^\W\d_]{3,}){0,2})",
    re.IGNORECASE,
)
"""What a share is taken off: "15% off the oil paints"."""


def is_of_others(claim: Claim, case: Case, *, fact: str) -> bool:
    """Whether a share that is said of goods by their names is that of a promotion for other goods: "15% off mandolins"
    lowers no ukulele.
    """
    codes = [code for code, own in case.grounds.codes.items() if own == fact]
    clause = case.read.find_clause(claim.start)
    meant = frozenset(
        sku for each in case.read.mentions if clause.start <= each.start < clause.end for sku in each.skus
    )
    if not codes or not meant or case.cues.has("negation", text=case.read.text):
        return False
    named = list_of_kind(case.grounds, " ".join(case.grounds.offered.get(code, "") for code in codes))
    return bool(named) and not named & meant


def find_scope(claim: Claim, case: Case) -> str | None:
    """By the words of the promotion; where they name no goods that are known, nobody can say that it is not so."""
    before = case.read.text[: claim.start]
    is_open = any(case.cues.has(each, text=before) for each in ("condition", "unsure"))
    if is_open or case.is_asked(claim):
        return "condition"
    if claim.unit == "covers_all":
        return _find_for_all(claim, case)
    end = claim.start + len(claim.text)
    meant = next((each.skus for each in case.read.mentions if each.start >= end), frozenset[str]())
    if claim.unit == "covers_kind":
        meant = list_of_kind(case.grounds, claim.text)
        if not meant or list_meanings(claim.text) & list_meanings(_read_offers(case)):
            return "promotion"
    covered = _is_covered(case.grounds, meant, text=case.read.text)
    own = case.aim.get_clause(claim)
    is_denied = case.cues.has("negation", text=own[: own.find(claim.text) + len(claim.text)])
    return "promotion" if covered is None or covered is not is_denied else None


def _find_for_all(claim: Claim, case: Case) -> str | None:
    """That a code is for all goods: false where its own words name some of them only."""
    named = _list_named(case.grounds, text=case.read.text)
    own = case.aim.get_clause(claim).partition(claim.text)[0]
    is_for_some = named and not case.cues.promises["on_all_goods"].search(_read_offers(case))
    return "promotion" if not is_for_some or case.cues.has("negation", text=own) else None


def _read_offers(case: Case) -> str:
    return " ".join(each for code, each in case.grounds.offered.items() if code in case.read.text)


def list_of_kind(grounds: Grounds, words: str) -> frozenset[str]:
    """The goods that have one of these words in their names or on their shelves."""
    stems = list_meanings(words)
    return frozenset(sku for sku in grounds.items if stems & _list_goods_words(grounds, sku))


def _is_covered(grounds: Grounds, skus: frozenset[str], *, text: str) -> bool | None:
    named = _list_named(grounds, text=text)
    return bool(named & skus) if named else None


def _list_named(grounds: Grounds, *, text: str) -> frozenset[str]:
    """The goods that the promotions of the text's codes name."""
    return list_of_kind(grounds, " ".join(each for code, each in grounds.offered.items() if code in text))


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
_SHORTEST = 3


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
