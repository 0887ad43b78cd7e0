"""How English says that goods are taken, whoever takes them: "she'll have the red one", "the small one it is"."""

import re
from typing import Final

NUMBER: Final = (
    r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half a dozen|(?:a|one) dozen"
    r"|a couple|a pair)"
)
"""A number of pieces."""

ADDS: Final = (
    r"\b(?:add|put|throw|pop|place)\b[^.?!]*\b(?:to|in|into|on)\b[^.?!]*\b(?:cart|basket|bag|order)\b",
    r"^\W*(?:please |ok(?:ay)?,? |yes,? )*add\b",
    r"\b(?:and|then|please|just|hm+|well),? add\b",
    r"(?:^|[.!?;,]\s*)add\b(?: (?P<n1>" + NUMBER + r"))?\b",
    rf"\badd (?P<n2>{NUMBER})\b",
    r"\b(?:put|throw|pop) (?:it|that|this|them|the [\w ]{2,30}?) in\b(?! (?:a|an|size|\w+ (?:colou?r|size))\b)",
    r"(?:^|[.!] )\W*(?:(?:the|that|those)\b[^.?!,]{2,40}, |[\w ]{3,30} ones?, )?"
    r"(?:(?:and|then|ok(?:ay)?|yes|just|also|give me|get me|i need|i'?ll need|i want)\b\W*)*"
    rf"(?P<n5>{NUMBER}) (?:bars?|packs?|packets?|bags?|box(?:es)?|bottles?|pairs?|pieces?|sets?|"
    r"cans?|tins?|jars?|tubes?)(?:,? (?:please|then|thanks))?\W*$",
    rf"^\W*(?:(?:and|then|ok(?:ay)?|yes|please|also)\b\W*)*(?P<n4>{NUMBER}) (?:more )?of (?:the|those|these)\b",
    rf"\bi'?(?:ll| will)? (?:take|grab|have|get) (?P<n3>{NUMBER})\b",
    r"\b(?<!\bdo )(?<!\bwill )(?<!\bwould )(?<!\bshould )(?<!\bwhen can )"
    r"i(?:'?ll| will|'?d like to| want to)? (?:take|grab|have|get)\b"
    r" (?:it|that|this|them|both|the|those|these|two|three|one)\b"
    r"(?![^.?!]*\b(?:by|before|until|tomorrow|tonight|today|on \w+day)\b)",
    rf"\bi'?ll take\W*$|\bi(?:'?d)? (?:need|want|like)(?: to have)? (?P<n7>{NUMBER})(?:,? (?:please|then))?\W*$",
    r"\bi'?ll (?:take|have|get) (?:all|everything|every one)\b",
    r"\b[x×] ?\d{1,2}\W*$",
    rf"(?:[,;!]|[a-z]\.)\s+(?P<n8>{NUMBER})(?: of (?:it|them|those|these))?,? please\W*$",
    rf"^\W*(?P<n10>{NUMBER}) of (?:it|them|those|these),? please\W*$",
    r"^\W*(?P<n11>one|two|three|four|five|six),? please\W*$",
    r"\b(?:get|give|grab) me (?:it|that|this|them|those|these|both)(?:,? (?:please|then))?\W*$",
    rf"^\W*(?:(?:ok(?:ay)?|yes|and|then|also|just)\W+)*(?P<n9>{NUMBER}|a) (?:bars?|packs?|packets?|bags?|"
    r"box(?:es)?|bottles?|pairs?|sets?|cans?|tins?|jars?|tubes?) of (?:the|those|these|that|it|each)\b",
    r"^\W*(?:(?:ok(?:ay)?|yes|and|so|then|well|right)\W+)*(?:the|that|this|these|those|both|it|them|all)\b"
    r"(?:(?!\b(?:is|are|was|were|has|have|costs?|out|from|i|you|total)\b)[^.?!])*"
    r"(?:\b(?:into|to)|(?:,| then| too| also| both|^\W*(?:it|them|that|those|these|both|all)) in)"
    r" (?:the|my) (?:cart|basket)(?:,? (?:then|please|too))*\W*$",
    r"\b(?<!max )(?<!maximum )(?<!under )(?<!below )(?<!for )(?<!to )(?<!at )(?<!than )(?<!most )"
    rf"(?P<n6>{NUMBER})(?: of)? each\b(?:,? (?:please|then))?\W*$",
    r"^\W*(?:(?:ok(?:ay)?|yes|then|well|hm+|right),? )*(?:i'?ll )?take "
    r"(?:it|this|that|these|those|the|a|an|one|two|three)\b(?![^.?!]*\b(?:out|off|away|back|from|for)\b)",
)
"""Puts goods into the cart, in the shopper's own name."""

