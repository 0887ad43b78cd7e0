"""English phrases that say how an item is asked for or about. Words of a shop's goods never stand here."""

import re
from typing import Final

GREETING: Final = re.compile(
    r"^\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings)\b(?: there| again)?",
    re.IGNORECASE,
)
"""Opens a message and names no goods."""

GOES_WITH: Final = re.compile(
    r"\b(?:to )?(?:go(?:es)?|match(?:es)?|use|drink|wear|eat|combine) with (?:it|that|this|them|these|those)\b",
    re.IGNORECASE,
)
"""Says what other goods are for: "a tonic to go with it"."""

SEEKS_FOR_IT: Final = re.compile(
    r"^\W*(?:(?:and|also|plus|ok(?:ay)?|then|so|now|i(?:'d| would)? (?:also )?(?:need|want|like)|show me|find me|"
    r"(?:do|have) you (?:also )?(?:have|got|sell|stock|carry)|is there|what about|how about|maybe)\W+)*"
    r"(?:an?|some|any) (?:[a-z-]+ ){0,3}?"
    r"(?!discount|code|coupon|voucher|deal|offer|warranty|guarantee|review|rating|refund|price|reason|size|colou?r|"
    r"version|alternative|place|bit|lot|idea|use|word|name|date|time|picture|photo|manual|instruction|look|question|"
    r"limit|age|weight|load|list|description|data|stock|test|video|one|option)"
    r"[a-z-]{3,} (?:for|to (?:go with|match|fit)|(?:that|which) (?:goes with|go with|fits?|suits?|match(?:es)?)) "
    r"(?:it|them|that|this|these|those)\b(?! \w+(?:ing|er)\b)"
    r"|(?:^\W*|\b(?:have|got|sell|stock|carry|need|want|like|me|and|also|some|any) )(?:[a-z-]+ ){0,2}"
    r"(?!what|which|that|size|colou?r)[a-z-]{3,} (?:to|that|which) (?:go(?:es)? with|match(?:es)?|complement) "
    r"(?:it|them|that|this|these|those)\b",
    re.IGNORECASE,
)
"""Seeks other goods for the item in hand: "and a case for it", "gloves to go with that"."""

IN_UNIT: Final = re.compile(r"\bin (?P<unit>[a-z]+|°[cf])(?= (?:please|exactly)\b|\W*$)", re.IGNORECASE)
"""May name the unit that an answer is wanted in: "how long is it in cm?"."""

ASKS_WHICH_OF_IT: Final = re.compile(
    r"\b(?:what|which|how (?:much|many|big|large|long|fast))\b[^.?!]*"
    r"\b(?:does|do|has|have) (?:it|that one|this one|they)\b",
    re.IGNORECASE,
)
"""Asks for a fact about the item itself: "what memory does it have"."""

ASKS_FOR_THE: Final = re.compile(
    r"\b(?:do|have) you (?:still |also )?(?:have|got|carry|stock|sell) (?:it|that|this|the|those|these)\b",
    re.IGNORECASE,
)
"""Asks for an item that is known: "do you have the Lark in 12"."""

ADDS: Final = re.compile(r"\badd\b|\b(?:cart|basket)\b", re.IGNORECASE)
"""Says in so many words that goods are to go into the cart."""

PACKED: Final = (
    r"in (?:an?|its|their|the) (?:(?!\w+er\b)\w+ )?"
    r"(?:box(?:es)?|cases?|bags?|pouch(?:es)?|tins?|cartons?)\b(?! of)"
)
"""Behind "come": what the goods lie in, and no version of them."""

INCLUDES: Final = re.compile(
    r"\b(?:does|do|will) (?:it|they|that one|this one|that|this) "
    r"(?:come with|include|need|take|use|come (?=" + PACKED + r"))\b",
    re.IGNORECASE,
)
"""Asks what an item comes with: "does it come with a battery", "do they come in a box?"."""

ASKS_WHETHER_HAS: Final = re.compile(
    r"^\W*(?:(?:and|so|but|ok(?:ay)?|also|oh)\W+)*(?:is there|are there|has it got|have they got|does (?:it|that|this) "
    r"(?:have|come with|include)|do they (?:have|come with)) (?:an?|any|the|some)?\s*(?P<name>[a-z][a-z -]{2,40}?)"
    r"(?: (?:on|in|with|to) (?:it|them|that|this))?\W*$",
    re.IGNORECASE,
)
"""Asks whether the goods in hand have something: "is there a light built in?"."""

