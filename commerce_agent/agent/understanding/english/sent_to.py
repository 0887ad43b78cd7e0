"""Where a question about delivery wants the goods sent: "how long would delivery to Alaska take?", "and to Hawaii?"."""

import re
from typing import Final

from conversations.language.glossing import Gloss

_NO_PLACE: Final = (
    r"(?:me|us|him|her|them|you|it|my|our|your|his|their|this|that|these|those|an?|some|any|every|one|home|work|here|there"
    r"|(?:some|any|every)(?:one|body|where)|another|several|which|what|where|who|whom"
    r"|arrive|come|get|be|reach|have|do|go|ship|send|take|turn|pay|see|buy|order|return|receive|be)"
)
_ENDS_PLACE: Final = (
    r"(?:take|takes|cost|costs|by|for|in|on|at|and|or|as|if|with|from|too|also|then|please|possible|free|available|is"
    r"|are|be|work|before|within|now|as)"
)
_PLACE: Final = (
    rf"(?:the (?=(?-i:[^\W\d_a-z])))?(?!(?:the|{_NO_PLACE})\b)[^\W\d][\w'’.-]*"
    rf"(?: (?!{_ENDS_PLACE}\b)[^\W\d][\w'’.-]*){{0,3}}?"
)
_SENDS: Final = re.compile(
    r"\b(?:ship|deliver|send|post|shipping|delivery|shipment|shipped|delivered|sent|postage)\w*"
    rf"(?: (?:it|them|this|that|these|those|one|orders?|parcels?|goods|out|also|even))*"
    rf" (?:(?:in)?to|in(?= the (?-i:[^\W\d_a-z]))) (?P<place>{_PLACE})"
    rf"(?= {_ENDS_PLACE}\b|\W*$|[?!,;.])",
    re.IGNORECASE,
)
_AND_TO: Final = re.compile(
    r"^\W*(?:(?:and|ok(?:ay)?|what about|how about|what if it['’]s|or|then)\W+)+(?:also )?(?:to|into|in) (?P<place>"
    rf"{_PLACE})(?:,? (?:then|please))?\W*$",
    re.IGNORECASE,
)


_AND_WHERE: Final = re.compile(
    r"^\W*(?:(?:and|ok(?:ay)?|what about|how about|or)\W+)+(?=(?:the )?(?-i:[^\W\d_a-z]))(?P<place>"
    rf"{_PLACE})(?:,? (?:then|please))?\W*$",
    re.IGNORECASE,
)


def find_place_alone(said: str) -> str:
    """What may be a place, as in "what about the UK?": a name, by its capital letter; empty for anything else."""
    named = _AND_WHERE.match(said)
    return named["place"] if named else ""


def find_place_asked(said: str) -> str:
    """The place to which it is asked whether, when or for how much goods are sent; empty where none is named."""
    asked = _SENDS.search(said)
    return asked["place"].rstrip(".-") if asked else ""


def ask_of_other_place(read: Gloss, *, before: str) -> Gloss | None:
    """As in "and to Hawaii?", after "how long does shipping to Alaska take?": the same of that place; else None."""
    other, asked = _AND_TO.match(read.text) or _AND_WHERE.match(read.text), _SENDS.search(before)
    if other is None or not (asked or _AND_TO.match(before)):
        return None
    start, end = (asked.span("place")) if asked else (0, 0)
    opening, ending = (before[:start], before[end:]) if asked else ("do you deliver to ", "?")
    behind = read.replace(start=other.end("place"), end=len(read.text), english=ending)
    return behind.replace(start=0, end=other.start("place"), english=opening)
