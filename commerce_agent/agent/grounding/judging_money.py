"""Sums and shares of a sentence: what they are reckoned from, and whether that is of what is talked about."""

import re
from decimal import Decimal
from functools import cache, lru_cache

from commerce_agent.agent.grounding.bounds import find_bound, find_missing, list_totals
from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK, get_cues
from commerce_agent.agent.grounding.former_prices import list_own_sums
from commerce_agent.agent.grounding.grounds import ItemGrounds, Sum
from commerce_agent.agent.grounding.loose_numbers import find_known
from commerce_agent.agent.grounding.numbers import get_number_pattern, normalise, read_number
from commerce_agent.agent.grounding.offer_scope import is_of_others, list_reduced
from commerce_agent.agent.grounding.order_states import names_order
from commerce_agent.agent.grounding.quality_words import get_units_like_money
from commerce_agent.agent.grounding.reckoning import (
    list_differences,
    list_multiples,
    match,
    match_nearly,
    match_share,
)
from commerce_agent.agent.grounding.supposed_sums import find_supposed

_PAIR = 2
_FEE = re.compile(
    r"\b(?:fee|surcharge|deposit|gebühr\w*|aufschlag|anzahlung|recargo|comisión|frais|supplément)\b",
    re.IGNORECASE,
)
"""What is paid on top: no share that a promotion takes off."""
_APART = re.compile(
    r"\b(?:difference|gap|apart|unterschied|differenz|abstand|auseinander|diferencia|différence|écart)\b",
    re.IGNORECASE,
)
_OF_TALK = re.compile(
    r"\s*(?:of (?:the time|cases|people|customers)|with you|sure|certain|sicher"
    r"|der fälle|de las veces|segur[oa]|du temps|des cas|sûre?)\b",
    re.IGNORECASE,
)
"""Behind a share that is said of no goods: "ninety percent of the time"."""
_SO_MUCH = re.compile(
    r"[\s,;:–—-]*(?:that['’]s|that is|that will be|that comes|it['’]s|das (?:sind|macht|wären)|son|serían|ça fait"
    r"|cela fait|c['’]est)\b",
    re.IGNORECASE,
)
"""Behind how many are bought: "two of them, that's 78"."""
_RECKONED = ("proposal", "sum")
_OF_CART = re.compile(
    r"\b(?:cart|basket|bag|trolley|warenkorb|carrito|cesta|panier)(?:['’]s)?\s+(?:total\w*|comes?\s+to|adds?\s+up|amounts?|sums?\s+up|is\s+worth"
    r"|beläuft|ergibt|kostet|suma|asciende|s['’]élève|fait)\b[^.;,]{0,24}$",
    re.IGNORECASE,
)
"""Before a sum that is what the cart comes to, and no price of goods."""
_GOODS_JUST_BEFORE = re.compile(rf"{BLANK}\w{{0,2}}\s+(?:[^\W\d]+\s+){{0,3}}$")
_NOT_SAVED = ("shipping", "returns", "warranty")
"""Terms whose sums are paid."""
_NOT_ONLY = re.compile(
    r"\b(?:not only|not just|nicht nur|no solo|pas seulement|won['’]t believe|don['’]t miss)\b", re.IGNORECASE
)
_DAY_AND_MONTH = re.compile(r"(?P<day>[12]\d|3[01])\.(?P<month>0?[1-9]|1[0-2])")
"""As in "bis 31.12."."""