ASKS_HOW_MANY: Final = re.compile(
    r"^\W*(?:(?:and|so|ok|but)\W+)*(?:how many|how much|what|which|what's the) (?P<name>[a-z ]{3,20})"
    r"(?: (?:does it have|has it|is it|are there|are in it))?\W*$",
    re.IGNORECASE,
)
"""Asks for one thing that goods have: "how many pages?"."""

LAST_OF_LIST: Final = re.compile(r",\s*(?:size )?([\w./]+)(?:,? please)?\W*$", re.IGNORECASE)
"""What may be a size of the shop's: "the Lark in blue, 10"."""

BETTER_SIZE: Final = re.compile(
    r"\b(?:size )?([\w./]+) (?:is|would be|will be|'s) (?:(?:much |probably |a bit )?better|safer|more like it|my size|"
    r"(?:fine|right|perfect|enough|good|ok) for (?:me|him|her|us|them))\b",
    re.IGNORECASE,
)
"""What may be a size of the shop's: "M is better for me"."""

AFTER_IN: Final = re.compile(r"\bin (?:an? )?(?:size )?([\w./]+)", re.IGNORECASE)
"""What may be a size of the shop's: "in 9.5"."""

ASKS_OF_KIND: Final = re.compile(r"\b(?:which|what|how|show|any|(?:do|can|have) you)\b", re.IGNORECASE)
"""As in "ok, which gloves are warmest": the kind is named to ask something of it."""

ASKS_OF_IT: Final = re.compile(
    r"\b(?:does|do|is|are|has|have|will|would|can) (?:it|they|(?:that|this|(?:the|that|this) \w+) one) \w",
    re.IGNORECASE,
)
"""A question about the item itself: "does it have weighted keys"."""

SHOWS: Final = re.compile(r"\b(?:show|find|looking for|search for)\b", re.IGNORECASE)
"""Asks for goods in so many words: no answer to a question."""

_ASKS_TO_SEE = r"\b(?:show me|let me see|(?:can|could|may) i (?:see|have|get)|send me)"
_PICTURE_WORD = r"(?:picture|photo|image|pic)"
PICTURE: Final = (
    r"\bwhat (?:does|do|would) (?:it|they|these|those|(?:the|that|this)(?: [^.?!]{2,40}?)?) (?:really )?look like\b"
    r"(?! (?:on|in|with|without|inside|when|if|after)\b)"
    rf"|(?:{_ASKS_TO_SEE}|\b(?:do you have|have you got|is there|got|another))"
    rf" (?:an?|any|the|some|another|more)?(?: (?:bigger|larger|better|other|real|nice))* ?{_PICTURE_WORD}s? of "
    r"(?:it|this|that|them|the (?:first|second|third|fourth|fifth|last|other|\w+ one)|(?:this|that) one)\b"
    rf"|{_ASKS_TO_SEE} (?:an?|the|its|another)"
    rf"(?: (?:bigger|larger|better))? {_PICTURE_WORD}(?: (?:of the [^.?!]{{2,40}}|please|pls))?\W*$"
    rf"|\b(?:bigger|larger) {_PICTURE_WORD}(?: please| pls)?\W*$"
)
ASKS_PICTURE: Final = re.compile(PICTURE, re.IGNORECASE)
"""Asks what an item looks like."""

OTHERWISE: Final = re.compile(
    r"\b(?:swap|switch|change|replace|exchange|instead|rather (?:have|take|get)|make (?:it|that|the|them|my))\b",
    re.IGNORECASE,
)
"""Wants what was chosen in another version."""

SIMILAR: Final = re.compile(
    r"\b(?:what(?:'s| is)?|which|something|anything)\b[^.?!]{0,12}\b(?:closest|nearest)\b[^.?!]{0,12} (?:to|for)\b|"
    r"\b(?:something|anything|ones?|others?|what(?:'s| is| else is)?)\b[^.?!]{0,12}"
    r"\b(?:similar|comparable|like (?:it|this|that|these|those|them|the)\b)"
    r"|\balternatives? (?:to|for) (?:it|this|that|the)\b"
    r"|^\W*(?:(?:and|ok|show me|any(?:thing)?)\W+)*(?:similar|comparable)\b",
    re.IGNORECASE,
)
"""Seeks other goods by one that is known: "what's similar but in stock?", "something like this in red"."""

