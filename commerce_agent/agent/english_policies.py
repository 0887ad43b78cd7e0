"""How English asks for a shop's terms: returns, delivery, warranty and price match."""

from collections.abc import Mapping
from typing import Final

from commerce_agent.agent.move_wording import Wording

POLICIES: Final[Mapping[str, Wording]] = {
    "price_match": Wording(
        r"\bprice[- ]?match\w*",
        r"\bmatch(?:es|ing)? (?:other |lower )?prices?\b",
        r"\bmatch (?:the|a|their|that|another) (?:lower )?price",
        r"\b(?:cheaper|for less|lower price)\b[^.?!]*\b(?:elsewhere|(?:some|any)where else|another (?:shop|store))\b",
        r"\b(?:elsewhere|(?:some|any)where else|another (?:shop|store|site))\b[^.?!]*\b(?:cheaper|for less)\b",
    ),
    "returns": Wording(
        r"\breturn(?:s|ed|ing|able)?\b",
        r"\brefund\w*",
        r"\b(?:send|take|bring|give)\b[^.?!]{1,40}\bback\b(?! (?:to the|in)\b)",
        r"\bmoney back\b",
        r"\bgo back\b[^.?!]*\b(?:worn|used|opened|washed|even if|once|after|if)\b|\bif\b[^.?!]*\bgo back\b(?! to\b)",
        r"\b(?:turns? up|arrives?|comes?|gets? here) (?:dead|broken|damaged|faulty|cracked|smashed)\b",
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
        r"\barriv(?:e|es|ing)\b[^.?!]*\b(?:today|tomorrow|tonight|this week|next week|\w+day)\b",
        r"\bhow long (?:till|until|before)\b[^.?!]*\b(?:here|arrives?|comes?|have it|get it)\b",
        r"\bhow (?:soon|fast|long|quickly)\b.*\b(?:arrives?|gets? (?:here|it|them|to me)|be here|receive)\b",
        r"\bhow long (?:will|would) (?:it|that|this|they)\b[^.?!]{0,10}\btake\W*$",
        r"\bwhen\b[^.?!]*\b(?:arrive|come(?! (?:back|in)\b)|(?:get|be) here|get (?:it|them|this|that)|receive)\b",
        r"\b(?:get|have|arrive|here|receive)\b[^.?!]*\b(?:by|before|in time for|on) "
        r"(?:(?:next|this) )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
        r"\b(?:get|have|receive|arrive|here)\b[^.?!]*\b(?:by|before|until) "
        r"(?:tomorrow|tonight|christmas|the weekend|next week)\b",
    ),
}
"""The four names every shop has. Others are matched by the words of their own titles."""
