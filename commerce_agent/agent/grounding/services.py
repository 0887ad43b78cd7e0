"""What a shop may offer beside its goods: who pays for a return, for whom there is a discount, gift wrap."""

import re
from collections.abc import Iterator
from functools import cache

from babel import Locale

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.phrases import LANGUAGES

OF_TERMS = frozenset(
    {"return_paid", "return_unpaid", "accident", "extended", "weekend_delivery", "packstation"}
)
"""These are claims only where a term of the shop is spoken of."""
OF_DISCOUNTS = frozenset({"student", "newcomer", "storewide"})
"""For whom, or on what: claims only beside a word for an offer, for "students love it" offers nothing."""
OFFERED = frozenset(
    {
        *(
            "store_credit",
            "restocking",
            "loyalty",
            "clearance",
            "gift_wrap",
            "gift_card",
            "refund_difference",
        ),
        *(
            "trade_in",
            "installation",
            "bulk",
            "referral",
            "birthday",
            "customs",
            "free_gift",
            "own_store",
        ),
        *(
            "subscription",
            "on_all_goods",
            "combinable",
            "paypal",
            "amex",
            "visa",
            "mastercard",
            "credit_card",
            "direct_debit",
            "prepayment",
            "klarna",
            "apple_pay",
            "google_pay",
            "bank_transfer",
            "crypto",
            "cash",
        ),
    }
)
"""A shop has them or has them not, wherever they are spoken of."""
SERVICES = OF_TERMS | OF_DISCOUNTS | OFFERED
FEES = frozenset({"restocking", "customs"})
"""Whoever says that there is none promises that."""
OF_GOODS = frozenset({"gift_wrap", "installation"})
"""What an item may come with as well."""
FREE_AS = {"return_paid": "returns"}
"""Promises that are kept where a topic is said to be free."""

_COUNTRY_CODE = 2
_PLACES = frozenset(
    {
        "US",
        "USA",
        "U.S.",
        "UK",
        "EU",
        "Europe",
        "Europa",
        "UE",
        "America",
        "Asia",
        "Great Britain",
        "England",
        "Scotland",
    }
)


def is_service_claimed(meaning: str, *, sentence: str, is_term: bool) -> bool:
    """Whether a word of this meaning claims something in this sentence."""
    if meaning in OF_TERMS:
        return is_term
    if meaning in OF_DISCOUNTS:
        return any(get_cues().has(each, text=sentence) for each in ("offers", "discount", "reduced", "free"))
    return meaning in OFFERED


_BY_US = re.compile(
    r"\b(?:we|the shop|the store)(?:['’]ll|\s+will|['’]d|\s+would|\s+can|\s+also|\s+always|\s+gladly|\s+happily)*"
    r"\s+(?:pay|cover|bear|foot|absorb|reimburse|refund|take\s+care\s+of)\s+(?:for\s+)?(?:[\w’']+\s+){0,4}?"
    r"(?:returns?|return\s+(?:postage|shipping)|sending\s+(?:[\w’']+\s+){1,2}back)\b"
    r"|\b(?:returns?|return\s+(?:postage|shipping)|return\s+costs?)\s+(?:is|are|will\s+be|gets?)\s+(?:[\w’']+\s+){0,2}?"
    r"(?:paid|covered|borne|taken\s+care\s+of|reimbursed)\s+(?:for\s+)?by\s+(?:us|the\s+shop|the\s+store)\b",
    re.IGNORECASE,
)
"""Who pays for a return, in whichever words."""


def list_paid_by_us(sentence: str) -> Iterator[Claim]:
    """As in "we'll pay the return postage for you"."""
    for match in _BY_US.finditer(sentence):
        yield Claim(kind="promise", text=match.group(), start=match.start(), unit="return_paid")


def list_destinations(sentence: str) -> Iterator[Claim]:
    """The countries that a sentence on delivery says goods are sent to, or are not."""
    if not get_cues().has("sending", text=sentence) and "shipping" not in get_cues().find_topics(sentence):
        return
    for match in _get_destination().finditer(sentence):
        if _get_origin().search(sentence[: match.start("place")]):
            continue  # "Shipping is free, and the leather comes from Italy."
        yield Claim(kind="promise", text=match["place"], start=match.start("place"), unit="destination")


@cache
def _get_origin() -> re.Pattern[str]:
    """Right before a place: where goods come from. An article may stand between."""
    return re.compile(rf"(?<!\w)(?:{get_cues().pieces['origin']})\s+(?:\w{{2,3}}\s+){{0,2}}$", re.IGNORECASE)


@cache
def _get_destination() -> re.Pattern[str]:
    names = {
        name
        for language in LANGUAGES
        for code, name in Locale(language).territories.items()
        if len(code) == _COUNTRY_CODE and name[:1].isupper()
    }
    places = "|".join(re.escape(name) for name in sorted(names | _PLACES, key=len, reverse=True))
    return re.compile(
        r"(?<!\w)(?i:to|from|aus|desde|depuis|within|in|inside|outside|across|and|or|,|nach|innerhalb|und|oder"
        r"|a|en|dentro de|y|o|vers|au|aux|à|et|ou|dans)\s+"
        rf"(?:(?:the|die|den|der|el|la|los|las|le|les)\s+|l['’])?(?P<place>{places}|(?:over\s+|more\s+than\s+)?\d+\s+(?:countries|Länder|países|pays))(?!\w)"
    )