ADDS_WISH: Final = re.compile(r"\b(?:but|in|with|without|under|below|from)\b", re.IGNORECASE)
"""Says what those others are to be besides."""

FITS: Final = re.compile(
    r"\b(?:fits?|suits?|goes with|go with|works? with|compatible with|made for)\b", re.IGNORECASE
)
"""Seeks what goes with an item: "what ink fits it?"."""

TELLS_NEED: Final = re.compile(
    r"\b(?:it'?s|it is|this is|these are|they'?re) (?:all )?for (?:a|an|my|our|the)\b"
    r"|\b(?:i'?m|we'?re|i am|we are|she'?s|he'?s|they'?re) (?:just |currently |now )?"
    r"(?!looking|searching|shopping|hunting|after|buying|ordering|wanting|seeking)(?:\w{2,}ing|invited)\b"
    r"|^\W*(?:hi|hello|hey|so|well|ok|hm+)?\W*(?:i|we) (?:have|'ve got|got|am having) "
    r"(?:guests?|visitors?|friends|family|people"
    r"|a (?:party|wedding|dinner|trip|baby|guest|visitor))\b",
    re.IGNORECASE,
)
"""Tells what goods are needed for, and names none: "it's for a wedding in June"."""

TELLS: Final = re.compile(
    r"^\W*(?:(?:hm+|well|so|oh|ah|ok(?:ay)?|yeah|yes|no|but|and|lol|haha|you know|i mean|actually|also)\W+)*"
    r"(?:(?:he|she|it|they|we|i)(?:'s|'m|'re|'ve|'ll)?|(?:my|our|his|her) \w+)\b"
    r""
    r"(?!['’]d\b)(?! (?:needs?|wants?|would|can|could|takes?|gets?|buys?|orders?|looks?|sounds?)\b)(?![^!]*\?)",
    re.IGNORECASE,
)
"""Tells something of people or things, and asks for nothing: "hm she has small hands"."""

INSTEAD: Final = re.compile(r"\binstead\b(?! of\b)|\brather (?:have|take|get)\b", re.IGNORECASE)
"""Puts one thing in another's place: "take the blue instead"."""

CORRECTS: Final = re.compile(
    r"^\W*(?:(?:no|nope|nah|oh|oops|sorry|wait|actually|hm+|ah|rather|make (?:that|it)|i mean(?:t)?|better|but"
    r"|not (?:that|this|those|these|it)(?: ones?)?)\b\W*)+"
    r"(?=(?:the|that|this)\b)",
    re.IGNORECASE,
)
"""Takes back what was just done: "no, the black one"."""

CORRECTS_TO: Final = re.compile(
    rf"{CORRECTS.pattern}"
    r"(?![\s\S]*(?:\?|\b(?:is|are|was|were|be|been|has|have|had|does|do|did|can|could|will|would|should|may|might|"
    r"looks?|seems?|feels?|sounds?|comes?|came|costs?|weighs?|fits?|needs?|goes|works?|holds?|lasts?|arrives?d?|"
    r"got|gets?|how|what|which|who|why|when|where|whether|if|right|i|you|we|they|it)\b"
    r"|n['’]t\b|\b(?:it|that|this|there|they|one)['’](?:s|re|d|ll)\b))",
    re.IGNORECASE,
)
"""Names what is wanted instead, and neither asks nor says anything of it: "but the Meadow is lighter" does."""

ASKS_CODE: Final = re.compile(r"\b(?:codes?|coupons?|vouchers?)\b", re.IGNORECASE)
"""Asks for a code that takes something off."""

ASKS_REDUCED: Final = re.compile(
    r"\b(?:sales?|reduced|discounted|marked down|bargains?|clearance)\b",
    re.IGNORECASE,
)
"""Asks for goods that cost less than usual, whether a promotion makes it so or the price itself."""

