"""Words that name no goods to look up, though something in the shop is called so."""

import re

from commerce_agent.agent.understanding.meant_goods import Phrase
from commerce_agent.agent.understanding.understood import Understanding

_INSIDE = re.compile(
    r"\b(?:it|that|this|them|those|these|one)(?: \w+)? (?:in|into|inside|on|onto|under|behind|near|through|over) "
    r"(?:the|my|our|a|an)\s*$",
    re.IGNORECASE,
)
_BESIDE_IT = re.compile(r"\bnot (?:the|that|those|these|this)\s*$", re.IGNORECASE)


def is_in_passing(phrase: Phrase, *, understanding: Understanding) -> bool:
    """As in "not the Kestrel", which tells the others by it, and in "can I put it in the washing machine?", which says
    where the item in hand goes.
    """
    refused = any("negation" in each.rules and phrase.text in each.text for each in understanding.references)
    placed = bool(understanding.resolved) and _INSIDE.search(understanding.said[: phrase.start]) is not None
    before = understanding.said[: phrase.start]
    # "Not the red one, the navy one": what is meant stands beside what is not.
    beside = bool(understanding.resolved) and _BESIDE_IT.search(before) is not None
    return refused or placed or beside
