"""What English says of what was told, and asks for nothing by."""

import re
from typing import Final

REMARK: Final = re.compile(
    r"(?:^|(?<=[.!?;,] ))\W{0,5}(?:(?:lol|haha|no|nah|oh|wow|hm+|ugh|but|ooh|yikes|whoa|omg|gosh)\W{1,5})*"
    r"(?:that|it|this|they|those)(?:['’]s|['’]re| is| are| was| comes to| would be) "
    r"(?:like |about |almost |over |only )?[$€£]? ?\d[\d.,]*(?<![.,]) ?"
    r"(?:euros?|dollars?|bucks?|pounds?|quid|€|\$|£)?(?: (?:already|in all|in total|now))?(?=\s*[.!;](?!\d))",
    re.IGNORECASE,
)
"""Says what something comes to, before what is wanted: "lol that's 370 euros. back to one"."""

DOUBTS: Final = re.compile(
    r"^\W*(?:(?:but|wait|hm+|huh|oh|no|sorry|what|hold on)\W+)*"
    r"(?:did(?:n['’]?t| not) you (?:just )?(?:say|tell me|mention)"
    r"|(?:a (?:moment|minute|second) ago |earlier |before )?you (?:just )?(?:said|told me)"
    r"|(?:was|were)(?:n['’]?t| not) (?:it|that|they|those)(?= \W?\d)|i thought (?:you (?:said|told)"
    r"|it was|they were|that was))\b(?![^.?!]*\b(?:why|how|instead)\b)",
    re.IGNORECASE,
)
"""Holds against an answer what was said before: "didn't you say 60 days?"."""

ASKS_AGAIN: Final = re.compile(
    r"^\W*(?:(?:and|sorry|wait|hm+|ok(?:ay)?|so|but)\W+)*(?:what|how (?:long|much|many)|when|which)"
    r"(?: (?:was|were|is|are|did))? (?:that|it|this|those|they|you say)(?: (?:was|were))? again\W*$",
    re.IGNORECASE,
)
"""Asks for the last answer once more: "how long was that again?"."""

NAMES_NO_GOODS: Final = re.compile(
    r"\b(?:the|its) (?:(?!(?:first|second|third|last|other|rest|two|three|both|ones?|most|least|best|version|model|"
    r"size|colou?r|\w+est) )[a-z]+ ){1,3}(?=of (?:it|this|that)\b)"
    r"|\b(?:the|your) (?:[a-z-]+ ){1,2}(?:polic(?:y|ies)|terms|conditions)\b"
    r"|\bit(?= all\b)"
    r"|^\W*(?:it|this|that) (?:is|will be|would be)(?= for (?:my|our|him|her)\b[^?]*$)",
    re.IGNORECASE,
)
"""What is asked about an item, or about the shop: "the battery life of it", "the return policy"; and "it is for my
dad", which says whom the goods that are sought are for.
"""