ON_GOODS: Final = re.compile(
    r"\b(?:discounts?|deals?|promo(?:tion)?s?|coupons?|vouchers?|codes?|offers?|sales?|money|anything)\b"
    r"[^.?!]{0,20}\b(?:on|for|off)\b|\boff\b",
    re.IGNORECASE,
)
"""Asks what comes off goods, and not for the goods: "any discount on tents?"."""

BEYOND: Final = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|but|so|hm+|no|anything|something|any|one|ones)\W+)*"
    r"(?:\w+er|less \w+|more \w+) than\b",
    re.IGNORECASE,
)
"""Seeks goods by what they are to surpass: "cheaper than that"."""

SIDE_BY_SIDE: Final = re.compile(
    r"\bcompar\w+|\bdifferen\w+|\bversus\b|\bvs\b|\bside by side\b", re.IGNORECASE
)
"""Asks in so many words for a comparison."""

BEST_REVIEWED: Final = re.compile(
    r"\b(?:which|what) (?P<kind>(?!(?:one|ones|of|is|are|has)\b)[a-z][a-z -]{2,30}?) (?:has|have|got|gets) (?:the )?"
    r"(?:best|better|highest|higher|most) (?:reviews?|ratings?|stars)\b",
    re.IGNORECASE,
)
"""Asks for the best of a kind by what others say: "which chronograph has better reviews?"."""

SHOWN_FIRST: Final = re.compile(
    r"\bwhat (?:did|have) you (?:show|suggest|recommend|offer)(?:n|ed)?(?: me)?(?: at)? first\b",
    re.IGNORECASE,
)
"""Goes back to where the talk began."""

_SHOWED: Final = r"(?:show(?:ed|n)?|suggest(?:ed)?|recommend(?:ed)?|offer(?:ed)?)"
ASKS_SHOWN_FIRST: Final = re.compile(
    r"\W*(?:(?:and|so|ok(?:ay)?|hm+|wait|sorry|hey|but|remind me|tell me|again)\W+)*"
    rf"(?:what (?:did|had|have) you {_SHOWED}(?: (?:me|us))?(?: at| to me| the very)? first"
    r"|what (?:was|were|is|are|did you show me as) (?:the|your) (?:very )?first "
    rf"(?:(?:thing|one|option|product|item|result|suggestion|pick)s?)(?: that)?(?: you(?: had| have|['’]d)? {_SHOWED})?"
    r"(?: (?:me|us))?)(?: of all| again| then| here| today| in this chat)*\W*",
    re.IGNORECASE,
)
"""Asks for the list with which the talk began, and says nothing else."""

CHECKS_OUT: Final = re.compile(r"\bcheck(?:ing)? ?out\b|\bgo ahead\b|\bback to\b", re.IGNORECASE)
"""Orders what is in the cart, or goes back to something: words that are no part of a name."""

ASKS_VERSIONS: Final = re.compile(
    r"\b(?:what|which) (?:other )?(?:colou?rs?|sizes?|versions?|variants?|options?|materials?)\b"
    r"|\b(?:come|comes|get|got|have|available)\b[^.?!]{0,12} in (?:any|some|an|a)?\s?(?:thing|other|different)",
    re.IGNORECASE,
)
"""Asks in which versions something comes."""

ASKS_NAME: Final = re.compile(r"\bwhat(?:['’]?s| is| was)\b[^.?!]* names?\b(?! (?:brand|tag))", re.IGNORECASE)
"""Asks what goods are called: "what was the name of the second?"."""

OWNS: Final = re.compile(r"\b(?:my|our|i have|i've got|we have|we've got)\b", re.IGNORECASE)
"""Speaks of what the shopper has already."""

COMES_IN: Final = re.compile(
    r"^\W*(?:(?:and|so|but|ok(?:ay)?|hm+)\W+)*(?:(?:do you (?:also |still )?have|have you got|is there) "
    r"(?:it|that|this|that one|this one|them)\b|does (?:it|that|this|that one|this one) (?:also )?(?:come|exist)\b)"
    r"(?![^.?!]*\bthan\b)",
    re.IGNORECASE,
)
"""Asks whether something can be had otherwise: "do you have it longer?"."""

ASKS_NOW: Final = re.compile(
    r"^\W*(?:(?:and|so|but|ok(?:ay)?|how about|what about)\W+)*now\W*$", re.IGNORECASE
)
"""Asks again what could not be had before: "and now?"."""

