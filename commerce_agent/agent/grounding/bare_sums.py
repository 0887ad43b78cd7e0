"""Sums that name no currency: "it goes for forty", "forty flat", and the first of "from 19 to 14.50 euros"."""

import re
from collections.abc import Iterator
from functools import cache

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.numbers import SPACES, get_number_pattern, read_number

_SYMBOLS = "[€£¥₹$]"
_ENDS = rf"(?![.,'’{SPACES}]\d)(?=\s*(?:[.;:!?)]|,\s|$))"
"""Behind the whole number: "1.290 Euro" is none that ends at its point."""


def list_bare_sums(sentence: str) -> Iterator[Claim]:
    """Each such sum; what has a currency beside it is none of them."""
    for needed, pattern in _get_patterns():
        for match in pattern.finditer(sentence) if get_cues().words[needed].may_be_in(sentence) else ():
            yield Claim(kind="money", text=match["n"], start=match.start("n"), values=read_number(match["n"]))


@cache
def _get_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each with the meaning of a word without which it finds nothing."""
    pieces, number = get_cues().pieces, get_number_pattern()
    only = rf"(?:(?:{pieces['only']})\s+)?"
    told = rf"(?:{_SYMBOLS}\s?{number}|{number}\s?(?:{_SYMBOLS}|(?:{pieces['money']})(?!\w)))"
    return tuple(
        (needed, re.compile(pattern, re.IGNORECASE))
        for needed, pattern in (
            (
                "priced_at",
                rf"(?<!\w)(?:{pieces['priced_at']})\s+{only}(?P<n>{number})(?:{_ENDS}|(?=\s+(?:for|für|por|pour)\s))",
            ),
            ("flat", rf"(?P<n>{number})\s+(?:{pieces['flat']}){_ENDS}"),
            (
                "span_from",
                rf"(?<!\w)(?:{pieces['span_from']})\s+(?P<n>{number})\s+(?:{pieces['span_to']})\s+(?={told})",
            ),
        )
    )
