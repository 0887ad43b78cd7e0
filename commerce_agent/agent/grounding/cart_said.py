"""What a sentence says of the shopper's cart: what is in it, how many, what was put in or taken out."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK, get_cues
from commerce_agent.agent.grounding.judging_properties import NOTHING_KNOWN
from commerce_agent.agent.grounding.mentions import Read
from commerce_agent.agent.grounding.numbers import get_number_pattern, read_number

_MAY = re.compile(
    r"\b(?:can|could|shall|should|will|would|may|might|let|want|like|i['’]ll|we['’]ll|you['’]ll|i['’]d|you['’]d"
    r"|kann|könnte|soll|werde|möchte|puedo|podría|quiere\w*|peux|pourrais|dois|vais|voulez)\b",
    re.IGNORECASE,
)
"""What may be done, and was not."""
_MUST = re.compile(r"\b(?:have|has|is|are|haben?|ist|sind|tienes?|hay)\s+(?:to|zu|que)\b", re.IGNORECASE)
"""As in "you have to put it in your cart"."""
_DONE = re.compile(
    r"(?:i|we)(?:['’]ve|\s+have|\s+just)?\s|(?:removed|took|taken)\b|(?:ich|wir)\b|(?:he|hemos)\b|(?:j['’]ai|nous)\b",
    re.IGNORECASE,
)
"""What was taken out just now must have been in it."""
_ONLY_OTHER = re.compile(
    r"\b(?:what|which|everything|all|rest|alles|was|todo|lo que|tout|ce que)\b", re.IGNORECASE
)

_OF_STOCK = re.compile(
    r"\b(?:in stock|left|available|remain\w*|on hand|auf lager|verfügbar\w*|vorrätig|lieferbar|übrig"
    r"|en (?:stock|existencias)|disponib\w+|quedan?|rest(?:ent|e|an))\b",
    re.IGNORECASE,
)
"""What makes the number of goods in a cart how many the shop has of them: "only two of those in your cart are left"."""
_ARTICLES = r"(?:the|th[eo]se|your|de[rnm]|die|das|diese[rnm]?|el|la|los|las|les|ces)\s+|l['’]"


def list_said_of_cart(read: Read) -> Iterator[Claim]:
    """Each thing that is said to be in it, or out of it; and that it is empty."""
    cues, text = get_cues(), read.text
    if cues.has("cart_empty", text=text):
        match = cues.words["cart_empty"].search(text)
        if match:
            yield Claim(kind="cart", text=match.group(), start=match.start(), unit="empty")
        return
    for meaning, pattern in (("in", _get_put_in()), ("out", _get_taken_out()), ("in", _get_lies_in())):
        for match in pattern.finditer(text):
            if meaning == "in" and cues.has("cart_out", text=match.group()):
                continue
            yield Claim(kind="cart", text=match.group().strip(), start=match.start(), unit=meaning)
    yield from _list_counts(read)


def _list_counts(read: Read) -> Iterator[Claim]:
    text = read.text
    if not get_cues().has("in_cart", text=text) and not get_cues().has("cart_holds", text=text):
        return
    for match in _get_counted().finditer(text):
        # "Once" is eleven in Spanish, and no number in English.
        values = () if get_cues().has("condition", text=match["n"]) else read_number(match["n"])
        clause = read.find_clause(match.start())
        if values and not _OF_STOCK.search(text[clause.start : clause.end]):
            yield Claim(kind="cart", text=match.group(), start=match.start(), values=values, unit="count")


def is_counted_in_cart(claim: Claim, *, clause: str, read: Read) -> bool:
    """Whether the number is how many lie in the cart, which is a claim of its own; with a word of stock it is none."""
    end = claim.start + len(claim.text)
    return get_cues().has("in_cart", text=clause) and any(
        claim.start <= each.start < end for each in _list_counts(read)
    )


@cache
def _get_counted() -> re.Pattern[str]:
    """As in "two lamps": of which goods they are is what stands behind. "Mint tea (50 bags)" tells a size."""
    pieces_of = get_cues().pieces["pieces_of"]
    return re.compile(
        rf"(?<![\w.,€£$-])(?<!{BLANK} \()(?P<n>{get_number_pattern()})(?:\s*[x×])?\s+"
        rf"(?:(?:{pieces_of}|pairs?)\s+)?(?:(?:of|von|vom|de|del|du|des)\s+)?(?:{_ARTICLES})?"
        rf"(?={BLANK})",
        re.IGNORECASE,
    )


@cache
def _get_put_in() -> re.Pattern[str]:
    """As in "I've added it to your cart"."""
    pieces = get_cues().pieces
    return re.compile(
        rf"(?<!\w)(?:{pieces['cart_done']})\s+(?:[^\s.;:!?]+\s+){{0,9}}?(?:{pieces['to_cart']})(?!\w)"
        rf"(?:[^.;:!?]{{0,24}}(?<!\w)(?:{pieces['cart_put']})(?!\w))?",
        re.IGNORECASE,
    )


@cache
def _get_taken_out() -> re.Pattern[str]:
    """As in "I've taken it out of your cart", "it is out of your cart"."""
    pieces = get_cues().pieces
    return re.compile(
        rf"(?<!\w)(?:{pieces['cart_done']}|{pieces['cart_being']})\s+(?:[^\s.;:!?]+\s+){{0,9}}?"
        rf"(?:{pieces['cart_out']})(?!\w)",
        re.IGNORECASE,
    )


@cache
def _get_lies_in() -> re.Pattern[str]:
    """As in "it is in your cart"; what lies there already may be told before or behind it."""
    pieces = get_cues().pieces
    return re.compile(
        rf"(?<!\w)(?:{pieces['cart_being']})\s+(?:[^\s.;:!?]+\s+){{0,4}}?(?:{pieces['in_cart']})(?!\w)",
        re.IGNORECASE,
    )


def find_in_cart(claim: Claim, case: Case) -> str | None:
    """By what is in the cart as the turn has left it."""
    clause = case.read.find_clause(claim.start)
    before = case.read.text[: claim.start]
    own = case.read.text[clause.start : claim.start + len(claim.text)]
    is_open = any(case.cues.has(each, text=before) for each in ("condition", "unsure"))
    led = own[: len(own) - len(claim.text)]
    if is_open or case.is_asked(claim) or _MAY.search(led) or _MUST.search(claim.text):
        return NOTHING_KNOWN
    lines = case.grounds.held.lines
    if claim.unit == "empty":
        return "cart" if not lines or case.cues.has("negation", text=own.replace(claim.text, "")) else None
    if claim.unit == "count":
        return _find_count(claim, case)
    is_denied = case.cues.has("negation", text=own)
    meant = _list_meant(claim, case)
    names = any(clause.start <= each.start < claim.start + len(claim.text) for each in case.read.mentions)
    if not names and (case.cues.has("code", text=own) or any(code in own for code in case.grounds.codes)):
        # A code that is in the cart or out of it: other claims tell of those.
        return NOTHING_KNOWN
    if not meant:
        return "cart" if is_denied or bool(lines) is (claim.unit == "in") or _ONLY_OTHER.search(own) else None
    is_in = any(sku in lines for sku in meant)
    if (
        claim.unit == "out"
        and not is_denied
        and _DONE.match(claim.text)
        and not meant & case.grounds.held.ever
    ):
        return None
    if claim.unit == "out" and is_in:
        # One of several is out of it, the others are in it still.
        is_in = case.grounds.held.before.keys() <= lines.keys() and not any(
            case.grounds.held.before[sku] > lines[sku] for sku in meant if sku in case.grounds.held.before
        )
    return "cart" if is_in is ((claim.unit == "in") is not is_denied) else None


def _list_meant(claim: Claim, case: Case) -> frozenset[str]:
    own = frozenset(
        sku
        for each in case.read.mentions
        if claim.start <= each.start < claim.start + len(claim.text)
        for sku in each.skus
    )
    return own or case.read.list_about(claim.start) or case.about


def _find_count(claim: Claim, case: Case) -> str | None:
    """So many of what is named behind it; what is not in the cart at all another claim tells of."""
    end = claim.start + len(claim.text)
    named = next((each.skus for each in case.read.mentions if each.start == end), frozenset[str]())
    held = [case.grounds.held.lines[sku] for sku in named if sku in case.grounds.held.lines]
    if not held:
        return None
    return "cart" if {Decimal(each) for each in (*held, sum(held))} & set(claim.values) else None