AND: Final = re.compile(r"\band\b|,", re.IGNORECASE)

ASKS_MORE: Final = re.compile(
    r"\bwhich\b[^.?!]*\b(?:is|are|would be|feels?|looks?|lasts?|runs?) (?:the )?"
    r"(?P<word>(?:more|most|less|least) (?!expensive)\w+|(?!better|best|other|rather)\w{3,}(?:er|est))\b",
    re.IGNORECASE,
)
"""Asks which of several is more of something: "which is warmer?"."""

MODEST: Final = re.compile(
    r"\b(?:cheap|inexpensive|affordable|budget[- ]friendly|"
    r"(?:not(?:hing)?|n't)(?: be)? (?:too|very|so|that) (?:expensive|pricey|dear)|"
    r"won'?t break the bank)\b",
    re.IGNORECASE,
)
"""Asks for goods that cost little, without a limit."""

NAMES_NOTHING: Final = re.compile(
    r"\b(?:start|begin)(?:ing)? with\b|\bfirst(?: of all| up)?\b(?= an?\b|[.,;!?]|$)|\b(?:then|next)\b"
    r"|(?<=\bwide )feet\b|(?<=\bnarrow )feet\b|\bfor less\b"
    r"|\b(?:\d{1,2}|two|three|four|five|six) (?:pairs?|pieces?) of\b",
    re.IGNORECASE,
)
"""What puts goods in an order, or says once more how they are to be: "boots first", "wide feet"."""

_OFF: Final = r"(?:codes?|códigos?|coupons?|vouchers?|discounts?|promo(?:tion)?s?|promociones|offers?|deals?)"
_UP: Final = (
    r"(?:combin\w+|kombinier\w+|stack\w*|add(?:ed)? up|together|at once|at the same time|on top|cumul\w+|acumul\w+"
    r"|suman|zusammen|gleichzeitig|juntos?|juntas?|ensemble)"
)
ADDS_UP: Final = re.compile(
    rf"\b{_OFF}\b.*\b{_UP}\b|\b{_UP}\b.*\b{_OFF}\b"
    rf"|\b(?:more than one|several|two|both|mehrere|varios|plusieurs) {_OFF}\b",
    re.IGNORECASE,
)
"""As in "can I combine codes?"."""

STATES_BUDGET: Final = re.compile(
    r"\b(?:budget|limit|max(?:imum)?)(?: (?:for|on|here|per|this)\b[^.?!,]{0,40}?)?"
    r"(?:'s| (?:is|was|of|to|at|around|about|goes))\b[^.?!,]{0,20}?\d"
    r"|\b(?:my|our) (?:budget|limit|max(?:imum)?)\b(?: [\w']+){0,3}? (?:is|be|at|around|about)\b[^.?!,]{0,20}?\d"
    r"|\bthe (?:max(?:imum)?|limit|most) (?:that )?(?:i|we)\b[^.?!,]{0,20}? is\b[^.?!,]{0,10}?\d"
    r"|\b(?:can|could|want to|don't want to|would like to|willing to) (?:only )?spend\b[^.?!]{0,30}?\d"
    r"|\bi(?:'ll| can| could| might| would|'d) (?:only )?(?:go|stretch) (?:up to|as (?:high|far) as|to)\W{1,2}\d",
    re.IGNORECASE,
)
"""Says what may be spent: "my budget for the chair is 200" picks no chair out."""

_GLAD: Final = (
    r"(?:ok(?:ay)?|great|perfect|wonderful|lovely|awesome|brilliant|cool|super|amazing|well|excellent)"
)
_KIND: Final = (
    r"(?:great|perfect|helpful|kind|lovely|nice|good|wonderful|brilliant|fantastic|amazing|patient"
    r"|useful|sweet|a (?:big|great|huge) help|a star|a legend|the best)"
)
THANKS_ALONE: Final = re.compile(
    rf"\W*(?:{_GLAD}\W+)*(?:many )?(?:thanks|thank you|thx|cheers)\b"
    r"(?: (?:so much|a lot|very much|a million|again|for (?:all )?(?:your|the|this|that|everything)(?: (?:help|time"
    r"|advice|patience|info|information|tips?|quick (?:answer|reply|help)))?))*"
    rf"(?:\W+(?:and )?(?:you(?:'ve been| have been| were|'re| are)|that(?:'s| was| is)|it was|this was)"
    rf"(?: (?:very|really|so|super|most|just))* {_KIND})?[\s.!,)]*",
    re.IGNORECASE,
)
"""Thanks, and says what for."""

