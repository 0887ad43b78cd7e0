"""How English asks to choose: which goods of a kind to take, which of two an item is, what fits it or is part of it."""

import re
from typing import Final

from commerce_agent.agent.understanding.english.in_stock import IS_ENOUGH
from commerce_agent.agent.understanding.english.taking import NUMBER, PIECES

RECOMMENDS_KIND: Final = re.compile(
    r"\b(?:which|what) (?P<goods>(?!(?:ones?|else|of|is|are|do|does|would|should|can)\b)[\w'-]+"
    r"(?: (?!(?:ones?|of)\b)[\w'-]+){0,2}?) (?:(?:would|do|can|could) you|should i) "
    r"(?:recommend|suggest|pick|choose|take|get)\b",
    re.IGNORECASE,
)
"""Asks which goods of a kind to take: "which wood chips would you recommend?"."""

RANKS_KIND: Final = re.compile(
    r"\b(?:which|what) (?P<goods>(?!(?:ones?|else|is|are|kind|type|sort|version|style|shade|make|maker|deal|"
    r"offer|price|order|way|shipping|delivery|payment|code)\b)[\w'-]+) (?:is|are) the (?:most|least|\w+est)\b",
    re.IGNORECASE,
)
"""Asks for the first or last of a kind: "which pan is the biggest?"."""

WHICH_KIND: Final = re.compile(
    r"\bwhich (?P<kind>(?!ones?\b)[a-z][\w'-]*(?: (?!of\b)[\w'-]+){0,2}?) "
    r"(?:is|isn['’]?t|has|have|had|comes|can|would|will|does|do|goes|fits|works|lasts|holds|weighs|costs|takes|runs|gives"
    r"|needs|keeps)\b(?! (?:you|i|we)\b)",
    re.IGNORECASE,
)
"""Asks which of a kind is so: "which jacket comes in olive?"."""

COMPARES_WITH: Final = re.compile(
    r"(?P<one>\bcompare (?!with\b|to\b)[^.?!,]{2,40}?) (?:with|to|against|versus|vs\.?) "
    r"(?=(?:the|that|this|those|these|it|my|your|(?-i:[A-Z]))\b|(?-i:[A-Z]))",
    re.IGNORECASE,
)
"""As in "compare the kettle with the toaster": with what stands before."""

KEEPS_ONLY: Final = re.compile(
    r"^(?P<lead>\W*(?:(?:ok(?:ay)?|so|actually|hm+|well|please|then|i'?ll|i will|let'?s|can you|could you|just)\W+)*)"
    r"keep (?:only|just) (?P<kept>[^.?!,]{2,40}?)(?: in (?:the|my) (?:cart|basket|bag))?"
    r"(?:,? (?:please|then|thanks))*\W*$",
    re.IGNORECASE,
)
"""As in "keep only the torq": of what is in the cart."""

LONE_EXTREME: Final = re.compile(
    r"^(?P<lead>\W*(?:(?:and|so|ok(?:ay)?|but|now)\W+)*)(?P<extreme>(?:most|least) \w+|(?!rest\b|interest)\w{2,}est)"
    r"(?= (?:(?:one )?(?:of|out of) (?:these|those|them|the)\b|ones?\b))",
    re.IGNORECASE,
)
"""As in "lightest of those?": a superlative without its article."""

SEEKS_MORE: Final = re.compile(
    r"\W*(?:(?:and|so|ok(?:ay)?|but|hm+|well)\W+)*"
    r"(?:(?:is|are) there|(?:do|have) you(?: have| got)?|what about|how about|any|got)\b"
    r"(?: (?:an?|any|anything|something|one|ones))* (?:(?:more|less) )?[\w-]+(?: (?:ones?|pairs?|models?|versions?))?"
    r"(?: (?:there|here|then|too|among (?:them|those|these)))?\W*",
    re.IGNORECASE,
)
"""Asks for one that is more so, and says nothing else: "is there a lighter one?"."""

EITHER_OF_IT: Final = re.compile(
    r"^\W*(?:(?:and|so|but|ok(?:ay)?|hm+)\W+)*(?:is|are|was|were)(?:n['’]?t)? "
    r"(?:it|they|that|this|those|these|(?:the|that|this|those|these) (?:\w+ ){0,2}?\w+) "
    r"(?:in )?[\w./ -]{1,30}? or (?:in )?[\w./ -]{1,30}\?",
    re.IGNORECASE,
)
"""Asks which of two an item is: "is that one A4 or A5?"."""

PIECES_ALONE: Final = re.compile(
    r"\W*(?:(?:ok(?:ay)?|yes|yeah|and|then|so|great|good|right|just|perfect|fine)\W+)*"
    rf"(?P<number>{NUMBER}) {PIECES}(?:,? (?:please|then|of (?:it|them|those|these|that)))*[^\w?]*",
    re.IGNORECASE,
)
"""So many pieces, of what was spoken of last: "two sets, please"."""

FITS_IN: Final = re.compile(
    r"\b(?:does|do|will|would|can|could) (?:my|a|an|the|\d)\b[^.?!]*\b(?:fit|go|work|hang|hold)s?\b[^.?!]*"
    r"\b(?:(?:in|into|on|onto|under|with|inside) (?:it|this|that|there|here|them)|inside)\b",
    re.IGNORECASE,
)
"""Asks whether something else suits the item in hand."""

AND_PART: Final = re.compile(
    r"\W*(?:ok(?:ay)?\W+)?and (?:the |its )?(?P<part>[a-z][a-z -]{2,30}?)\?\W*", re.IGNORECASE
)
"""Goes on with something that goods may have: "and batteries?"."""

_OF_PIECE: Final = re.compile(
    rf"^(?P<asks>\W*(?:(?:and|so|ok(?:ay)?|but)\W+)*how "
    r"(?:(?:long|heavy|much|big|tall|wide|large)\b[^.?!]*?|many (?:are|come|do (?:i|you|we) get)(?: there)? in)) "
    rf"(?:one|an?|each|a single) {PIECES}(?=(?! of\b)[^.!]*$)",
    re.IGNORECASE,
)


def name_piece(said: str, *, alone: bool) -> str:
    """As in "how long does one bag burn?" of the only item in hand: "how long does it burn?"."""
    return IS_ENOUGH.sub("is it enough", _OF_PIECE.sub(r"\g<asks> it", said)) if alone else said


OF_TIER: Final = re.compile(
    r"\b(?:gold|silver|bronze|platinum|diamond|copper|pearl|ruby|emerald)(?:[ -]level)?"
    r" (?:members?|customers?|clients?|status|membership|tier(?! \w))\b",
    re.IGNORECASE,
)
"""Speaks of a tier that goes by the name of a metal or a gem: no goods are to be so."""


def is_of_tier(color: str, *, said: str) -> bool:
    """As in "what do I pay as a gold member?": the name of a tier, and no colour of goods."""
    return (
        re.search(rf"\b{re.escape(color)} (?:member|customer|client|tier|status)", said, re.IGNORECASE)
        is not None
    )
