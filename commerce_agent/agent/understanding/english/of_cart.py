"""English phrases that say what of the cart is meant, and what is to become of it."""

import re
from typing import Final

from commerce_agent.agent.understanding.english.taking import NUMBER

_NOT_ABLE: Final = r"(?<!you can )(?<!i can )(?<!we can )(?<!one can )"
"""As in "plates you can take out": what somebody is able to do with goods; no order."""

_THESE: Final = r"(?:the|that|this|those|these|it|them|both)\b"

TAKES_OUT: Final = (
    rf"\btake (?P<n1>{NUMBER}|an?)\b[^.?!]*\b(?<!check )(?:out|off|away)\b",
    rf"\b(?:remove|delete|drop) (?P<n2>{NUMBER})\b",
    r"\b(?:remove|delete|drop|take (?:out|off)) (?P<n3>an?)\b (?!few|couple|pair|dozen)",
    rf"{_NOT_ABLE}\b(?:remove|delete|take out"
    rf"|drop(?![^.?!]*\b(?:into (?:the|my)|to (?:just |only )?{NUMBER})\b))\b",
    rf"{_NOT_ABLE}\btake\b[^.?!]*\b(?<!check )(?:out|off)\b",
    # "Ok, you can take the lamp out": what may be done with what is named.
    r"\b(?:you|we) can (?:(?:please|just|also|now) )?"
    rf"(?:(?:remove|delete|take (?:out|off)) {_THESE}"
    rf"|take {_THESE}(?:(?! (?:when|while|if)\b)[^.?!,])*\b(?:out|off))\b",
    r"\b(?:check ?out|order|pay|buy)\b[^.?!]{0,30}\b(?:without|minus|but not"
    r"|except(?: for)?) (?:the|that|this|those|it|them)\b",
    r"\bdon'?t want\b[^.?!]*\b(?:in (?:my|the) (?:cart|basket)|any ?more|after all)\b",
    r"\b(?:the|this|that|those|these|my) [\w' -]{2,40}? not after all\W*$",
)
"""Takes goods out of the cart, by their number or by their name."""

TAKING_OUT: Final = frozenset({"remove", "delete", "drop"})
"""Its verbs that are no word of goods: "remove the heavier one"."""

TAKES_RANKED: Final = re.compile(
    r"\b(?:(?:remove|delete|drop|take (?:out|off)) (?P<what>the (?:[a-z]+ ){1,2}(?:one|item|thing))"
    r"|take (?P<named>the (?:[a-z]+ ){1,2}(?:one|item|thing))(?= (?:back )?(?:out|off)\b))(?! (?:in|from|of)\b)",
    re.IGNORECASE,
)
"""As in "remove the heavier one", "take the cheapest one out": what is named so may be ranked."""

_SO: Final = r"(?:(?:ok(?:ay)?|yes|so|then|and|actually|please|can you|could you|let['’]?s|no|well)\W+)*"
MULTIPLIES: Final = (
    rf"^\W*{_SO}(?:double|triple|halve) (?:it|that|them|those|(?:the|my|those|these) "
    r"(?!(?:\w+ )?(?:budget|limit|price|size|amount of money|width|length|height)\b)[\w' -]{2,40}?)"
    r"(?:,? (?:up|please|then|now))*\W*$",
    r"\bmake (?:it|that|them) (?:double|triple|(?:twice|three times) (?:that|as many))(?:,? (?:please|then))?\W*$",
)
"""Wants a multiple of what is in the cart: "double the mugs"."""
TIMES: Final = re.compile(
    r"\b(?:(?P<two>double|twice)|(?P<three>triple|three times)|(?P<half>halve))\b", re.IGNORECASE
)

_TAKEN_BACK: Final = r"(?:the|that|this|those|these|my) [^.?!,;:]{2,40}?"
TAKES_BACK: Final = re.compile(
    r"^\W*(?:(?:oh|ah|no|hm+|wait|sorry|well|ok(?:ay)?|but)\W+)*"
    r"(?:(?:actually|on second thoughts?)\W+(?:no\W+)?"
    rf"(?:not (?P<named>{_TAKEN_BACK})|(?P<before>{_TAKEN_BACK}),? not)"
    rf"|not (?P<at_last>{_TAKEN_BACK}) after all|not after all (?P<behind>{_TAKEN_BACK})"
    rf"|(?P<first>{_TAKEN_BACK}),? actually (?:not|no))"
    r"(?:,? (?:after all|then|please))*[^\w?]*$",
    re.IGNORECASE,
)
"""As in "actually, not the iron": what was wanted is wanted no more."""

