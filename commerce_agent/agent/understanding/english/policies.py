"""How English asks for a shop's terms: returns, delivery, warranty and price match."""

import re
from collections.abc import Mapping
from typing import Final

from commerce_agent.agent.understanding.move_wording import Wording

_PIECE: Final = r"(?:it|they|that|this|these|those|one)"
"""What was bought or is to be: people arrive too, and go back."""

_HAD: Final = (
    rf"\b(?:(?:get|have|receive|need|want)"
    rf"(?: (?:{_PIECE}|them|both|everything|(?:my|the|an?) (?:order|parcel|package)))"
    r"|(?:can|could|will|would|do|should|when) (?:i|we|you|they|he|she) (?:\w+ )?(?:get|have|receive)"
    r"|receive|(?:be|get|gets|it|them) here)\b[^.?!]*\b"
)
"""What has been ordered is had: guests are, too, and nobody sends them."""

_TENDER: Final = (
    r"(?:pay ?pal|visa|master ?card|amex|american express|apple pay|google pay|klarna|afterpay|"
    r"(?:credit|debit|gift|bank) ?cards?|cards?|cash|cheques?|checks|bank transfers?|invoices?|crypto|bitcoin)"
)
"""What one pays with."""

POLICIES: Final[Mapping[str, Wording]] = {
    "price_match": Wording(
        r"\bprice[- ]?match\w*",
        r"\bmatch(?:es|ing)? (?:other |lower )?prices?\b",
        r"\bmatch (?:the|a|their|that|another) (?:lower )?price",
        r"\b(?:cheaper|for less|lower price)\b[^.?!]*\b(?:elsewhere|(?:some|any)where else|another (?:shop|store))\b",
        r"\b(?:saw|seen|found|find|have|has|got|sells?|selling|costs?)\b[^.?!]{0,50}"
        r"\b(?:for|at|costs?) (?:only |just )?[$€£]? ?\d[\d.,]*(?: ?\w+)? (?:on|at|in|from) "
        r"(?:another|a different|some other|one other) (?:shop|store|site|website|place)\b",
        r"\b(?:elsewhere|(?:some|any)where else|another (?:shop|store|site))\b[^.?!]*\b(?:cheaper|for less)\b",
    ),
    "returns": Wording(
        r"\breturn(?:s|ed|ing|able)?\b",
        r"\brefund\w*",
        r"\b(?:send|take|bring|give)\b[^.?!]{1,40}\bback\b(?! (?:to the|in)\b)",
        r"\bmoney back\b",
        r"\bif (?:(?:my|our|the) )?(?!it\b|you\b)\w+ (?:do(?:es)?n['’]?t|do(?:es)? not|end up not) (?:like|want"
        r"|love|liking|get on with)\b",
        rf"\bif (?:{_PIECE}|the [\w' -]{{2,30}}?) (?:do(?:es)?n['’]?t|do(?:es)? not) (?:fit|suit)"
        r"(?: (?:me|him|her|us|them))?(?=\W*$|[.,;?!])",
        rf"\bif (?:{_PIECE}|the [\w' -]{{2,30}}?)(?:['’](?:s|re)| is| are| turns? out(?: to be)?)"
        r" (?:(?:far |much )?too (?:small|big|large|tight|loose|long|short|wide|narrow)|the wrong size)"
        r"(?: for (?:me|him|her|us|them))?(?=\W*$|[.,;?!])",
        r"\bcan (?:the|my|this|that|these|those|a) (?:[\w'-]+ ){1,4}?"
        r"(?:(?:go|come) back|be (?:sent|taken|brought) back)\b(?! (?:to|in|on|into)\b)",
        rf"\b(?:how long|how many days|can i|could i|may i|for how long)\b[^.?!]*\btry {_PIECE}\b(?! on\b)",
        r"\btrial (?:period|time)\b|\b(?:free|home) trial\b",
        rf"\b{_PIECE} (?:\w+ )?go back\b(?! (?:to|on|over)\b)"
        r"[^.?!]*\b(?:worn|used|opened|washed|even if|once|after|if)\b",
        rf"\bif\b[^.?!]*\b{_PIECE} (?:\w+ )?go back\b(?! (?:to|on|over)\b)",
        rf"\b(?:if\b[^.?!]* |{_PIECE} (?:\w+ )?)(?:turns? up|arrives?|comes?|gets? here) "
        r"(?:dead|broken|damaged|faulty|cracked|smashed)\b",
    ),
    "warranty": Wording(
        r"\bwarrant\w+",
        r"\bguarantee\w*",
        r"\bif (?:it|one|that|they) breaks?\b",
        r"\b(?:is|are|would|will) (?:that|this|it|they|damage|water)(?: be)? covered\b(?! (?:in|with|by a)\b)",
    ),
    "shipping": Wording(
        r"\bshipp?(?:ing|ed|s)?\b",
        r"\bdeliver(?:y|ed|ies|s)?\b",
        r"\bpostage\b",
        r"\b(?:do|does|can|could|will|would) (?:you|they|the shop) (?:also )?(?:send|post|mail)\b[^.?!]{0,25}?"
        r"\bto (?!me\b|us\b|my e?-?mail|the (?:cart|basket)\b)",
        rf"(?:\b(?:{_PIECE}|order|parcel|package|delivery) (?:(?!(?:i|we|you|he|she|my|our)\b)\w+ ){{0,2}}?"
        r"|\b(?:does|do|will|would|can|could) (?:the|this|that|these|those) (?:\w+ ){1,4}?|^\W*(?:and )?)"
        r"arriv(?:e|es|ing)\b[^.?!]*"
        r"\b(?:today|tomorrow|tonight|this week|next week|the weekend|christmas|in time|\w+day)\b",
        r"\bhow long (?:till|until|before)\b[^.?!]*\b(?:here|arrives?|comes?|have it|get it)\b",
        r"\bhow (?:soon|fast|long|quickly)\b.*\b(?:arrives?|gets? (?:here|it|them|to me)|be here|receive)\b",
        r"\bhow long (?:will|would) (?:it|that|this|they)\b[^.?!]{0,10}\btake\W*$",
        r"\bwhen\b[^.?!]*\b(?:arrive|come(?! (?:back|in)\b)|(?:gets?|be|is) (?:here|there)"
        r"|get (?:it|them|this|that)|receive)\b",
        rf"{_HAD}(?:by|before|in time for|on) (?:(?:next|this) )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
        rf"{_HAD}(?:by|before|until) (?:tomorrow|tonight|christmas|the weekend|next week)\b",
    ),
    "payment": Wording(
        r"\bpayment (?:methods?|options?|types?|plans?|terms)\b",
        r"\b(?:ways?|methods?) (?:to pay|of pay(?:ment|ing))\b",
        r"\bhow (?:can|could|do|would|will|should) (?:i|we|you|one) (?:\w+ )?pay\b",
        r"\b(?:can|could|may) (?:i|we|you|one) (?:also )?pay\b"
        r"(?! (?:less|more|attention|for (?:it|them|that|this)\W*$))",
        rf"\b(?:do|does|can|would|will) (?:you|they|the shop) (?:also )?(?:take|accept|support) (?:an? )?{_TENDER}\b",
        rf"\b(?:is|are) {_TENDER} (?:accepted|possible|ok(?:ay)?|fine)\b",
        r"\b(?:i|we)(?:['’]d| would)? (?:want|like|need|prefer|love) to pay (?:with|by|via|using|in|on)\b",
        r"\bpay(?:ing)? (?:in |by )?(?:instal?lments?|invoice|later\b|over time|on delivery)\b",
    ),
}
"""The names every shop has, with how it is paid. Others are matched by the words of their own titles."""

