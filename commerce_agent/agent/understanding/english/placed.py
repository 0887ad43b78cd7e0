"""How English asks after what was ordered: by the order, or by the goods in it."""

import re
from typing import Final

from commerce_agent.agent.understanding.move_wording import Wording

_NO_GOODS: Final = (
    r"(?!(?:cart|basket|bag|total|code|discount|size|colou?r|money|refund|points|account|wish ?list"
    r"|(?:\w+ )?(?:stores?|shops?|branch(?:es)?))s?\b)"
)
_UNDER_WAY: Final = (
    r"(?:(?:(?:been|be|getting|going to) )*"
    r"(?:ship(?:ped|ping)?|sent|deliver(?:ed)?|dispatched|arriv(?:ed?|ing)|(?:come|coming)(?! back\b)|left)"
    r"|on (?:its|their|the) way|out for delivery|get here|here yet)"
)

ORDERS: Final = Wording(
    r"\bwhere(?:'?s| is| are) my (?:order|package|parcel|stuff|delivery)",
    r"\border (?:status|history)\b",
    r"\b(?:where(?:['’]?s| is)|when(?:['’]?s| is| will| does)|what(?:['’]?s| is| about)|how about|status of|track"
    r"|has|is|did|will|show(?: me)?)\b[^.?!]{0,25}?"
    r"\border (?:number |no\.? ?|nr\.? ?)?#?(?=[\w-]*\d)[\w-]{3,24}\b",
    r"(?<!place )(?<!placing )(?<!finish )(?<!complete )"
    r"\bmy (?:last |latest |recent |previous |past |old )?orders?\b",
    r"\btrack\b.*\b(?:order|package|parcel)\b",
    r"\bwhat (?:did|have) i (?:buy|bought|order|ordered)\b",
    r"\b(?:what|how much) (?:did|have) (?:i|we|you) (?:actually |really |just )?(?:pay|paid|charged?)(?: me| us)?\b",
    rf"\bwhere(?:['’]?s| is| are) my {_NO_GOODS}[\w' -]{{3,40}}\W*$",
    r"\bwhere(?:['’]?s| is| are) (?:the|my|our|those|that)\b[^.?!]* (?:i|we) (?:have |had "
    r"|just )?(?:ordered|bought|got)\b",
    r"\b(?:has|have|did|is|are|when(?:['’]s| is| are| will| does| do)) (?:my|our) "
    rf"(?!(?:size|colou?r)s?\b)(?:[\w'-]+ ){{1,4}}?{_UNDER_WAY}\b",
)
"""As in "where's my order?", "where is order 7003?", "has my tent shipped yet?"."""

_ASKS: Final = r"(?:what|how much)"
_WHOLE: Final = (
    r"(?:it|that|this|they|those|these|everything|all (?:of )?(?:it|that|this|them)|it all"
    r"|the (?:lot|whole thing))"
)
_ORDERS: Final = r"(?:my|the|those|these|our) (?:\w+ )?(?:orders|purchases)"
_OF_ORDER: Final = r"(?:my|the|that|this|our) (?:\w+ )?(?:order|purchase)"

TOTAL_OF_ORDER: Final = re.compile(
    rf"\b{_ASKS}(?: money)? (?:did|have) (?:i|we) (?:actually |really |just |already |then )*"
    r"(?:pay|paid|spend|spent)\b(?!.*\b(?:left|budget)\b)"
    rf"|\b{_ASKS} (?:did|have) you (?:actually |really |just )*charged?\b|\b{_ASKS} (?:was|were) (?:i|we) charged\b"
    rf"|\b(?:total|sum|amount|price|cost|value)\b(?: due| price| cost| amount)? (?:of|for|on) {_OF_ORDER}\b"
    r"|\b(?:my|the|our) (?:order|purchase)(?:['’]?s)? (?:total|amount|sum|value|price)\b|^\W*order total\b"
    rf"|\bhow much (?:is|was|were|did|does|has) {_OF_ORDER}\b(?! (?:weigh|hold|take))"
    rf"|\bwhat (?:did|does|has) {_OF_ORDER} (?:cost|come to|add up to|total|amount to)\b",
    re.IGNORECASE,
)
"""Asks what an order comes to: "what did I pay?", "total of my order?"."""

TOTAL_OF_ORDERS: Final = re.compile(
    rf"\b(?:total|sum|amount|price|cost|value)\b (?:of|for|on) (?:all )?(?:of )?{_ORDERS}\b"
    rf"|\bhow much (?:were|are|did|do|have) (?:all )?(?:of )?{_ORDERS}\b(?! (?:weigh|hold|take))"
    rf"|\bwhat (?:did|do|have) (?:all )?(?:of )?{_ORDERS} (?:cost|come to|add up to|total|amount to)\b",
    re.IGNORECASE,
)
"""Asks what several orders come to together."""