DROPS: Final = re.compile(
    r"\b(?:forget|skip|scrap|scratch|ditch|lose|drop|never ?mind)(?: about)? (?:the|my|those|these)\b"
    r"(?!(?: [\w-]+){1,3}['’]s? [a-z])"
    r"|\b(?:don'?t|do not|no longer) (?:want|need)\b[^.?!]*\b(?:any ?more|after all)\b",
    re.IGNORECASE,
)
"""Takes goods back that were wanted: "forget the chairs", "I don't want the lamp after all"."""

KEEPS_ONLY: Final = re.compile(
    r"\W*(?:(?:ok(?:ay)?|alright|fine|well|then|so|hm+|oh|no|damn|right|actually)\W+)*"
    r"(?:(?P<needs>i (?:just|only|really only) (?:need|want) )|(?:just|only) )"
    r"(?:the|my) (?P<what>(?!\w* ?ones?\b|first|second|third|last|other)[a-z][\w' -]{2,30}?)"
    r"(?(needs)(?: (?:then|after all|now))?| (?:then|after all))\W*",
    re.IGNORECASE,
)
"""As in "ok, just the rattle then", "I only need the rattle": of all in the cart only that is wanted."""

KEEPS_IN: Final = (
    r"^\W*(?:(?:no|oh|ok(?:ay)?|actually|wait|hm+|well|then|but)\W+)*(?:i(?:['’]ll| will|['’]d)? |let['’]?s )?"
    r"(?:leave|keep) (?:it|them|that|those|both) (?:all )?in(?: there)?(?:,? (?:then|please|after all))*\W*$"
)
"""As in "actually leave it in": what went out is to be in the cart again."""

LEAVES_OUT: Final = re.compile(
    r"\b(?:check ?out|order|pay|buy)\b[^.?!]{0,30}\b(?:without|minus|but not|except(?: for)?) "
    r"(?P<what>(?:the|that|this|those|it|them)\b[^.?!;]*?)"
    r"(?:,? (?:then|please|(?:for )?now|instead|though))*\s*(?=[.?!;]|$)",
    re.IGNORECASE,
)
"""As in "order everything without the lamp": of what is ordered something is to go out first."""

LEFT_OUT: Final = re.compile(
    r"(?:(?<=[.!?,;])\s*|\band |\bbut |^\W*)"
    r"(?:(?:please|actually|ok(?:ay)?|oh|no|sorry|wait|right|well|so|then|just|but|and|can you|could you"
    r"|let['’]?s|i['’]?ll|on second thoughts?)\b\W*)*"
    r"(?P<leaves>leave (?:out (?P<what>(?:(?:the|my|that|those|these) (?!(?:[\w'-]+ )?ones\b))[^.?!,;]{2,40}?)"
    r"|(?P<named>(?:the|my|that|those|these) [\w' -]{2,40}?) out|(?P<pronoun>it|them|that|those) out))"
    r"(?=(?:,? (?:then|please|after all|again|this time|(?:for )?now))*\W*(?:$|[.,;!?]|and\b|but\b))",
    re.IGNORECASE,
)
"""As in "actually leave out the lamp", "leave it out please": what lies in the cart is to go out of it."""

SETS_TO: Final = re.compile(
    r"\b(?:(?P<down>reduce|cut|lower|drop|bring|knock)|(?P<up>increase|raise|bump|up)|set|change|make) "
    r"(?:the|my|those|these|it|that|them)\b",
    re.IGNORECASE,
)
"""Says of what there is how many of it there shall be: "reduce the mugs to 2"."""

EXCEPT: Final = re.compile(r"\b(?:except|but|apart from|other than)\b", re.IGNORECASE)
"""Keeps something of what is taken out: "everything but the lamp"."""

KEEPS_NAMED: Final = re.compile(
    r"\b(?:except(?: for)?|apart from|other than|but(?: for)?) "
    r"(?P<what>(?:(?:the|that|those|my) |(?:an?|one|two|three|four|\d{1,2})\b)[^.?!;]*)",
    re.IGNORECASE,
)
"""Names what is kept, so that nothing goes out where the cart has no such thing."""

PUTS_BACK: Final = re.compile(r"\b(?:put|add|throw|pop|bring|get)\b[^.?!]*\bback\b", re.IGNORECASE)
"""Wants in the cart again what was taken out of it."""