def find_sum(claim: Claim, case: Case) -> str | None:
    """By a sum of what is talked of, or by what those come to: a difference, several of one, a little under one."""
    items = case.aim.list_items(claim)
    topics = _list_topics(case)
    clause = case.aim.get_clause(claim)
    if of_cart := _OF_CART.search(clause.partition(claim.text)[0]):
        if _is_of_goods_in_cart(of_cart, clause=clause, case=case):
            return _find_in_cart(claim, case, items=items)
        return match([each for each in case.grounds.shared if _is_of_cart(each, case)], claim)
    if found := find_missing(claim, case, items=items, topics=topics) or find_bound(claim, case, items=items):
        return found
    from_here_on = case.is_led_by("range", claim) or case.is_led_by("limit", claim)
    if topics and from_here_on and case.cues.has("free", text=case.read.text):
        return match([each for each in case.grounds.shared if each.topic in topics], claim)
    return (
        _find_told(claim, case, items=items)
        or _find_limit(claim, case)
        or find_supposed(claim, case, items=items)
    )


def _is_of_goods_in_cart(of_cart: re.Match[str], *, clause: str, case: Case) -> bool:
    """As in "the lamps in your cart come to $80": what they cost, and not what the cart comes to."""
    lies_in = next(
        (each for each in case.cues.words["in_cart"].finditer(clause) if each.end() > of_cart.start()), None
    )
    if lies_in is None:
        return False
    return BLANK in clause[lies_in.end() :] or bool(_GOODS_JUST_BEFORE.search(clause[: lies_in.start()]))


def _find_in_cart(claim: Claim, case: Case, *, items: list[ItemGrounds]) -> str | None:
    """By what the goods cost apiece, as many as it says or as lie there, or together."""
    named = {sku for each in case.read.mentions for sku in each.skus}
    lines = {sku: count for sku, count in case.grounds.held.lines.items() if sku in named}
    own = list_own_sums(items, case)
    counts = (*_list_counts(case.aim.get_clause(claim)), *lines.values())
    priced = [(each.price, count) for sku, count in lines.items() if (each := case.grounds.items.get(sku))]
    whole = sum((price.amount * count for price, count in priced if price), Decimal(0))
    together = [Sum(amount=normalise(whole), currency=own[0].currency, fact=own[0].fact)] if own else []
    return match([*own, *list_multiples(own, counts=counts), *list_totals(case), *together], claim)


def _is_of_cart(each: Sum, case: Case) -> bool:
    """What all of it comes to, before or after what a proposal adds and takes off, or what it lacks of a sum."""
    is_total = each.fact == "cart" and (each.topic or each.amount == case.grounds.cart_total)
    return bool(is_total) or each.fact in _RECKONED


def _find_told(claim: Claim, case: Case, *, items: list[ItemGrounds]) -> str | None:
    clause = case.aim.get_clause(claim)
    own = [] if _is_of_terms(case, clause) else list_own_sums(items, case)
    every = [each for item in case.grounds.items.values() for each in item.sums]
    shared = (each for each in case.grounds.shared if _may_be_told(case, each))
    among = [*own, *(each for each in shared if not _is_of_other_goods(each, claim, case))]
    if case.is_led_by("range", claim):
        among.extend(every)
    if found := match(among, claim):
        return found
    if found := match(list_reduced(items, case), claim) or _find_of_both(claim, case):
        return found
    head, colon, _ = case.read.text.partition(":")
    is_labelled = colon and case.cues.has("saving", text=head) and not any(each.isdigit() for each in head)
    if is_labelled or case.cues.has("difference", text=clause):
        told_apart = own if _is_saving(case, clause) else every
        if found := match(list_differences(told_apart), claim):
            return found
    is_rough = case.is_led_by("roughly", claim)
    if found := match_nearly(
        own,
        claim,
        under=is_rough or case.is_led_by("nearly", claim),
        over=is_rough or case.is_led_by("just_over", claim),
    ):
        return found
    totals = list_totals(case) if case.cues.has("together", text=case.read.text) else []
    is_of_one = len({each.skus for each in case.read.mentions}) == 1 and not case.cues.has(
        "left", text=case.read.text
    )
    counts = _list_counts(case.read.text if is_of_one or _SO_MUCH.match(clause) else clause)
    return match([*list_multiples(own, counts=counts), *totals], claim)


