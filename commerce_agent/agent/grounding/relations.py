"""Prices beside each other, in words: cheaper than that one, the dearest of them, half off, reduced."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache

import msgspec

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK, get_cues
from commerce_agent.agent.grounding.grounds import Grounds, ItemGrounds
from commerce_agent.agent.grounding.mentions import Read

_NAMED_NEXT = re.compile(rf"\s+(?:[\w’']+\s+){{0,2}}?(?=[*“\"]{{0,2}}{BLANK})")
_ALL_OF_THEM = re.compile(
    r"(?:\s+(?:one|option|choice|pick|model|item|piece|product|thing|opción|modelo|artículo|choix|modèle|article|stück"
    r"|modell|produkt|artikel|angebot))?"
    r"(?:\s+(?:of|among|von|unter|de|d['’]|parmi)\s*(?:them|these|those|all|the\s+(?:two|three|four|five|six|lot|bunch|group|selection|range|options|items|products)|ihnen|diesen"
    r"|allen|beiden|ellos|ellas|estos|estas|todos|todas|los\s+dos|eux|elles|tous|toutes|ceux-ci|les\s+deux)|\s+davon)?"
    r"(?:\s+(?:here|(?:that\s+)?i(?:['’]ve|\s+have)?\s+(?:shown|found|listed|showed|mentioned|suggested)(?:\s+you)?|on\s+(?:this|the|my)\s+list|listed\s+above|above|so\s+far|we(?:['’]ve\s+got|\s+(?:have|carry|sell|stock|offer))(?:\s+here)?|in\s+(?:our|the)\s+(?:shop|store|range)|hier|aquí|ici|im\s+sortiment"
    r"|(?:die|das|den)\s+wir\s+haben|que\s+(?:tenemos|vendemos)|que\s+nous\s+(?:avons|vendons)))?\s*(?:[.,;:!*—–]|$|\bcompared\b|\bat\b|\band\b|\bund\b|\by\b|\bet\b)",
    re.IGNORECASE,
)
"""What follows a superlative that is meant of all there is talk of: "the cheapest in green" is none."""
_IS_NAMED = re.compile(
    rf"(?:\s+(?:one|option|choice|thing|item|pick|product|article|piece|model))?(?:\s+of\s+(?:the\s+|this\s+)?(?:bunch|lot|group|them|these|two|three|four|all))?(?:\s+(?:here|so\s+far|(?:that\s+)?we(?:['’]ve\s+got|\s+(?:have|carry|sell|stock|offer))(?:\s+here)?|in\s+(?:our|the)\s+(?:shop|store|range)|im\s+sortiment))?(?:\s+(?:is|ist|es|est)|,|:)\s+(?:[\w’']+\s+)?[*“\"]{{0,2}}{BLANK}",
    re.IGNORECASE,
)
"""The goods come after it: "the cheapest is the Brim lamp", "lo más económico, Brim"."""
_BY = re.compile(r"(?:by|um|en|de|d)\b", re.IGNORECASE)
_LOWERED = ("reduced", "discount", "saving")
"""Without a word of these "by half" is no matter of prices: a lamp may dim by that."""
_BESIDE = ("cheaper_than", "dearer_than", "half_of", "twice_of")
_EXTREMES = ("cheapest", "dearest")
_PAIR = 2
_MORE_STOCK = re.compile(
    r"\b(?P<how>more|fewer|less|lower|higher|bigger|smaller|mehr|weniger|más|menos|plus|moins)\s+(?:[\w’']+\s+){0,2}?"
    r"(?:in\s+stock|stock|left|units|pieces|auf\s+lager|stück|unidades|en\s+stock|exemplaires)\s+(?:[\w’']+\s+){0,2}?(?:than|als|que)\s+"
    rf"(?=(?:the\s+|der\s+|die\s+|das\s+|el\s+|la\s+|le\s+)?[*_]{{0,2}}{BLANK})",
    re.IGNORECASE,
)
_FEWER = re.compile(r"(?:fewer|less|lower|smaller|weniger|menos|moins)$", re.IGNORECASE)
_MORE_THAN = re.compile(r"\b(?:more than|over|mehr als|más de|plus de)\s+$", re.IGNORECASE)
_UNBEATEN = re.compile(
    rf"\b(?:nothing|none|no other|nobody)\s+(?:here\s+)?beats\s+(?=(?:the\s+)?[*_]{{0,2}}{BLANK})"
    r"[^.;!?]*?\b(?:price|cost)\b",
    re.IGNORECASE,
)
_OPPOSITE = {"cheaper_than": "dearer_than", "dearer_than": "cheaper_than"}


def _may_compare(text: str) -> bool:
    """Whether any of the words may be in it at all: most sentences have none."""
    cues = get_cues()
    named = (
        cues.words[name]
        for name in (
            *_BESIDE,
            *_EXTREMES,
            "reduced",
            "cheapened",
            "same_price",
            "same_stock",
            "nothing",
            "left",
        )
    )
    return any(words.may_be_in(text) for words in (*named, *cues.parts_off.values()))


@cache
def _get_reduced() -> re.Pattern[str]:
    """As in "it is on sale": said of goods, and neither by how much nor to what."""
    return re.compile(
        r"(?:\b(?:is|are|has\s+been|have\s+been|was|were|got|ist|sind|wurden?|está|están|ha\s+sido|est|sont|a\s+été|gibt\s+es)"
        r"|['’](?:s|re))\s"
        rf"(?P<between>[^.;:!?{BLANK}]{{0,24}}?)(?<!\w)(?:{get_cues().pieces['reduced']})(?!\w)"
        r"(?!\s+(?:by|to|from|um|auf|de|à)\b)",
        re.IGNORECASE,
    )


def list_relations(text: str) -> Iterator[Claim]:
    """What the sentence says of one price beside another; `text` has its names blanked."""
    cues = get_cues()
    if not _may_compare(text):
        return
    yield from _list_followed(text, units=_BESIDE, by=(_NAMED_NEXT,))
    yield from _list_followed(text, units=_EXTREMES, by=(_ALL_OF_THEM, _IS_NAMED))
    yield from _list_beside(text)
    for match in cues.words["cheapened"].finditer(text):
        if not cues.has("negation", text=text[: match.start()]):
            yield Claim(kind="comparison", text=match.group(), start=match.start(), unit="cheapened")
    for match in _get_reduced().finditer(text):
        before = " ".join(text[: match.start()].split()[-1:])
        if not cues.has("negation", text=f"{before} {match['between']}"):
            yield Claim(kind="comparison", text=match.group(), start=match.start(), unit="reduced")
    for part, pattern in cues.parts_off.items():
        for match in pattern.finditer(text):
            if _BY.match(match.group()) and not any(cues.has(each, text=text) for each in _LOWERED):
                continue
            yield Claim(
                kind="percent", text=match.group(), start=match.start(), values=(Decimal(part),), unit="off"
            )


def _list_beside(text: str) -> Iterator[Claim]:
    """What is the same of two, or more of one; and what nothing beats."""
    cues = get_cues()
    for match in _UNBEATEN.finditer(text):
        yield Claim(kind="comparison", text=match.group(), start=match.start(), unit="cheapest")
    for match in _MORE_STOCK.finditer(text):
        unit = "fewer_stock" if _FEWER.match(match["how"]) else "more_stock"
        yield Claim(kind="comparison", text=match.group(), start=match.start(), unit=unit)
    for unit in ("same_price", "same_stock"):
        for match in cues.words[unit].finditer(text):
            yield Claim(kind="comparison", text=match.group(), start=match.start(), unit=unit)


def _list_followed(text: str, *, units: tuple[str, ...], by: tuple[re.Pattern[str], ...]) -> Iterator[Claim]:
    """The words of these meanings that are followed by what makes them a claim."""
    for unit in units:
        for match in get_cues().words[unit].finditer(text):
            if any(pattern.match(text, match.end()) for pattern in by):
                yield Claim(kind="comparison", text=match.group(), start=match.start(), unit=unit)


def find_relation(
    claim: Claim, *, read: Read, items: list[ItemGrounds], about: frozenset[str], grounds: Grounds
) -> str | None:
    """The fact that makes the relation true of the items that the claim is about; None where none does."""
    if claim.unit in _LOWER:
        is_so = _LOWER[claim.unit]
        return next((item.price.fact for item in items if item.price and is_so(item)), None)
    if claim.unit in ("same_price", "same_stock"):
        return _find_same(read, about=about, grounds=grounds, of_stock=claim.unit == "same_stock")
    if claim.unit in ("more_stock", "fewer_stock"):
        subject = _pick(grounds, read.list_subject(claim.start) or about)
        return _compare_counts(
            subject, _list_next(read, claim, grounds=grounds), fewer=claim.unit == "fewer_stock"
        )
    before = read.text[read.find_clause(claim.start).start : claim.start]
    denied = get_cues().has("negation", text=before)
    if claim.unit in _OPPOSITE and get_cues().has("nothing", text=before):
        # "Nothing is cheaper than that" says that it is the cheapest.
        items = _list_next(read, claim, grounds=grounds)
        unit = "cheapest" if claim.unit == "cheaper_than" else "dearest"
        return _compare(items, _list_rivals(items, read=read, about=about, grounds=grounds), unit=unit)
    if claim.unit in _OPPOSITE:
        others = _list_next(read, claim, grounds=grounds)
        unit = _OPPOSITE[claim.unit] if denied else claim.unit
        return _compare(items, others, unit=unit, may_be_equal=denied)
    if denied:
        return "denied"
    if _IS_NAMED.match(read.text, claim.start + len(claim.text)):
        items = _list_next(read, claim, grounds=grounds)
    if claim.unit in _BESIDE:
        if claim.unit == "twice_of" and _MORE_THAN.search(before):
            claim = msgspec.structs.replace(claim, unit="over_twice_of")
        return _compare(items, _list_next(read, claim, grounds=grounds), unit=claim.unit)
    return _compare(items, _list_rivals(items, read=read, about=about, grounds=grounds), unit=claim.unit)


def _find_same(read: Read, *, about: frozenset[str], grounds: Grounds, of_stock: bool) -> str | None:
    """A price, or a number in stock, that all goods of the sentence have, or one of them and what the talk is on."""
    groups = list(dict.fromkeys(each.skus for each in read.mentions))
    if len(groups) < _PAIR:
        groups += [frozenset({sku}) for sku in sorted(about) if not any(sku in group for group in groups)]
    told = [
        {
            value: fact
            for item in _pick(grounds, group)
            for value, fact in (
                [(item.count, item.count_fact)]
                if of_stock
                else [(item.price.amount, item.price.fact)]
                if item.price
                else []
            )
            if value is not None
        }
        for group in groups
    ]
    known: list[dict[Decimal | int, str]] = [each for each in told if each]
    if len(known) < _PAIR:
        return "nothing to compare"
    shared = set(known[0]).intersection(*known[1:])
    return next((known[0][amount] for amount in sorted(shared)), None)


def _compare_counts(items: list[ItemGrounds], others: list[ItemGrounds], *, fewer: bool) -> str | None:
    """Whether there is more, or less, of some of the items than of some of the others."""
    for item in items:
        for other in others:
            if item.count is None or other.count is None:
                continue
            if item.count < other.count if fewer else item.count > other.count:
                return item.count_fact
    return None


def _is_reduced(item: ItemGrounds) -> bool:
    return bool(item.price and item.list_price and item.price.amount < item.list_price.amount)


def _has_fallen(item: ItemGrounds) -> bool:
    """Whether it has cost more, by its list price or by what was told of it before."""
    return item.price is not None and any(each.amount > item.price.amount for each in item.sums)


def _list_next(read: Read, claim: Claim, *, grounds: Grounds) -> list[ItemGrounds]:
    """The items named right after the claim."""
    after = next((each.skus for each in read.mentions if each.start >= claim.start), frozenset[str]())
    return _pick(grounds, after)


def _list_rivals(
    items: list[ItemGrounds], *, read: Read, about: frozenset[str], grounds: Grounds
) -> list[ItemGrounds]:
    """Among which goods one is the cheapest: those of the sentence, else those talked of, else those shown last."""
    named = frozenset(sku for each in read.mentions for sku in each.skus)
    for skus in (named, about):
        rivals = _pick(grounds, skus)
        if len(rivals) > len(items) and all(item in rivals for item in items):
            return rivals
    shown = _pick(grounds, grounds.shown)
    return shown if any(item in shown for item in items) else list(grounds.items.values())


def _pick(grounds: Grounds, skus: Iterable[str]) -> list[ItemGrounds]:
    return [grounds.items[sku] for sku in sorted(skus) if sku in grounds.items]


def _compare(
    items: list[ItemGrounds], others: list[ItemGrounds], *, unit: str, may_be_equal: bool = False
) -> str | None:
    """Some price of the items beside some of the others; of a superlative, beside each of them."""
    prices = [item.price for item in items if item.price]
    rivals = [item.price.amount for item in others if item.price]
    if not rivals:
        return None
    for price in prices:
        fits = {
            "cheaper_than": price.amount < max(rivals),
            "dearer_than": price.amount > min(rivals),
            "half_of": any(_is_about(price.amount * 2, rival) for rival in rivals),
            "twice_of": any(_is_about(price.amount, rival * 2) for rival in rivals),
            "over_twice_of": any(price.amount > rival * 2 for rival in rivals),
            "cheapest": price.amount <= min(rivals),
            "dearest": price.amount >= max(rivals),
        }[unit]
        if fits or (may_be_equal and price.amount in rivals):
            return price.fact
    return None


def _is_about(one: Decimal, other: Decimal) -> bool:
    """Within a twentieth: nobody says that 79.90 is not half of 160."""
    return abs(one - other) <= other / 20


_LOWER = {"reduced": _is_reduced, "cheapened": _has_fallen}
