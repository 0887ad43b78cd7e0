"""How English asks after what was ordered: by the order, or by the goods in it."""

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