AND_COUNTED: Final = re.compile(
    rf"^\W*(?:(?:oh|ok(?:ay)?|yes|so)\W+)*(?:and|also|plus|then)\W+(?:also )?(?P<number>{NUMBER}|an)\b"
    r"(?! (?:more|question|last))(?![^.!]*\?)",
    re.IGNORECASE,
)
"""As in "and one amazon sword", where things are being put into the cart."""

_DEFINITE: Final = r"(?:it|that|this|them|both|the|those|these|two|three|one of|\d{1,2} of)"
_NO_DAY: Final = r"(?![^.?!]*\b(?:by|before|until|tomorrow|tonight|today|on \w+day)\b)"
_LEAD: Final = (
    r"(?:^|[.!,;]|\b(?:ok(?:ay)?|yes|yeah|right|good|great|fine|cool|well|hm+|so|then|and|but|no|nah)\b)\W*"
)
_WHO: Final = r"(?:he|she|they|we|(?:my|our|the) (?:\w+ ){1,2}?)"

TAKES: Final = (
    # "He'll have the squall", "my son will take the blue one".
    rf"{_LEAD}{_WHO}(?:'?ll| ?will|'?d like to| would like to| wants to)"
    rf" (?:take|grab|have|get|go (?:for|with)) {_DEFINITE}\b{_NO_DAY}",
    # "I'll go for the second", "let's do the chamomile".
    rf"{_LEAD}(?:i|we|i'?ll|we'?ll|i will|we will|i think i'?ll|let'?s|lets|let us|ill) (?:just )?"
    rf"(?:go (?:for|with)|do|take|have|get) {_DEFINITE}\b(?! (?:do|work|help)\b)(?![^.!]*\?){_NO_DAY}",
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|right|fine|so|then|well)\W+)*(?:i'?m )?going (?:for|with) the\b(?![^.!]*\?)",
    # "Stick one in my basket", "one in the cart", "both please".
    r"\b(?:stick|chuck|sling|bung|drop|whack|pop|get|want|need) (?:me )?"
    rf"(?:it|that|this|both|them|the|an?|{NUMBER})\b[^.?!]*\bin(?:to)? (?:the|my) (?:cart|basket|bag)\b",
    rf"(?:^|[.!,;] ?)(?:{NUMBER}|both) in(?:to)? (?:the|my) (?:cart|basket|bag)\b",
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|then|right|great|good|cool)\W+)*"
    r"(?:both|all three|all of them|the lot)(?:,? please)\W*$",
    r"\b(?:put|stick|chuck|add) (?:the |an? )?[\w' -]{2,40}? in(?:to it| there)? instead\b",
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|then|right|great|good|cool)\W+)*(?:grab|bag|snap up) (?:it|that|one|them|those)\W*$",
    # "The small one it is", "the chamomile then please".
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|right|fine|so|well)\W+)*the [\w' -]{2,40} it is\W*$",
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|right|fine|so|well)\W+)*(?:gimme|give me|get me|grab me) (?:the|that|those|both)\b"
    r"(?! (?:details|price|info|link|difference|total|list|specs|options|sizes?|name|best|cheapest|\w+est)\b)"
    r"(?![^.!]*\?)",
)
"""Takes goods for somebody, or in other words than by adding them."""
