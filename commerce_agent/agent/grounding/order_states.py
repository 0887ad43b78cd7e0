"""How far an order is said to be, and what is said to be done to one: shipped, arrived, cancelled, placed."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.held import PLACED
from commerce_agent.agent.grounding.judging_properties import NOTHING_KNOWN


def list_said_of_orders(text: str, *, orders: Iterable[str] = ()) -> Iterator[Claim]:
    """Each state that the sentence says an order to be in; a number of one of `orders` means it without the word."""
    for number in orders:
        if number.lower() in text.lower() and not get_cues().has("order_words", text=text):
            text = re.sub(rf"(?<!\w){re.escape(number)}(?!\w)", "order", text, flags=re.IGNORECASE)
    if match := _NO_ORDERS.search(text):
        yield Claim(kind="order", text=match.group(), start=match.start(), unit=_NONE)
    words = get_cues().words["order_words"]
    if not words.search(text):
        return
    for state, pattern in _get_patterns().items():
        for match in pattern.finditer(text):
            before = text[: match.start()]
            if not (_SET_OFF.search(before) or _CAUSED.search(before)):
                yield Claim(kind="order", text=match.group().strip(), start=match.start(), unit=state)


_NONE = "none"
_NO_ORDERS = re.compile(
    r"\b(?:you\s+have|you['’]ve\s+got|there\s+are|i\s+(?:see|find|have)|we\s+have)\s+no\s+(?:earlier\s+|previous\s+|past\s+|open\s+)?orders?"
    r"(?=\s*(?:[.;!,]|$)|\s+(?:with\s+us|here|yet|on\s+(?:file|record)|in\s+your\s+account|from\s+you)\b)"
    r"|\b(?:du\s+hast|sie\s+haben|es\s+gibt)\s+(?:noch\s+)?keine\s+bestellung(?:en)?(?=\s*(?:[.;!,]|$)|\s+bei\s+uns)"
    r"|\bno\s+(?:tienes?|hay)\s+(?:ningún\s+)?pedidos?(?=\s*(?:[.;!,]|$))|\b(?:vous\s+n['’]avez|il\s+n['’]y\s+a)\s+(?:pas\s+de|aucune)\s+commandes?"
    r"(?=\s*(?:[.;!,]|$))",
    re.IGNORECASE,
)
"""That there is no order at all."""
_SET_OFF = re.compile(
    r"\b(?:an?|any|every|each|no|ein|eine|jede|un|una|une|cada|chaque|orders|bestellungen|pedidos|commandes)\s+"
    r"(?:order|bestellung|pedido|commande)?\s*(?:that|which|die|que|qui)?\s*$",
    re.IGNORECASE,
)
"""What is said of orders in general: "an order that has been shipped"."""
_CAUSED = re.compile(
    r"\b(?:get|gets|getting|have|having|want|need|like)\s+(?:[\w’']+\s+){0,2}$", re.IGNORECASE
)
"""As in "have your order delivered": what may be had, and was not done."""
_APART = r"(?:\s+(?!(?:if|once|when|until|as|wenn|sobald|bis|si|cuando|hasta|quand|jusqu)\b)[\w’'#-]+){0,3}?"


@cache
def _get_patterns() -> dict[str, re.Pattern[str]]:
    """A word that something was done, and what was; or the number of an order and what it did: "50231 arrived"."""
    cues = get_cues()
    been, words, is_so = (cues.pieces[each] for each in ("has_been", "order_words", "order_being"))
    between = r"(?:\s+(?:already|now|just|not|also|finally|successfully|yet|never|schon|bereits|nun|nicht|gerade|noch"
    between += r"|ya|no|recién|déjà|pas|bien|enfin|encore|still|currently|immer|todavía|aún))*"
    patterns: dict[str, re.Pattern[str]] = {}
    for state, done in cues.order_done.items():
        patterns[state] = re.compile(
            rf"(?<!\w)(?:{been}){between}\s+(?:{done})(?!\w)"
            rf"|(?<!\w)(?:{words})(?:\s+(?:number\s+|nr\.?\s+)?#?[\w-]*\d[\w-]*)?{between}(?:\s*[:–—-])?\s+(?:{done})(?!\w)"
            rf"|(?<!\w)(?!(?:have|has|got)\s)(?:{been}){_APART}\s+(?:{words}){_APART}\s+(?:{done})(?!\w)",
            re.IGNORECASE,
        )
    for state, being in cues.order_is.items():
        is_in = re.compile(
            rf"(?<!\w)(?:{is_so}){between}\s+(?:{being})(?!\w|\s+(?:back|zurück|de vuelta|retour))",
            re.IGNORECASE,
        )
        patterns[f"{state}."] = is_in
    return patterns


def find_order_state(claim: Claim, case: Case) -> str | None:
    """By what was read of the orders that the sentence names, else of any of the shopper's."""
    before = case.read.text[: claim.start]
    is_open = any(case.cues.has(each, text=before) for each in ("condition", "unsure"))
    if is_open or case.is_asked(claim) or _GENERAL.search(before):
        return NOTHING_KNOWN
    if claim.unit == _NONE:
        return None if case.grounds.held.orders or case.grounds.held.ordered_here else "order"
    state = claim.unit.rstrip(".")
    orders = case.grounds.held.orders
    named = [
        number for number in orders if re.search(rf"(?<!\w){re.escape(number)}(?!\w)", case.sentence.lower())
    ]
    meant = [orders[number] for number in named or orders]
    own = case.aim.get_clause(claim)
    own = own[: own.find(claim.text) + len(claim.text)] if claim.text in own else claim.text
    is_denied = case.cues.has("negation", text=own)
    if state == PLACED and (is_denied or not named):
        # "Your order is placed" tells of now: an order of last month is none of it.
        is_dated = re.search(r"\d", case.sentence) is not None
        return "order" if is_denied or case.grounds.held.ordered_here or (orders and is_dated) else None
    if not meant:
        # That nothing was done to what nobody has read is no claim that anybody could hold against anything.
        return "denied" if is_denied else None
    fits = [held is None or (state in held) is not is_denied for held in meant]
    return "order" if any(fits) else None


_GENERAL = re.compile(
    r"\b(?:an?|any|every|ein|eine|jede|un|una|une|cada|chaque)\s+(?:order|bestellung|pedido|commande)\b"
    r"|\b(?:after|before|nachdem|bevor|después|antes|après|avant)\b[^,]*$|\b(?:would|could|should|might|würde|könnte|pourrait)\b",
    re.IGNORECASE,
)


def names_order(claim: Claim, text: str) -> bool:
    """Whether the number is that of an order: "customer 42 has order 77", and not "you can order 77"."""
    return (
        _get_order_before().search(text, 0, claim.start) is not None
        and _BEHIND_NUMBER.match(text, claim.start + len(claim.text)) is not None
    )


_BEHIND_NUMBER = re.compile(r"\s*(?:[.,;:!?)]|$)")


@cache
def _get_order_before() -> re.Pattern[str]:
    cues = get_cues()
    words, doing = cues.pieces["order_words"], cues.pieces["modals"]
    return re.compile(
        rf"(?<!\w)(?!(?:{doing}|to|you)\s)[\w'’]+\s+(?:{words})\s+(?:n\S{{0,5}}\s+)?#?$", re.IGNORECASE
    )