STANDS_WHERE: Final = re.compile(
    rf"\bwhere(?:['’]?s| is| are) (?:it|they|that|this|{_OF_ORDER})\b"
    r"|\bwhen (?:will|does|do|is|are) (?:it|they|that) (?:arriv\w+|com\w+|get here|be here|be delivered|ship\w*)\b"
    rf"|\b(?:has|have|did|is|are) (?:it|they|that) (?:already |yet )*{_UNDER_WAY}\b|\bhow far (?:along )?(?:is|are)\b",
    re.IGNORECASE,
)
"""Asks besides how far an order is: "how much was my order, and where is it?"."""

TOTAL_AGAIN: Final = re.compile(
    rf"\bhow much (?:was|were) {_WHOLE}(?: all)?(?: again| in total| altogether| in all| all in| together)*\W*$"
    r"|\b(?:what|how much) (?:was|were) (?:the|my) (?:total|bill|sum|damage|price|cost|amount)"
    r"(?: again| in the end)?\W*$"
    rf"|\b{_ASKS} did {_WHOLE}(?: all)? (?:cost|come to|set me back|add up to|total|amount to)(?: me)?"
    r"(?: again| in total| altogether| in all| all in| together)*\W*$",
    re.IGNORECASE,
)
"""The same by what was ordered, or by nothing: "how much was it?", "what was the total again?"."""

GOODS_COST: Final = re.compile(
    r"\bhow much (?:was|were) (?:the|my|that|those|these) (?!price\b|total\b)[^.?!]{2,40}?(?: again)?\W*$"
    r"|\b(?:what|how much) did (?:the|my|that|those|these) [^.?!]{2,40}? cost(?: me)?(?: again)?\W*$",
    re.IGNORECASE,
)
"""The same by the name of what was ordered: "how much was the helmet?"."""

MONEY_BACK: Final = re.compile(
    rf"\b{_ASKS}(?: (?:money|of (?:it|that|my money)))? (?:do|will|would|should|can|am|did|is|are|was)\b[^.?!]{{0,30}}?"
    r"\b(?:get(?:ting)? (?:it )?back|get (?:a )?refund(?:ed)?|(?:be(?:ing)? )?refunded|(?:the|my) refund"
    r"|(?:be(?:ing)? )?(?:paid|given|sent) back|receive back|have back)\b"
    r"|\bhow much(?: money)? (?:comes?|goes?|is (?:coming|going)|will (?:come|go)) back\b"
    r"|\bhow (?:big|much|high|large) (?:is|was|will be|would be) (?:the|my) refund\b",
    re.IGNORECASE,
)
"""Asks what is paid back: "how much do I get back?"."""

WENT_THROUGH: Final = re.compile(
    r"^\W*(?:(?:so|and|ok(?:ay)?|well|now|then|wait|hm+)\W+)*"
    r"(?:did|has|have|was|is) (?:it|that|this|everything|(?:my|the|that|this) (?:order|purchase|change))(?: all)?"
    r"(?: actually| really| just| now| already)* (?:go(?:ne)? through|(?P<works>work(?:ed)?)|succeed(?:ed)?"
    r"|(?:been )?placed|(?:been )?confirmed|go ok(?:ay)?|successful)"
    r"(?: now| then| ok(?:ay)?| all right| this time)?\W*$",
    re.IGNORECASE,
)
"""Asks what came of a press: "did it go through?"."""

_STILL: Final = (
    r"(?:good|ok(?:ay)?|valid|standing|on|fine|open|possible|current|up to date|alright|all right|there)"
)
STILL_GOOD: Final = re.compile(
    r"\b(?:is|are) (?:my|the|that|this|your) (?:order|offer|proposal|quote)\b(?: (?:i|you) \w+| above)? "
    rf"(?:still |even |really )*{_STILL}\W*(?:then|now|again)?\W*$"
    r"|\b(?:does|do|will) (?:my|the|that|this|your) (?:order|offer|proposal|quote)\b(?: above)? (?:still )?"
    r"(?:stand|hold|work|count|go through)\b"
    r"|\b(?:has|did|is) (?:my|the|that|this|your) (?:order|offer|proposal|quote)\b(?: already)? "
    r"(?:expired?|run out|lapsed?|off|void|invalid)\b"
    r"|\b(?:can|could|may) i still (?:confirm|press|place|(?P<ordering>order))\b",
    re.IGNORECASE,
)
"""Asks after what waits for the shopper's button: "is my order still good?"."""

STILL_HAD: Final = re.compile(
    r"^\W*(?:(?:so|and|ok(?:ay)?|then)\W+)*(?:can|could|may) i still (?:order|buy) [^.?!;]*\W*$",
    re.IGNORECASE,
)
"""Of goods it asks whether they are still to be had, and orders nothing: "can I still order the blue one?"."""

OFFER: Final = re.compile(r"\b(?:offer|quote)\b", re.IGNORECASE)
"""What waits for the button, where something does; else a shop's promotion may be called so."""

ORDER_NUMBER: Final = re.compile(
    r"\border (?:number |no\.? ?|nr\.? ?)?#?(?P<number>(?=[\w-]*\d)[\w-]{3,24})\b", re.IGNORECASE
)
"""As in "how much was my order 1001?"."""