def _find_of_both(claim: Claim, case: Case) -> str | None:
    """What the two or more goods of the sentence are apart, where it says so, or come to, whether it says so or not."""
    named = frozenset(sku for each in case.read.mentions for sku in each.skus)
    told = [case.grounds.items[sku].price for sku in sorted(named) if sku in case.grounds.items]
    if _APART.search(case.read.text) and (
        found := match(list_differences([each for each in told if each]), claim)
    ):
        return found
    return (
        match(list_totals(case), claim) if len({each.skus for each in case.read.mentions}) >= _PAIR else None
    )


def _is_of_terms(case: Case, clause: str) -> bool:
    """Whether the clause tells what a term of the shop comes to, and nothing of goods: "shipping is 12 dollars"."""
    is_of_goods = case.read.mentions or case.about or case.cues.has("points", text=clause)
    return not is_of_goods and bool(case.cues.find_topics(clause) & _list_topics(case))


def _find_limit(claim: Claim, case: Case) -> str | None:
    """A sum of the shopper's own, where it is told as one; any where a question is about what to look for."""
    is_limit = any(case.is_led_by(each, claim) for each in ("limit", "under", "over"))
    if is_limit and case.is_asked(claim):
        return "asked"
    clause = case.aim.get_clause(claim)
    if is_limit and case.cues.has("condition", text=clause) and case.cues.has("looking_for", text=clause):
        # "If you want something below $50" says of nothing that it is.
        return "condition"
    may_limit = (
        is_limit
        or case.is_led_by("yours", claim)
        or any(case.cues.has(each, text=clause) for each in ("negation", "you_said"))
    )
    return (case.find_said(claim) or _find_weighed(claim, case)) if may_limit else None


def _find_weighed(claim: Claim, case: Case) -> str | None:
    """A limit of the shopper's own in a unit that a currency is called by as well: "up to half a pound" of weight."""
    base = get_units_like_money().get(claim.text.split()[-1].lower(), 0.0)
    is_said = any(case.is_measured_limit(float(value) * base) for value in claim.values)
    return "said" if is_said else None


def find_number(claim: Claim, case: Case) -> str | None:
    """By any number that is known at all: where nothing says of what it is one, no more can be asked."""
    grounds = case.grounds
    if claim.text in grounds.orders:
        return "order"
    if names_order(claim, case.read.text):
        return "order" if claim.text in grounds.held.orders else find_known(claim.values, (grounds.limits,))
    day = _DAY_AND_MONTH.fullmatch(claim.text)
    if day and (told := grounds.dates.get((int(day["month"]), int(day["day"])))):
        return told
    counts = {
        Decimal(item.count): item.count_fact for item in grounds.items.values() if item.count is not None
    }
    terms = {number: fact for known in grounds.periods.values() for (number, _), fact in known.items()}
    known = (grounds.numbers, grounds.term_numbers, grounds.limits, grounds.shares, counts, terms)
    return find_sum(claim, case) or find_known(claim.values, known)


def find_share(claim: Claim, case: Case) -> str | None:
    """By a promotion or a policy, by what a price is below another, or by a number of the goods."""
    grounds = case.grounds
    before = case.read.text[case.read.find_clause(claim.start).start : claim.start]
    if not claim.unit and _OF_TALK.match(case.read.text[claim.start + len(claim.text) :]):
        return "no share"
    if case.cues.has("declined", text=before) and not _NOT_ONLY.search(before):
        return "denied"
    if claim.unit and any(code in before for code in grounds.codes):
        return grounds.shares.get(claim.values[0])
    if claim.unit:
        return match_share(case.aim.list_items(claim), claim) or grounds.shares.get(claim.values[0])
    is_fee = _FEE.search(case.read.text) is not None and not case.cues.has("discount", text=case.read.text)
    for value in claim.values:
        if value not in grounds.shares or (is_fee and grounds.shares[value] in grounds.codes.values()):
            continue
        if is_of_others(claim, case, fact=grounds.shares[value]):
            return match_share(case.aim.list_items(claim), claim)
        return grounds.shares[value]
    if any(code in case.read.text for code in grounds.codes):
        return None
    if case.cues.has("discount", text=case.read.text):
        return match_share(case.aim.list_items(claim), claim)
    numbers = {**grounds.term_numbers, **grounds.numbers}
    known = (numbers[value] for value in claim.values if value in numbers)
    return next((fact for fact in known if not (is_fee and fact in grounds.codes.values())), None)