COSTS_OF_TERMS: Final = re.compile(
    r"\b(?:shipping|delivery|postage|returns?|assembly|installation)[ -](?:costs?|fees?|charges?|prices?)\b"
    r"|\b(?:costs?|prices?|fees?) (?:of|for) (?:the )?(?:shipping|delivery|postage|returns?|returning|sending)\b"
    r"|\b(?:how much (?:is|are|does|do|for|would|will)|what (?:is|are|does|do|would|will)|what'?s) (?:the |your )?"
    r"(?:express |standard )?(?:shipping|delivery|postage)\b"
    r"|\bhow much (?:is|does|would|will|to)\b[^.?!]*\b(?:deliver(?:ed)?|ship(?:ped)?|sent|posted)\b",
    re.IGNORECASE,
)
"""Asks what sending or returning costs, and not what goods do."""

ASKS_ALL_TERMS: Final = re.compile(
    r"\b(?:which|what(?:['’]?s| is| are)?(?: the| your)?|any|your) (?:other )?polic(?:y|ies)\b"
    r"(?! (?:on|about|regarding|concerning|around|towards?)\b)",
    re.IGNORECASE,
)
"""Asks for the shop's terms and names none of them: "which policies apply to boots?"."""

OF_STORE: Final = re.compile(
    r"\b(?:your|store|shop|general(?:ly)?|overall|everything|anything|(?:an|my) orders?"
    r"|all (?:your|goods|items|orders))\b",
    re.IGNORECASE,
)
"""Asks for the terms of the shop, whatever is in hand: "your return policy"."""
