"""How English asks what prices come to together, and what lies between them."""

import re
from typing import Final

from commerce_agent.agent.understanding.move_wording import Wording

_COUNT: Final = (
    r"(?:[2-9]|[1-9]\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half a dozen|a dozen"
    r"|a couple)"
)
_PACKS: Final = (
    r"(?:packs?|packets?|bags?|box(?:es)?|bottles?|pairs?|pieces?|sets?|cans?|tins?|jars?|tubes?|more|units?)"
)
_THOSE: Final = r"(?:them|these|those)"
_BOTH: Final = rf"(?:both|(?:all )?(?:the )?(?:two|three)|{_THOSE}|they|all of {_THOSE})"
_TOGETHER: Final = r"(?:together|altogether|combined|in (?:total|all)|all in)"
_SUMMED: Final = r"(?:cost|be|come to|add up to|make|set me back|together|altogether|in total|in all)"
_NO_VERB: Final = (
    r"(?:(?!\b(?:can|could|will|would|do|does|did|is|are|was|wear|use|put|add|take|have|go|goes|fit|send|order)\b)"
    r"[^.?!])"
)
_WHOLE: Final = (
    r"(?:everything|it all|all (?:of )?(?:it|that|this)|altogether|(?:in )?total|(?:my|the) (?:whole |new )?"
    r"(?:cart|basket|bag|order|bill|sum))"
)
_NO_GOODS: Final = (
    r"(?:codes?|discounts?|vouchers?|coupons?|promotions?|shipping|delivery|postage|tax|vat|offer|sale|wrap(?:ping)?"
    r"|fees?|insurance)\b"
)
_COSTS: Final = r"(?: would| will| do| does| for| cost|'d)"
_OF_ONE: Final = rf"(?: of (?:it|that|this|{_THOSE}|the [^.?!,]{{2,50}}?))"
_BULK: Final = r"(?: it| that| this| they)? (?:weigh|hold|last|fit)s?\b"

PRICE_SUM: Final = Wording(
    # "How much are both together?", "what do the two cost in total?"
    r"\b(?:how much|what)\b(?=[^.?!]*\b(?:is|are|be|for|costs?|prices?|come to|pay)\b)"
    rf"[^.?!]*\b(?:{_BOTH}|and)\b[^.?!]*\b{_TOGETHER}\b",
    # "Both together?", "the first and the third, together?"
    rf"^\W*(?:(?:and|so|ok(?:ay)?)\W+)*(?:{_NO_VERB}{{2,60}}\band\b{_NO_VERB}{{2,60}}|{_NO_VERB}{{0,60}}\b{_BOTH})"
    rf"(?: of {_THOSE})?\W+{_TOGETHER}\W*$",
    # "How much are both?", "what's the price of both?"
    r"\bhow much (?:is|are|for|costs?)(?: it)?(?: for)? both\b",
    rf"\bhow much (?:do|would|will) both (?:of {_THOSE} )?(?:cost|come to|make|add up to)\b",
    r"\b(?:price|cost) (?:of|for) (?:both|the two|all (?:two|three))\b",
    r"\bwhat (?:do|would|will) both (?:of them )?cost\b",
    r"\bhow much both\W*$",
    # "What would two cost?", "how much are three of those?", "how much for 2?"
    rf"\b(?:what|how much){_COSTS}(?: (?:it|that|they) (?:be|cost))?(?: for| cost)?"
    rf" (?P<count>{_COUNT})(?: {_PACKS})?{_OF_ONE}?(?: {_SUMMED})*\W*$",
    rf"\bwhat(?:'s| is| are) the (?:price|cost) (?:for|of) (?P<priced>{_COUNT})(?: {_PACKS})?"
    rf"{_OF_ONE}?(?: {_SUMMED})*\W*$",
    # "What is 50?" asks for no sum.
    rf"\bhow much(?:'s| is| are)(?: for)? (?P<counted>{_COUNT})"
    rf"(?:(?: {_PACKS}{_OF_ONE}?|{_OF_ONE})(?: {_SUMMED})*|(?: {_SUMMED})+)\W*$",
    rf"\bwhat(?:'s| is| are) (?P<summed>{_COUNT})(?: {_PACKS})?{_OF_ONE}?(?: {_SUMMED})+\W*$",
    # "How much would everything be with that one?", "what would my total be if I add the second?"
    rf"\b(?:how much|what)\b[^.?!]*\b{_WHOLE}\b[^.?!]*?\b(?P<cart>with|including|plus|if i)\b(?: also| too)?"
    rf"(?: (?:add|take|get|buy|put in|took|added|bought|got|had))? (?:it|{_THOSE}|that|this|both"
    rf"|the (?!(?:[\w%'’-]+ ){{0,2}}{_NO_GOODS})\w+)\b[^.?!]*",
)
"""Asks for a sum of prices, in small letters; its named group is how many of one thing, or that the cart counts in."""

_OF_TERMS: Final = (
    r"(?![^.?!]*\b(?:shipping|delivery|postage|express|free|spend|orders?)\b)"
    r"(?![^.?!]*\b(?:codes?|coupons?|vouchers?|discounts?)\b)"
)
"""What delivery costs, what is to be spent and what a code takes off lies between no prices of goods."""

PRICE_GAP: Final = re.compile(
    r"\bhow much (?:cheaper|dearer|pricier|(?:less|more) (?:expensive|pricey))\b"
    r"|\bhow much (?:more|less)(?: money| for)? (?:is|are|does|do|would|will|for)\b"
    rf"{_OF_TERMS}(?!{_BULK})(?![^.?!]*\b(?:weigh|hold|last|fit)s?\b)"
    r"|\bprice[ -](?:difference|gap)\b|\bdifferen\w+ (?:in|of|between) (?:the |their )?(?:prices?|costs?)\b"
    r"|\b(?:cheaper|dearer|pricier|(?:less|more) expensive) (?:by|of) how much\b"
    rf"|\bhow much (?:do|would|will|could|can) i save\b{_OF_TERMS}"
    r"(?=[^.?!]*\b(?:with|taking|by|if|buying|getting|over)\b)"
)
"""Asks how far prices lie apart, in small letters."""
