"""How English asks for things: one pattern a move. Words of a shop's goods never stand here."""

import re
from collections.abc import Mapping
from typing import Final

from commerce_agent.agent.moves import MoveKind

_NUMBER = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|a couple|a pair)"


def _compiled(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{alternative})" for alternative in alternatives), re.IGNORECASE)


MOVES: Final[Mapping[MoveKind, re.Pattern[str]]] = {
    "greet": _compiled(r"^\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings)\b"),
    "thank": _compiled(r"\b(?:thanks|thank you|thx|ta|cheers|much appreciated|that helps|perfect|great)\b"),
    "part": _compiled(r"^\W*(?:bye|goodbye|see you|that'?s all|that is all|i'?m done)\b"),
    "help": _compiled(
        r"what can you (?:do|help)", r"how (?:does this|do you) work", r"^\W*(?:help|help me)\W*$"
    ),
    "recap": _compiled(
        r"what (?:did|have) i (?:ask|say|said|tell|told|want)",
        r"what (?:am|was) i looking for",
        r"\bmy (?:filters|criteria|requirements|limits)\b",
        r"remind me what",
        r"where were we",
    ),
    "start_over": _compiled(
        r"\bstart(?:ing)? (?:over|again|afresh|fresh)\b",
        r"\breset\b",
        r"\bforget (?:everything|all (?:of )?(?:it|that))\b",
        r"\bfrom scratch\b",
    ),
    "never_mind": _compiled(r"\bnever\s?mind\b", r"^\W*forget (?:it|that)\b", r"\bleave it\b"),
    "call_person": _compiled(
        r"\b(?:talk|speak|chat|connect|transfer)\w*\b.*\b(?:human|person|someone|somebody|agent|representative|staff)\b",
        r"\b(?:real|actual) (?:human|person)\b",
        r"\bhuman (?:agent|being)\b",
        r"\bcustomer (?:service|support|care)\b",
    ),
    "promotions": _compiled(
        r"\bdiscounts?\b",
        r"\bdeals?\b",
        r"\bpromo(?:tion)?s?\b",
        r"\b(?:coupon|voucher)s?\b",
        r"\b(?:on|any|in the|have a|having a) sales?\b",
        r"\bspecial offers?\b",
        r"\boffers? (?:on|today|now)\b",
    ),
    "orders": _compiled(
        r"\bwhere(?:'?s| is| are) my (?:order|package|parcel|stuff|delivery)",
        r"\border (?:status|history)\b",
        r"\bmy (?:last |latest |recent |previous |past |old )?orders?\b",
        r"\btrack\b.*\b(?:order|package|parcel)\b",
        r"\bwhat (?:did|have) i (?:buy|bought|order|ordered)\b",
    ),
    "show_cart": _compiled(
        r"\b(?:what'?s|what is|show|see|view|open)\b[^.?!]*\b(?:cart|basket|bag)\b",
        r"^\W*(?:my )?(?:cart|basket)\W*$",
    ),
    "add_to_cart": _compiled(
        r"\b(?:add|put|throw|pop|place)\b[^.?!]*\b(?:to|in|into|on)\b[^.?!]*\b(?:cart|basket|bag|order)\b",
        r"^\W*(?:please |ok(?:ay)?,? |yes,? )*add\b",
        r"\band add\b",
        r"\bi(?:'?ll| will|'?d like to| want to)? (?:take|grab|have|get)\b"
        r" (?:it|that|this|them|both|the|those|these|two|three|one)\b",
    ),
    "take_from_cart": _compiled(
        r"\b(?:remove|delete|take out|drop)\b",
        r"\btake\b[^.?!]*\b(?:out|off)\b",
        r"\bdon'?t want\b[^.?!]*\b(?:in (?:my|the) (?:cart|basket)|any ?more)\b",
    ),
    "set_quantity": _compiled(
        rf"\bmake (?:it|that|them) (?P<n1>{_NUMBER})\b(?!\s*(?:dollars|bucks|euros|pounds|\$|€|£))",
        rf"\bchange (?:it|that|the quantity)\b[^.?!]*\bto (?P<n2>{_NUMBER})\b",
        rf"\b(?P<n3>{_NUMBER}) of (?:it|them|those|these|that)\b",
    ),
    "check_out": _compiled(
        r"\bcheck ?out\b",
        r"\bplace (?:the|my|an|this) order\b",
        r"\b(?:buy|order|purchase)\b (?:it|this|that|them|these|those|now|the|both)\b",
        r"\bready to (?:buy|order|pay)\b",
        r"\bproceed\b",
    ),
    "compare": _compiled(
        r"\bcompar\w+",
        r"\bdifferen(?:ce|t from)\b",
        r"\bversus\b",
        r"\bvs\.?\b",
        r"\bside by side\b",
        r"\bwhich (?:one |of (?:them|these|those|the two) )?(?:is|would be|has|are|should)\b",
    ),
    "stock": _compiled(
        r"\bin stock\b",
        r"\bout of stock\b",
        r"\bavailab\w+",
        r"\bhow many\b[^.?!]*\b(?:left|have|stock)\b",
        r"\bany (?:left|more of)\b",
        r"\b(?:still )?(?:have|got) (?:it|this|that|them|these|those)\b",
        r"\bsold out\b",
    ),
    "price": _compiled(
        r"\bhow much\b(?! (?:does (?:it|that|this) )?(?:weigh|hold))",
        r"\b(?:price|cost) of\b",
        r"\bwhat(?:'?s| is| does| do| are)\b[^.?!]*\b(?:price|cost)s?\b",
        r"\b(?:price|cost)\?",
    ),
    "variants": _compiled(
        r"\b(?:what|which|any|other) (?:other )?(?:colou?rs?|sizes?|versions?|variants?|options?|materials?)\b",
        r"\bcomes? in\b",
        r"\bin (?:an?other|a different) (?:colou?r|size)\b",
    ),
    "details": _compiled(
        r"\btell me (?:more|about|something)\b",
        r"\b(?:more )?(?:details?|info|information|specs?|specifications?)\b",
        r"\bdescribe\b",
        r"\b(?:more|know) about\b",
        r"\breviews?\b",
        r"\bratings?\b",
        r"\brated\b",
        r"\bmade (?:of|from)\b",
        r"\bhow (?:heavy|light|big|large|long|wide|tall|high|deep|warm|thick|old|many|much)\b",
        r"\bwhat(?:'?s| is| are) (?:its|their|the)\b",
    ),
    "why_not": _compiled(
        r"\bwhy not\b", r"\bwhy (?:did|do|was|were|is|are)(?:n'?t| not)\b", r"\bwhy (?:did|do) you not\b"
    ),
    "why": _compiled(r"\bwhy\b", r"\bhow come\b", r"\bwhat made you\b"),
    "more": _compiled(
        r"\b(?:show|see|any|got|have|what)\b[^.?!]*\b(?:more|others?|else|different ones?)\b",
        r"^\W*(?:more|next|others|anything else|something else)\W*(?:please)?\W*$",
    ),
    "agree": _compiled(r"^\W*(?:yes|yeah|yep|sure|ok|okay|please do|go ahead|sounds good)\b"),
    "decline": _compiled(r"^\W*(?:no|nope|nah|not now|no thanks?)\b"),
    "search": _compiled(
        r"\b(?:looking|searching|shopping|hunting) for\b",
        r"\b(?:show|find|get|give|recommend|suggest) (?:me |us )?\b",
        r"\bi (?:need|want|would like|'?d like)\b",
        r"\b(?:do|have) you (?:have|got|sell|carry|stock)\b",
        r"\bany\b",
        r"\bwhat about\b",
        r"\bhow about\b",
        r"\bswitch to\b",
    ),
}

