"""From which sum on something is for nothing."""

import re
from decimal import Decimal
from functools import lru_cache

from commerce_agent.agent.grounding.claims import list_claims
from commerce_agent.agent.grounding.cues import get_cues

_FROM_HERE = re.compile(
    r"\b(?:ab|from|over|above|than|least|über|spend|orders? of|partir de|más de|desde|dès|plus de|supérieures? à)\W*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def find_least(text: str) -> Decimal | None:
    """The sum in the sentence that says something is for nothing: from there on it is."""
    for sentence in re.split(r"(?<=[.!?;])\s|\n", text):
        if get_cues().has("free", text=sentence):
            sums = [claim for claim in list_claims(sentence) if claim.kind == "money" and claim.values]
            # "7.50, and free from 120": the first is what it costs below that.
            led = [claim for claim in sums if _FROM_HERE.search(sentence[: claim.start])]
            return min((claim.values[0] for claim in led or sums), default=None)
    return None
