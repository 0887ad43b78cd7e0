"""What people say to be civil: a greeting, thanks, praise, a laugh, and that they need a moment."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from commerce_agent.agent.understanding.english.cues import THANKS_ALONE
from commerce_agent.agent.understanding.move_wording import Wording
from commerce_agent.agent.understanding.moves import MoveKind

_LAUGH: Final = r"(?:(?:ha){2,}h?|(?:he){2,}h?|lol|lmao|rofl)"
_PRAISE: Final = (
    r"(?:(?:so|very|really|too|just|such|quite|a|an|the|big|great) )*(?:funny|hilarious|helpful|kind|nice|sweet|great"
    r"|the best|best|awesome|amazing|lovely|brilliant|wonderful|fantastic|polite|patient|clever|smart|star|legend"
    r"|life ?saver|help)"
)

GREETS: Final = Wording(
    r"^\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings)\b",
    r"^\W*how(?:'s| is| are| have)? (?:it going|things(?: going)?|you(?: been)?|your day(?: going)?|life)"
    r"(?: doing)?(?: (?:today|tonight|this morning))?\W*$|^\W*what'?s up\W*$|^\W*nice to meet you\W*$",
)

THANKS: Final = Wording(
    r"\b(?:thanks|thank you|thx|ty|tysm|ta|cheers|much appreciated|that helps|perfect|great)\b",
    rf"^\W*(?:(?:{_LAUGH}|aww?|oh|wow|well|ok(?:ay)?|yes)\W+)*(?:you(?:['’]re| are|['’]ve been| have been| were)"
    rf"|that(?:['’]s| is| was)) {_PRAISE}(?: (?:you|to me|today))?\W*$",
    rf"^\W*{_LAUGH}(?:\W+(?:nice|nice one|cool|good one|great|lovely|ok(?:ay)?|true|fair enough"
    r"|funny|very funny))*\W*$",
)

PAUSES: Final = Wording(
    r"^\W*(?:(?:ok(?:ay)?|oh|hm+|sorry|please|wait)\W+)*(?:hold on|hang on|wait|bear with me"
    r"|(?:(?:just|give me|hold on|hang on|wait|i need)\W+)*(?:a|one|another)(?: few)? "
    r"(?:moment|minute|min|second|sec|mo)s?"
    r"|let me (?:think|check)|i(?:['’]ll| will) (?:think about it|be (?:right )?back)|brb)"
    r"(?:\W+(?:a|one) (?:moment|minute|min|second|sec|mo))?(?:,? (?:please|pls|about it))?\W*$"
)

_ALONE: Final[Mapping[MoveKind, Sequence[str]]] = {
    "greet": GREETS.alternatives[1:],
    "thank": THANKS.alternatives[1:],
    "pause": PAUSES.alternatives,
}
_COMPILED: Final = {
    kind: re.compile("|".join(f"(?:{each})" for each in wordings), re.IGNORECASE)
    for kind, wordings in _ALONE.items()
}


def find_pleasantry(said: str) -> MoveKind | None:
    """What the message is where it is civil and nothing else: none of its words is searched for."""
    if THANKS_ALONE.fullmatch(said):
        return "thank"
    return next((kind for kind, wording in _COMPILED.items() if wording.search(said)), None)