def _is_saving(case: Case, clause: str) -> bool:
    """Whether it is told what an item is below its own price of before, and nothing of another item's."""
    compared = ("cheaper_than", "dearer_than", "range")
    return case.cues.has("saving", text=clause) and not (
        len(case.read.mentions) > 1 or any(case.cues.has(each, text=clause) for each in compared)
    )


def _may_be_told(case: Case, each: Sum) -> bool:
    """A sum in a text of the shop is what a term comes to; of goods it says nothing."""
    if each.in_text and each.topic in _NOT_SAVED and case.cues.has("saving", text=case.read.text):
        # "New customers save 5.90" is no postage, unless postage is what is saved.
        return each.topic in case.spoken
    told_of = ("pricing", "points")
    about_goods = case.read.mentions or any(case.cues.has(each, text=case.read.text) for each in told_of)
    return not (each.in_text and about_goods) or each.topic in case.spoken


def _is_of_other_goods(each: Sum, claim: Claim, case: Case) -> bool:
    """Whether goods in the cart come to it, and it is told of others: "it costs $12" of a kite beside a winder."""
    clause = case.read.find_clause(claim.start)
    before = case.read.text[clause.start : claim.start]
    is_priced = _get_priced().search(before) is not None
    is_named = any(clause.start <= one.start < clause.end for one in case.read.mentions)
    is_pointed = bool(not case.read.mentions and is_priced)
    is_of_all = any(case.cues.has(one, text=case.read.text) for one in ("in_cart", "together"))
    if not each.skus or not (is_named or is_pointed) or is_of_all:
        return False
    if len(each.skus) > 1 or each.amount == case.grounds.cart_total:
        # What all of it comes to is told beside goods as well: "with the kite that makes $84".
        is_named = is_named and is_priced
    named = frozenset(sku for one in case.read.mentions for sku in one.skus)
    meant = named or case.about
    return (is_named or is_pointed) and bool(meant) and not each.skus <= meant


@cache
def _get_priced() -> re.Pattern[str]:
    """As in "it costs" and "the kite is", right before a sum."""
    pieces = get_cues().pieces
    return re.compile(
        rf"(?:(?<!\w)(?:{pieces['points']})\s+(?:{pieces['standing']}|{pieces['pricing']})|^\W*(?:{pieces['pricing']})"
        rf"|{BLANK}\w{{0,2}}\s+(?:{pieces['standing']}|{pieces['being']}|{pieces['pricing']})|(?<!\w)it['’]s)\s+(?:(?:{pieces['only']})\s+)?$",
        re.IGNORECASE,
    )


def _list_topics(case: Case) -> frozenset[str]:
    """The policies that the sentence is about and that were read."""
    known = (
        {each.topic for each in case.grounds.shared} | case.grounds.periods.keys() | case.grounds.free.keys()
    )
    return case.cues.find_topics(case.read.text) & known


@lru_cache(maxsize=64)
def _list_counts(clause: str) -> tuple[int, ...]:
    """The whole numbers of a clause, also those in words, each once: how many something may be the price of."""
    pattern = get_number_pattern()
    numbers = (each for found in re.findall(pattern, clause, re.IGNORECASE) for each in read_number(found))
    counts = dict.fromkeys(int(number) for number in numbers if number == int(number))
    return (*counts, _PAIR) if get_cues().has("pair", text=clause) else tuple(counts)
