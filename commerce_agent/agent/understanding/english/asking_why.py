"""How English asks why something was or was not suggested."""

import re
from typing import Final

from commerce_agent.agent.understanding.move_wording import Wording

_CHOICE = r"(?:choices?|picks?|recommendations?|suggestions?|selections?|ranking|proposals?)"
_SUGGESTED = (
    r"(?:(?:suggest|recommend|pick|show|select|offer|propos|choos|list)(?:e|ed|ing)?|shown|chosen?)\b"
)

ASKS_WHY_NOT: Final = Wording(
    r"\bwhy not\b",
    r"\bwhy (?:did|do|was|were|is|are)\b[^.?!]*\b(?:not|missing|left out)\b",
    r"\bwhy (?:did|do|was|were|is|are)(?:n'?t| not)\b",
    r"\bwhy (?:did|do) you not\b",
)

ASKS_WHY: Final = Wording(
    r"\bwhy\b",
    r"\bhow come\b",
    r"\bwhat made you\b",
    r"\bwhat makes you (?:recommend|suggest|pick|choose|(?:say|think|believe) (?:that|this|so|it)\W*$)",
    r"\bhow (?:did|do) you (?:choose|pick|decide|select|come up|arrive)\b",
    r"\bhow (?:did|do) you (?:rank|sort|rate) (?:it|them|these|those|this|that|the)\b",
    r"\b(?:your|the) (?:reasoning|rationale)\b",
    r"\b(?:on what basis|based on what|what(?:'s| is) (?:that|this|it) based on)\b",
    rf"\b(?:what|which)\b[^.?!]{{0,20}}\b(?:that|this|your|the|these|those) {_CHOICE} based (?:on|upon)\b",
    r"\bwhat (?:do|did|are) you (?:base|basing) (?:it|that|this|them|these|those|your)\b",
    rf"\b(?:explain|justify) (?:me |to me )?(?:your|that|this|these|those|the) {_CHOICE}(?! (?:policy|of)\b)",
    r"\bjustify (?:it|that|this|them|these|those)\W*(?:please\W*|to me\W*)?$",
    rf"\b(?:reasons?|basis) (?:for|behind|of) (?:your|that|this|these|those|the) {_CHOICE}\b",
    r"\b(?:reasons?|basis) (?:for|behind) (?:that|this|these|those)\W*$",
    rf"(?<!some )\b(?:reasons?|basis on which) (?:that |why |for which )?you(?:['’]ve| have| are|['’]re)? {_SUGGESTED}",
)

CHOICE_WORDS: Final = re.compile(
    r"\b(?:suggest|recommend|show|pick|choice|chose|choos|decid|select|offer|propos|list|bring|reason|basis|based|base"
    r"|rank|rationale|justif)\w*\b"
    r"|\b(?:this|that|these|those|it|them)\W*$",
    re.IGNORECASE,
)
"""The words of a why-question that is about what was suggested."""

WHY_WORDS: Final = frozenset({
    "why", "not", "did", "do", "does", "don", "didn", "doesn", "isn", "wasn", "aren", "is", "was", "were", "are", "the",
    "a", "an", "one", "ones", "me", "you", "that", "this", "it", "there", "in", "of", "left", "out", "missing", "show",
    "shown", "suggest", "recommend", "offer", "include", "list", "pick", "choose", "come", "t", "s", "what", "about",
    "how", "among",
})  # fmt: skip
"""The words of a why-question that name nothing."""
