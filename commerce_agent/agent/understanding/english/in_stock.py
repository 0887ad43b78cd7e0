"""How English asks whether goods can be had, and how many there are."""

import re
from typing import Final

COMES_BACK: Final = re.compile(
    r"\b(?:be|come|comes|coming|it's|they're|is|are) back\b|\bwhen(?:'s| is|'re| are) [^.?!]{2,30}? back\b|\brestock"
    r"|\b(?:have|get) (?:it|them|that|those|these|more|some)(?: back)?(?: in)?(?: stock)? again\b"
    r"|\b(?:have|get) (?:it|them|that|those|these|more) back in\b|\bwhen do you get (?:more|some|it|them)\b",
    re.IGNORECASE,
)
"""Asks when something can be had again."""

IS_LAST_ONE: Final = re.compile(
    r"\b(?P<asked>(?:is|are|was|were) (?:it|that|this|they|those|these)(?: one| ones)? (?:really |actually )?)"
    r"(?P<last>(?:the |your )(?:very )?last (?:ones?|pairs?|pieces?|packs?|bags?|boxe?s?))\b",
    re.IGNORECASE,
)
"""Asks whether there are no more of an item, and points at no place in a list: "is that the last one?"."""

HOW_MANY_LEFT: Final = re.compile(
    r"^(?P<asked>\W*(?:(?:and|so|ok(?:ay)?|well)\W+)*how many(?: pieces)? "
    r"(?:are (?:there )?(?:still )?(?:left|in stock|available)"
    r"|(?:do|have) you (?:still )?(?:have|got) (?:left|in stock))"
    r"|\W*(?:(?:and|so|ok(?:ay)?|well)\W+)*(?:(?:are|is) there )?(?:still )?any (?:still )?left)(?=\W*$)",
    re.IGNORECASE,
)
"""As in "how many are left?", of several that were shown: of each of them."""

IN_WHAT: Final = re.compile(
    r"\b(?:have|get|sell|make|come|is|are)\b[^.?!]*\b(?:it|that|this|them|those|these|ones?)\b in (?:a |an |real )?"
    r"(?!(?:stock|store|shops?|bulk|total|general|person|time|there|here|my|your|the|any|other|another|size|sizes)\b)"
    r"[a-z][a-z-]{2,}\W*$",
    re.IGNORECASE,
)
"""As in "do you have those in leather?": asks what they are of, where it is no version of them."""

ANY_LEFT: Final = re.compile(
    r"\b(?:any|some) (?:of (?:it|them|those|these) )?(?:still )?left\b", re.IGNORECASE
)
"""Asks whether there is more than none, which a number tells best."""

IS_ENOUGH: Final = re.compile(
    r"\b(?:(?:is|are|would|will) (?:just |only )?(?:it|that|this|they|those|these|one|two|three|\d+)"
    r"(?: of (?:it|them|those|these))? (?:be )?enough\b|how many(?: of (?:it|them|those|these))? "
    r"(?:do|would|will) (?:i|we) need\b)(?= (?:for|to)\b)",
    re.IGNORECASE,
)
"""Asks how far one of an item goes: "is one enough for fifty?"."""