ENDS_CHOOSING: Final = re.compile(
    r"\b(?:that|this)(?:'s| is|'ll be| will be) (?:all|it|everything)\b"
    r"|\bi'?m (?:all )?(?:done|set)\b|\bnothing else\b",
    re.IGNORECASE,
)
"""Has chosen all there was to choose: what is in the cart is not bought yet."""

SAME_ASKED: Final = re.compile(
    r"\b(?:have|has|got|get|gets|is|are|do|does|would|goes|go|apply|applies|hold|holds)\b[^.?!]{0,30}\bthe same\b"
    r"|\bsame (?:goes |holds )?(?:for|with|on)\b",
    re.IGNORECASE,
)
"""Asks of another item what was just asked: "would the oak one have the same?"."""

ASKS_WHY_PRICE: Final = re.compile(
    r"(?<!that's )(?<!that’s )(?<!thats )(?<!that is )(?<!which is )(?<!this is )\b(?:why|how come)\b"
    r"(?![^.?!]*\b(?:my|the) (?:\w+ )?(?:total|bill|sum)\b)"
    r"(?![^.?!]*\b(?:suggest|recommend|show|pick|chose|choose|ship\w*|deliver\w*|postage)\w*\b)"
    r"[^.?!]*\b(?:cheaper|dearer|reduced|discounted|(?:so|more|less|that) (?:expensive|cheap|pricey|dear)|"
    r"only (?:[$€£] ?\d+|\d+(?:[.,]\d+)?"
    r"(?= ?[$€£]| (?:dollars?|bucks?|euros?|pounds?|usd|eur|gbp)\b|\s*(?:[.?!](?!\d)|$)))|"
    r"(?:cost|price|priced|costs|charged?)\b[^.?!]*\b(?:less|more|lower|higher|different|up|down|changed?)|"
    r"price\b[^.?!]*\b(?:go|gone|went|come|came|drop|dropped|rise|risen|changed?)|"
    r"(?:is|are|was|were) (?:it|this|that|these|those|they|the [\w' -]{2,40}?) (?:now |at |for )?"
    r"(?:[$€£] ?\d[\d.,]*|\d+[.,]\d\d))\b",
    re.IGNORECASE,
)
"""Asks what makes a price what it is: "why is it cheaper than 29?"."""

TAKES_BACK: Final = re.compile(
    r"\b(?:not|no|instead of|rather than|without|other than)\s+"
    r"(?:(?:the|a|an|in|as|any|those|these)\s+)*(?P<what>[\w-]+)",
    re.IGNORECASE,
)
"""As in "powder, not capsules": a word that is not wanted after all."""

ASKS_FAVOUR: Final = re.compile(
    r"\b(?:can|could|will|would|do) (?:you|u)\b(?! (?:please |also |just )*(?:describe|explain|show|tell|say|think|"
    r"mean|know|give|have|recommend|suggest|advise|like|remember|see|summari[sz]e|find|help|compare)\b)",
    re.IGNORECASE,
)
"""Asks whether the shop does something: "can you gift wrap it?"."""

ASKS_POSSIBLE: Final = re.compile(r"\b(?:can|could|may|should|must) (?:i|we|one|my \w+)\b", re.IGNORECASE)
"""Asks what may be done with an item: "can I wash it?"."""

OF_SHOP: Final = re.compile(
    r"\b(?:(?:thing|item|product)s? (?:with|that (?:has|is|can|does))"
    r"|(?:thing|item|product|one)s? (?:that )?you(?:'ve|'re| have| sell| carry| stock| offer))\b"
    r"|\bin (?:the|your) (?:whole )?(?:shop|store)\b|\bof (?:all )?your\b|\byou(?:'ve got| have| do| sell| got)\W*$",
    re.IGNORECASE,
)
"""Words that mean all that the shop has."""
ANY_GOODS: Final = re.compile(
    r"\b(?:(?:thing|item|product)s?|shop|store)\b|\ball (?:of )?your\b", re.IGNORECASE
)