FOR_THAT: Final = re.compile(
    r"\b(?:for|with) (?:that|this|it)(?: one)?(?:,? (?:then|please|instead))*\W*$", re.IGNORECASE
)
"""Puts what is at hand in the place of something."""

GOES_OUT: Final = re.compile(r"\b(?:swap|replace|exchange|trade|switch|change) (?:out )?$", re.IGNORECASE)
"""Stands before what is to go out for something else."""

SWAPPED: Final = re.compile(
    r"\b(?:swap|replace|exchange|trade|switch|change) (?:out )?(?P<what>[^.?!,;]{2,60}?) (?:for|with|by|to|into)\b",
    re.IGNORECASE,
)
"""Says what is to go out for something else."""

GOES_FOR: Final = re.compile(
    r"\s+(?:(?:in|from) (?:the|my) (?:cart|basket|bag|trolley) )?(?:for|with|by)\b", re.IGNORECASE
)
"""Stands behind what is to go out for something else: "swap the lamp for"."""

WHAT_GOES_OUT: Final = re.compile(
    r"\b(?:swap|replace|exchange|trade|switch|change) (?:out )?(?:the|my|that|those) (?P<goods>[^.?!,;]{2,40}?)"
    r"(?: (?:in|from) (?:the|my) (?:cart|basket|bag|trolley))? (?:for|with|by)\b",
    re.IGNORECASE,
)
"""Names what is to go out for something else."""

WAS_ADDED: Final = re.compile(
    r"\b(?:what|which(?: ones?)?|how many) (?:[\w-]+ ){0,2}?(?:did|have|has|had) (?:i|we|you) "
    r"(?:(?:just|already|now|so far) )*(?:add|added|put)\b"
    r"|\b(?:did|have) (?:i|we|you) (?:(?:just|already|really) )*(?:add|added|put)\b",
    re.IGNORECASE,
)
"""Asks what was put into the cart, and adds nothing: "what did I just add?"."""

OF_CART: Final = re.compile(
    r"\b(?:cart|basket|bag|total|altogether|together|everything|in all|so far|order|budget|limit|spent|left)\b",
    re.IGNORECASE,
)
"""Speaks of the cart, or of all that is to be paid."""

OF_WHOLE_CART: Final = re.compile(
    r"\b(?:everything|all|anything|things?|stuff|what'?s|what is|what i have) (?:\w+ )?in (?:my|the) "
    r"(?:cart|basket|bag)\b"
    r"|\b(?:is|are) (?:everything|all of (?:it|them|that|those)|it all"
    r"|they all)\b[^.?!]*\b(?:available|in stock|there)\b",
    re.IGNORECASE,
)
"""Means all that is in the cart."""

CORRECTS_VERSION: Final = re.compile(
    r"^\W*(?:(?:no|nope|nah|oh|oops|sorry|wait|actually|hm+|ah|rather|i mean(?:t)?|better|but)\b\W*)+"
    r"(?:in )?(?:size )?[^\s?]+(?: [^\s?]+)?[^\w?]*$",
    re.IGNORECASE,
)
"""As in "no, actually L": a word or two in place of what was just said."""

_SORRY: Final = (
    r"\W*(?P<sorry>(?:(?:no|nope|nah|oh|oops|sorry|wait|actually|hm+|ah|well|rather|better|damn|my (?:mistake|bad)"
    r"|i (?:mean|meant|said|wanted)(?: to say)?|it should be)\b\W*)+)?(?:in )?(?:the )?(?:size )?"
)
_VALUE: Final = rf"(?!not\b|{NUMBER} )[^\s,;.?!]+(?: (?!not\b|but\b|please\b)[^\s,;.?!]+)?"
_THEN: Final = r"(?:,? (?:please|then|sorry|though))*[^\w?]*"

THAT_NOT_THIS: Final = re.compile(
    rf"{_SORRY}(?P<right>{_VALUE})(?:\W+(?:and )?not (?:in )?(?:the )?(?:size )?(?P<wrong>{_VALUE}))?{_THEN}",
    re.IGNORECASE,
)
"""As in "sorry, I meant navy, not red", "no, navy"."""

NOT_THIS_BUT_THAT: Final = re.compile(
    rf"{_SORRY}not (?:in )?(?:the )?(?:size )?(?P<wrong>{_VALUE})(?:, but| but|[,;.:–—-]+)\s+"
    rf"(?:in )?(?:the )?(?:size )?(?:i (?:meant|wanted|said) )?(?P<right>{_VALUE}){_THEN}",
    re.IGNORECASE,
)
"""As in "not red but navy", "sorry, not red, navy"."""
