"""Why the assistant suggested something, as a sentence claims it: only the record of the decision knows."""

import re
from functools import cache

from commerce_agent.agent.grounding.cues import get_cues

_ASKS = re.compile(r"\?\W*$")


def gives_own_reason(sentence: str) -> bool:
    """As in "I picked these because they are light". What speaks of the goods alone is held against their facts."""
    if _ASKS.search(sentence):
        return False
    return get_cues().has("because", text=sentence) and _get_own_choice().search(sentence) is not None


@cache
def _get_own_choice() -> re.Pattern[str]:
    """Who chose and what they did, a few words between, in either order, or both in one phrase."""
    pieces = get_cues().pieces
    voice, chosen = rf"(?:{pieces['own_voice']})(?!\w)", rf"(?:{pieces['chosen']})(?!\w)"
    between = r"(?:[^\w.,;:!?]+(?!you\b)[\w'’-]+){0,6}?[^\w.,;:!?]+"
    return re.compile(
        rf"(?<!\w)(?:{voice}{between}{chosen}|{chosen}\s+(?:habe|haben)\s+{voice}"
        rf"|(?:{pieces['i_chose']})(?!\w))",
        re.IGNORECASE,
    )
