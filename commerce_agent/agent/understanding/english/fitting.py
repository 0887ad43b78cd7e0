"""How goods are asked for that go with an item: "strings for it", "which ink do you have for the LP40?"."""

import re
from typing import Final

_OPENING = (
    r"^\W*(?:(?:and|also|plus|ok(?:ay)?|then|so|now|i(?:'d| would)? (?:also )?(?:need|want|like)|i'?m looking for|"
    r"show me|find me|got|any|(?:do|have) you (?:also )?(?:have|got|sell|stock|carry)|is there|are there|"
    r"what about|how about|maybe)\W+)*"
)
_ASPECT = (
    r"(?!swap|exchange|change|replace|trade|switch|add|put|take|buy|get|keep|order|return|give|go\b|pick|the\b|discount|code|coupon|voucher|deal|offer|warranty|guarantee|review|rating|refund|price|reason|size|colou?r|"
    r"version|alternative|place|bit|lot|idea|use|word|name|date|time|picture|photo|manual|instruction|look|question|"
    r"limit|age|weight|load|list|description|data|stock|test|video|one|option|budget|much|many|how|what|which|when|"
    r"why|who|is|are|does|do|can|will|shipping|delivery|return|insurance|thanks?|too|good|great|nice|perfect|enough|"
    r"something|anything|everything|nothing|looking|room|space|it\b|this\b|that\b|ok|not|pay|cost|allow|wait)"
)
_NOUN = rf"(?P<what>{_ASPECT}(?:[a-z-]+ ){{0,2}}?{_ASPECT}[a-z-]{{3,}})"
_WITH = (
    r"(?:for|to (?:go with|match|fit)|(?:that|which) (?:goes with|go with|fits?|suits?|match(?:es)?|"
    r"works? (?:with|in))|compatible with)"
)

GOODS_FOR: Final = re.compile(
    rf"{_OPENING}(?:an? |some |any |the )?{_NOUN} {_WITH} (?:(?:the|my|an?|your|this|that|our) )?$",
    re.IGNORECASE,
)
"""What stands before the name of an item for which other goods are sought."""

ANYTHING_FOR: Final = re.compile(
    rf"{_OPENING}(?:(?:what|which (?:products?|goods|things|items))(?: else)?"
    r"(?! (?:is|are) (?:it|this|that|these|those)\b)"
    r"|(?:anything|something|everything|things?|accessories)(?: else)?(?: (?:that|which))?"
    r"|what(?:'s| is| are)(?: there)?) "
    r"(?:(?:is|are|would|will|can|could|do you have|have you got|do you sell)(?: (?:that|which))? )?(?:(?:is|are|be) )?"
    r"(?:(?:goes|go)(?: well)? with|fits?(?: (?:on|in|with))?|suits?|match(?:es)?|works? with|compatible with|made for"
    r"|for|to go with) (?:(?:the|my|an?|your|this|that|our) )?$",
    re.IGNORECASE,
)
"""What stands before the name of an item where goods of any kind are sought that go with it: "what fits the K100?"."""

SEEKS_PLAINLY_FOR_IT: Final = re.compile(
    rf"{_OPENING}{_NOUN} {_WITH} (?:it|them|this|that|these|those|this one|that one)\W*(?:please\W*)?$"
    rf"|^\W*(?:and |so )?(?:which|what) {_NOUN.replace('<what>', '<goods>')} (?:do you have|have you got|do you sell|"
    r"is there|are there|do i need|goes|go|fits?|works?) (?:with |for |in )?(?:it|them|this|that|these|those)\b"
    r"|^\W*(?:and |so )?(?:which|what) [a-z-]{3,} (?:do you have|is there|do i need) for (?:it|them)\b",
    re.IGNORECASE,
)
"""Goods for the item in hand, without an article: "toner for it?", "which ink do you have for it, in green"."""

CONDITION: Final = re.compile(
    r"\b(?:as long as|so long as|provided(?: that)?|only if|just make sure|make sure|but only if) "
    r"(?:it|they|that|those|these|the ones?)(?:'s|'re| is| are| has| have| can| do| does| fits?)?\b",
    re.IGNORECASE,
)
"""Says what goods that are sought have to be like."""

BEST_FOR: Final = re.compile(
    r"\b(?:best|better|good|ideal|right|perfect|most suitable|suited|suitable)(?: (?:one|ones|choice|option|of (?:them|"
    r"those|these)))? (?:for|in|on|at) (?P<purpose>[\w' -]{3,40}?)\W*$",
    re.IGNORECASE,
)
"""Asks which of the goods at hand suits a purpose: "the best one for rain"."""

ONLY_THE: Final = re.compile(
    r"^(?P<only>\W*(?:(?:ok(?:ay)?|and|no|show me|i want|i meant?) )*(?:only|just)) the"
    r"(?= (?!first|last|second|third|fourth|other|same|next|two|three|four|\w+est\b|most\b|least\b)"
    r"[a-z-]{3,}(?: (?!ones?\b)[a-z-]{3,})?\W*$)",
    re.IGNORECASE,
)
"""Narrows what is shown to one kind: "only the ink"."""

ANYTHING: Final = re.compile(
    r"\W*(?:(?:and|ok|is there|are there|(?:do|have) you (?:have|got)|got|show me) )*(?:anything|something)\b",
    re.IGNORECASE,
)
"""Asks for any goods: "anything in silver?" is no question about the item in hand."""

NEXT_SIZE: Final = re.compile(
    r"\b(?:(?:the |a |one )?(?:next )?size (?:(?P<up>up)|down)|the next (?:(?P<larger>bigger|larger)|smaller) size)\b",
    re.IGNORECASE,
)
"""Asks for another size by where it stands: "what's the next size up?"."""

HALF_SIZE: Final = re.compile(
    r"\b(?:a )?half (?:a |an )?(?:size|number) (?:(?P<up>up|bigger|larger|more)|down|smaller|less)\b",
    re.IGNORECASE,
)
"""Asks for the size that lies half a one further: "half a size up?" of a 42 means 42.5."""