POLICIES: Final[Mapping[str, re.Pattern[str]]] = {
    "price_match": _compiled(
        r"\bprice[- ]?match\w*",
        r"\bmatch (?:the|a|their|that|another) (?:lower )?price",
        r"\bcheaper elsewhere\b",
    ),
    "returns": _compiled(
        r"\breturn(?:s|ed|ing|able)?\b",
        r"\brefund\w*",
        r"\bsend (?:it|them|this|that) back\b",
        r"\bmoney back\b",
    ),
    "warranty": _compiled(r"\bwarrant\w+", r"\bguarantee\w*", r"\bif it breaks\b"),
    "shipping": _compiled(
        r"\bshipp?(?:ing|ed|s)?\b",
        r"\bdeliver(?:y|ed|ies|s)?\b",
        r"\bpostage\b",
        r"\bhow (?:soon|fast|long)\b.*\b(?:arrive|get here)\b",
    ),
}
"""The four names every shop has. Others are matched by the words of their own titles."""

NUMBER_WORDS: Final[Mapping[str, int]] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "a couple": 2, "a pair": 2,
}  # fmt: skip

PLAIN_YES: Final = re.compile(
    r"(?:yes|yeah|yep|sure|ok|okay|please|please do|yes please|go ahead|do that|sounds good)[.!]*",
    re.IGNORECASE,
)
"""An answer that says nothing but yes."""

SAME_GOODS: Final = re.compile(r"\bones?\b|\bof (?:them|those|these)\b", re.IGNORECASE)
"""Words that stand for the goods already talked about."""
