"""How English says that goods are taken, whoever takes them: "she'll have the red one", "the small one it is"."""

import re
from typing import Final

from conversations.language.tongues import get_tongue

NUMBER: Final = (
    r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half a dozen|(?:a|one) dozen"
    r"|a couple|a pair)"
)
"""A number of pieces."""

PIECES: Final = (
    r"(?:bars?|packs?|packets?|bags?|box(?:es)?|bottles?|pairs?|pieces?|sets?|cans?|tins?|jars?|tubes?|sacks?"
    r"|rolls?|tubs?|cartons?|pouch(?:es)?)"
)
"""What pieces are counted in."""

_OF_GOODS: Final = (
    r"(?:details?|prices?|costs?|info|information|links?|difference|totals?|list|specs?|specifications?|options|names?"
    r"|reviews?|ratings?|dimensions?|measurements?|ingredients?|colou?rs?|reasons?|shipping|warranty|guarantee|terms"
    r"|opening hours|hours|address|phone|weight|height|length|width|manager|number|receipt|invoice|sizes?|shape|age"
    r"|quality|condition|state|materials?|brand|make|way|kind|type|sort|style|maths?|menu|code)"
)
"""What is told of goods, and is none."""

_DELAYED: Final = (
    r"(?:tomorrow|already|at home|later|(?:my|our)sel(?:f|ves)|(?:an|some )other time|next time)"
)
_AWAY: Final = (
    r"(?:to (?:the|my|our|an?) (?!cart|basket|bag|order|total|list)\w+|to (?:work|school|bed|town|church|college|uni)\b"
    r"|on (?:holidays?|vacation|tour|(?:an?|the|my|our) (?:\w+ )?"
    r"(?:trip|plane|train|bus|boat|beach|road|hike|flight|walk|run|tour|weekend|journey))\b"
    r"|(?:camping|hiking|travell?ing|abroad|outside|outdoors|everywhere|with (?:me|us)|apart|easy|slow|seriously)\b)"
)
"""Where one takes what one has."""
_NOT_NOW: Final = (
    r"(?! back\b)"
    rf"(?! (?:[\w'-]+ ){{0,2}}{_AWAY})"
    rf"(?![^.?!]*\b(?:by|before|until|tonight|today|on \w+day|{_DELAYED})\b)"
)
"""Who has it already, or will take it another time, takes nothing now."""

NO_STATEMENT: Final = (
    r"(?!(?:(?!\b(?:because|since|as|so|and|but|for|if|you|we|i|they|my|your|she|he)\b)[^.?!,])*"
    r"(?<!that )(?<!which )(?<!if )"
    r"\b(?:(?:is(?! (?:fine|ok(?:ay)?|good|enough|plenty|perfect)\b)|are|was|were|has|have|had|does|do|did)(?:n['’]t)?"
    r"|arrived|came|broke|broken|looks?|seems?|needs?|costs?)\b)"
)
"""As in "one of the mugs arrived broken": what goods did or are puts none of them into the cart."""

_PEOPLE: Final = r"(?:kids?|child|children|baby|babies|family|guests?|visitors?|people|friends?)"
_NO_PEOPLE: Final = rf"(?! (?:\w+ )?{_PEOPLE}\W*(?:$|[.,!]))"

_NOT_DONE: Final = (
    r"(?! (?:\w+ ){0,2}?(?:gift[ -]?)?(?:wrapped|engraved|monogrammed|personali[sz]ed|delivered|shipped|sent|posted"
    r"|repaired|mended|fixed|replaced|refunded|exchanged|assembled|installed|cut|altered|shortened|sharpened|cleaned"
    r"|cheaper|for less|for free)\b)"
)
"""As in "can I get that gift wrapped": what is to be done with it takes nothing."""

_I_TAKE: Final = (
    r"\b(?:(?<!\bdo )(?<!\bwill )(?<!\bwould )(?<!\bshould )(?<!\bcan )(?<!\bif )"
    r"i(?:(?:'?ll| will|'?d like to| want to) (?:take|grab|have|get)| (?:take|grab))"
    r"|(?<!\bwhen )(?<!\bwhere )(?<!\bhow )(?<!\bwhat )(?:can|could|may) i (?:take|grab|have|get)"
    r"|(?<!\bto )let me (?:take|grab|have))\b"
)
"""As in "I'll have", "can I get": "I have two" tells what somebody has."""

_END: Final = (
    r"(?:,? (?:please|pls|then|too|as well|thanks|in (?:an? |size )?(?:\d[\w./]*|x{0,3}[sl]|m|small|medium|large)))*"
    r"(?=[^\w?]*$|\s*[.!;])"
)
"""The end of what is said, and of no question."""

_AH: Final = r"(?:ok(?:ay)?|yes|yeah|yep|right|alright|good|great|fine|cool|well|hm+|so|then|and|but|no|nah)"
_START: Final = rf"(?:^|[.!?;])\W{{0,3}}(?:{_AH}\W{{1,3}}){{0,4}}"

_NO_LOOK: Final = (
    r"(?! (?:\w+ )?(?:look|peek|glance|moment|minute|second|break|while|think|guess|chance|risk|note|picture|photo)\b"
    r"(?! (?!(?:at|of|in|on|for|to|with|and|now|first|then|please)\b)[a-z]))"
)
"""As in "take a second": "take the second" and "take a photo album" take goods."""

ADDS: Final = (
    r"\b(?<!did you )(?<!have you )(?<!you've )"
    r"(?:add|put|throw|pop|place)\b[^.?!]*\b(?:to|in|into|on)\b[^.?!]*\b(?:cart|basket|bag|order)\b",
    r"^\W*(?:(?:please|ok(?:ay)?|yes|yeah|yep|yup|sure|great|cool|nice|good|perfect|lovely|alright|right|fine|then|so)"
    r"\W+)*add\b(?!-| on\b)",
    r"\b(?:and|then|please|just|hm+|well),? add\b",
    r"^\W*(?:(?:and|then|ok(?:ay)?|yes|please|also|well|so|i(?:['’]d| would)? (?:like|want|need)|i(?:['’]ll| will) "
    r"(?:take|have)|give me|let me have|get me|(?:can|could) i (?:have|get))\b\W*)*"
    r"one (?:of|in) (?:each|every|all(?: the)?)(?: of the)? colou?rs?\b",
    r"(?:^|[.!?;,]\s*)add\b(?!-)(?: (?P<n1>" + NUMBER + r"))?\b",
    rf"\badd (?P<n2>{NUMBER})\b",
    r"\b(?<!\bi )(?<!\bwe )(?:put|throw|pop|stick|chuck|bung) (?:it|that|this|them|the [\w ]{2,30}?) in\b"
    r"(?=\W*$|\W*[.,;!?]|,? (?:please|then|too|also|as well|for me|now|and|with|first)\b"
    r"|(?:to)? (?:the|my|our) (?:\w+ )?(?:cart|basket|bag|trolley|order)\b)",
    r"(?:^|[.!] )\W*(?:(?:the|that|those)\b[^.?!,]{2,40}, |[\w ]{3,30} ones?, )?"
    r"(?:(?:and|then|ok(?:ay)?|yes|just|also|give me|get me|i need|i'?ll need|i want)\b\W*)*"
    rf"(?P<n5>{NUMBER}) (?:bars?|packs?|packets?|bags?|box(?:es)?|bottles?|pairs?|pieces?|sets?|"
    r"cans?|tins?|jars?|tubes?)(?:,? (?:please|then|thanks))?\W*$",
    r"^\W*(?:(?:and|then|ok(?:ay)?|yes|please|also|great|good|perfect|nice|cool|right|lovely|alright|hm+|well|so|fine)"
    r"\b\W*)*"
    rf"(?P<n4>{NUMBER}) (?:more )?of (?:the|those|these)\b{NO_STATEMENT}",
    rf"{_I_TAKE} (?P<n3>{NUMBER})\b(?! ?(?:%|percent\b|per cent\b|off\b)){_NO_PEOPLE}",
    rf"{_I_TAKE} (?:(?:that|this|them|both|the|those|these|two|three|one)\b{_NOT_DONE}"
    rf"(?! {_OF_GOODS}\b(?! \d)){_NO_PEOPLE}"
    rf"|it\b{_NOT_DONE}(?! (?:you|that|there|this|the|they|we)\b)){_NOT_NOW}",
    rf"\bi'?ll take\W*$|\bi(?:'?d)? (?:need|want|like)(?: to have)? (?P<n7>{NUMBER})(?:,? (?:please|then))?\W*$",
    r"\b(?:(?:i['’]d|i would|we['’]d|we would) (?:like|love)(?: to (?:have|get|take))?"
    r"|(?<!\bdo )(?<!\bif )(?:i|we) want"
    r"|(?<!\bwhen )(?<!\bwhere )(?<!\bhow )(?:can|could|may) (?:i|we) (?:have|get)) "
    rf"(?P<n18>(?!one\b|a\b){NUMBER})(?: {PIECES})? of (?:the|those|these|them)\b{_NOT_DONE}",
    r"\bi'?ll (?:take|have|get) (?:all|everything|every one)\b",
    rf"\bmake (?:it|that|them) (?P<n17>{NUMBER}) more(?:,? (?:please|then))?\W*$",
    r"\b[x×] ?\d{1,2}\W*$",
    r"(?:^\W*|\b(?:add|take|grab|order|buy|get me|give me|i['’]?ll (?:take|have|get)) "
    r"|^\W*(?:the|that|this|these|those) [^.?!,\d]{2,40}, ?)"
    r"(?P<n13>\d{1,2}) ?[x×](?=,? (?:please|then)\b[^\w?]*$|[^\w?]*$|[.!;] )",
    rf"(?:[,;!]|[a-z]\.)\s+(?P<n8>{NUMBER})(?: of (?:it|them|those|these))?,? please\W*$",
    rf"^\W*(?P<n10>{NUMBER}) of (?:it|them|those|these),? please\W*$",
    rf"^\W*(?:(?:ok(?:ay)?|yes|yeah|great|good|nice|cool|perfect|fine|then|right|alright)\W+)+"
    rf"(?P<n12>{NUMBER}) of (?:it|them|those|these|that)(?: then)?\W*$",
    r"\b(?<!\bi )(?<!\bwe )(?<!did you )(?:put|pop|stick|throw|chuck|add|bung) (?:me )?"
    rf"(?P<n14>{NUMBER})(?: {PIECES})?(?: of (?:them|those|these|it|each))? in(?:to it| there)?"
    r"(?:,? (?:please|then|for me))*(?=\W*$|[.!;,])",
    r"^\W*(?:(?:ok(?:ay)?|yes|and|then|so|great|good|right|just)\W+)*(?P<n15>(?!one\b|a\b)" + NUMBER + r")"
    r"(?: (?!more\b|other\b|of\b)[\w'-]+){1,2} ones(?:,? (?:please|then|too))*\W*$",
    rf"{_START}(?:both|all (?:of them|three|four)) (?:in(?:to)?|to) (?:the|my) (?:cart|basket|bag){_END}",
    r"\bdon['’]?t forget to (?:add|put in)\b",
    r"(?:^|[.!?;,] ?|\b(?:and|then|please|ok(?:ay)?|actually|no|hm+|wait|just|can you|could you),? )"
    r"(?:put|add|bring) (?:it|that|this|them|those|both|the [\w' -]{2,40}?) back(?: again)?"
    r"(?:,? (?:please|then|too))*\W*$",
    r"\b(?<!\bi )(?<!\bwe )(?<!\bto )(?<!did you )"
    r"(?:put|add|pop) (?:it|that|this|them|those|the [\w ]{2,30}?) back in(?:to)?\b"
    r"(?: (?:the|my) (?:cart|basket|bag))?,?(?: please)?\W*$",
    rf"(?<=[\w'’]),? of (?:it|them|those|these) (?P<n16>{NUMBER})(?:,? (?:please|then))?\W*$",
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
    rf"(?:(?:it|this|that|these|those|the|two|three)\b|(?:an?|one)\b{_NO_LOOK})"
    rf"(?! (?:[\w'-]+ ){{0,2}}{_AWAY})(?![^.?!]*\b(?:out|off|away|back|from|for|{_DELAYED})\b)",
)
"""Puts goods into the cart, in the shopper's own name."""

AND_COUNTED: Final = re.compile(
    rf"^\W*(?:(?:oh|ok(?:ay)?|yes|so)\W+)*(?:and|also|plus|then)\W+(?:also )?(?P<number>{NUMBER}|an)\b"
    r"(?! (?:more|question|last))(?![^.!]*\?)",
    re.IGNORECASE,
)
"""As in "and one amazon sword", where things are being put into the cart."""

AND_THE: Final = re.compile(
    r"^\W*(?:(?:oh|ok(?:ay)?|yes|yeah|so|great|cool|perfect|nice)\W+)*(?:and|also|plus)\W+(?:also |then |maybe )?"
    r"(?P<what>the (?:(?! (?:of|for)\b)[^?!;,.\n]){2,50}?)(?:,? (?:too|as well))"
    r"(?:,? (?:please|pls|then|thanks))*[^\w?]*$",
    re.IGNORECASE,
)
"""As in "and the medium gloves too", where something has just gone into the cart: those as well."""

AND_MORE: Final = re.compile(
    r"^\W*(?:(?:oh|ok(?:ay)?|yes|yeah|so|great|cool|perfect|nice)\W+)*(?:and|also|plus)\W+(?:also |then |maybe )?"
    rf"(?P<count>{NUMBER}|an?|some) (?P<what>(?!more\b|others?\b|question|last\b)[^?!;,.\n]{{2,50}}?)"
    rf"(?:, (?:say |make (?:it|that) )?(?P<last>{NUMBER})(?: {PIECES})?(?: of (?:it|them|those|these))?)?"
    r"(?:,? (?:please|pls|too|as well|then|thanks))*[^\w?]*$",
    re.IGNORECASE,
)
"""As in "and a robe hook", where something has just gone into the cart: so many of those as well."""

COUNT_CORRECTED: Final = re.compile(
    rf"[.!,;-]\s*(?:(?:no|wait|actually|sorry|oops|hm+|make (?:it|that))\b[\s,]*)+(?P<number>{NUMBER})"
    r"(?P<pieces> (?:of (?:them|those|these|it)|pairs?|packs?|pieces?|sets?|box(?:es)?|bottles?))?"
    r"(?:,? (?:please|then|instead))?\W*$",
    re.IGNORECASE,
)
"""As in "add the chair. Actually two": how many it is after all."""

_AND_MORE_GOODS: Final = (
    r"(?=,? (?:and|plus|along with|together with) (?:also )?(?:the|that|this|an?|two|three)\b[^?]*$)"
)
_AND_GOODS: Final = rf"(?:{_END}|{_AND_MORE_GOODS})"
_NO_IF: Final = r"(?!(?:if|when|once|unless|should|maybe|perhaps|next|later|tomorrow)\b)"
_ASIDE: Final = rf"(?:{_NO_IF}[\w']+(?: {_NO_IF}[\w']+){{0,2}}(?:,| -) ?(?:{_AH}\W{{1,3}}){{0,4}})?"
_THAT: Final = r"(?:it|that|this|them|those|these|both)"
_WORD: Final = (
    r"(?!(?:of|on|in|for|from|with|about|to|and|or|you|we|i|it|is|are|has|have|than|as|please|pls|then|too|thanks)\b)"
    r"[\w'-]+"
)
_THE_ONE: Final = (
    rf"(?:(?:the|that|this|those|these) (?:{_WORD} ){{0,3}}?"
    r"(?:ones?|first|second|third|fourth|fifth|sixth|last|other|cheaper|dearer|bigger|smaller))"
)
_NO_GOODS: Final = (
    rf"(?:{_OF_GOODS}|{_PEOPLE}|wife|husband|partner|parents|team|group|class|others|guys|girls|boys|dogs?|cats?|flow"
    r"|crowd|car|bus|train|tram|plane|ferry|boat|stairs|steps?|weekend|week|day|night|time|holidays?|summer|winter|spring"
    r"|autumn|keys|money|refund|risk|advice|hint|walk|run|ride|drive|swim|hike|stroll|trip|best|worst|most|least)"
)
"""Whom one goes with, what one goes by, and when."""

_THE_GOODS: Final = rf"the (?:{_WORD} ){{0,3}}?(?!{_NO_GOODS}\b){_WORD}"
_OF_THEM: Final = r" of (?:the|those|these|them|it|that)\b"
_COUNTED: Final = (
    rf"{NUMBER}(?:(?: (?:more|ones?|bars?|packs?|packets?|bags?|box(?:es)?|bottles?|pairs?|pieces?|sets?|cans?|tins?"
    rf"|jars?|tubes?))?(?:(?={_OF_THEM})|{_END}))"
)
_ASKS_OR_TELLS: Final = (
    r"(?![^?]*\b(?:what|which|how|where|when|who|why|is|are|was|were|has|have|had|got|do|does|did|there|already|see"
    r"|saw)\b)"
)
"""As in "how many do I have, in my cart": nobody orders so."""
_WE_WILL: Final = r"(?:(?:i think )?(?:we['’]ll|we will)|let['’]?s|let us)(?: just)?"
_I_WILL: Final = r"(?:(?:i think )?(?:i['’]?ll|i will)|let['’]?s|let us)(?: just)?"

_VERSION: Final = "|".join(map(re.escape, (*get_tongue("en").colors, *get_tongue("en").sizes)))
"""A colour or a size, which says of what is in hand which one it is to be."""

TAKES: Final = (
    # "My son will take it", "she'll have the blue one", "he'll go for the second".
    rf"{_START}(?:he|she|they|(?:my|our) (?:\w+ ){{1,2}}?)(?:['’]ll| ?will) "
    rf"(?:take {_THAT}|(?:take|have) {_THE_ONE}|have both){_END}",
    rf"{_START}s?he(?:['’]ll| will) go (?:for|with) {_THE_ONE}{_END}",
    # "We'll take the tent", "let's have two packs".
    rf"{_START}{_ASIDE}{_WE_WILL} (?:take {_THE_GOODS}{_AND_GOODS}|(?:take|grab|have|get) "
    rf"(?:{_THAT}{_END}|{_THE_ONE}{_AND_GOODS}|{_COUNTED})){_NOT_NOW}",
    # "I'll go for the second", "I'll go with the Owlet", "let's do the small one".
    rf"{_START}{_ASIDE}(?:{_I_WILL}|{_WE_WILL}) go (?:for|with) (?:(?!them){_THAT}|{_THE_ONE}){_AND_GOODS}",
    rf"{_START}{_ASIDE}{_I_WILL} go (?:for|with) {_THE_GOODS}{_AND_GOODS}",
    rf"{_START}{_ASIDE}let['’]?s (?:just )?do {_THE_ONE}{_END}",
    rf"{_START}(?:i['’]?m|we['’]re|(?:i|we)['’]ll be) going (?:for|with) {_THE_ONE}{_AND_GOODS}",
    rf"{_START}(?:i['’]?m|i['’]ll be) going with {_THE_GOODS}{_AND_GOODS}",
    # "Stick one in my basket", "drop it into my cart", "one in the cart please", "both please".
    r"\b(?<!n't )(?<!n’t )(?<!not )(?<!never )(?<!did you )(?<!\bi )(?:stick|chuck|sling|bung|whack|pop) (?:me )?"
    rf"(?:it|that|this|both|them|the|an?|{NUMBER})\b[^.?!]*\bin(?:to)? (?:the|my) (?:cart|basket|bag)\b",
    rf"{_START}(?:(?:(?:can|could|will|would) you|please|i) )?(?:just )?(?:drop|get|want|need) (?:me )?"
    rf"(?:it|that|this|both|them|the|an?|{NUMBER})\b[^.?!]*\binto (?:the|my) (?:cart|basket)\b",
    rf"(?:^|[.!] ?)(?:one|both) in (?:the|my) (?:cart|basket|bag){_END}",
    rf"(?:^|[.!,;] ?)(?:{NUMBER}|both) (?:into (?:the|my) (?:cart|basket|bag){_END}"
    r"|in (?:the|my) (?:cart|basket|bag),? please\W*$)",
    rf"^{_ASKS_OR_TELLS}[^?]{{1,40}}[,.!;] ?(?:then )?in(?:to)? (?:the|my) (?:cart|basket|bag)"
    r"(?:,? (?:please|then))?[^\w?]*$",
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|then|right|great|good|cool)\W+)*"
    r"(?:both|all three|all of them|the lot)(?:,? please)\W*$",
    r"\b(?<!\bi )(?<!\bwe )(?<!\bto )(?:put|stick|chuck|add) (?:the |an? )?"
    r"[\w' -]{2,40}? in(?:to it| there)? instead\b",
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|then|right|great|good|cool)\W+)*(?:grab|bag|snap up) (?:it|that|one|them|those)\W*$",
    # "Then throw in another chimney starter", "and put in a black one".
    rf"(?:{_START}|[,;] ?|\b(?=and ))(?:(?:then|also|and|just|please|now) )*(?:throw|chuck|pop|bung|stick|put) in "
    rf"(?:the|an?|another|some|one more|{NUMBER})(?! (?:(?:good|bad|kind) )?(?:words?|effort|order|request|call)\b) "
    rf"{_WORD}",
    # "Same again of the tea I bought".
    rf"{_START}(?:(?:i['’]d like|i want|can i (?:have|get)|i['’]?ll (?:have|take)) )?(?:the )?same again (?:of|for)"
    r" (?:the|my|those|what)\b[^?]*$",
    # "The small one it is", "the chamomile it is then".
    rf"{_START}{_THE_ONE} it is{_END}",
    rf"{_START}{_THE_GOODS} it is,? (?:then|please)\b{_END}",
    # "I prefer matte, so the coral lipstick it is".
    rf"(?:,|\bso\b) (?:so |then |ok )?(?:{_THE_GOODS}|{_THE_ONE}) it is{_END}",
    rf"^\W*(?:(?:ok(?:ay)?|yes|yeah|right|alright|fine)\W+)+{_THE_GOODS} it is{_END}",
    # "Ok black it is", "medium it is then".
    rf"{_START}(?:size )?(?:{_VERSION}) it is{_END}",
    rf"{_START}(?:gimme|give me|get me|grab me) (?!the (?:best|\w+est)\b){_THE_ONE}{_END}",
)
"""Takes goods for somebody, or in other words than by adding them: where it cannot be but an order."""

_ANSWERED: Final = (
    rf"(?:{_AH}|perfect|super|lovely|nice|excellent|wonderful|thanks|thank you|please"
    r"|that(?:['’]?s| is) (?:all|it|everything|fine|perfect|great|good))"
)
TAKES_ALL: Final = re.compile(
    rf"^\W*(?:{_ANSWERED}\W{{1,3}}){{0,5}}"
    r"(?:(?:i|we)(?:(?:['’]?ll| will|['’]?d like to| would like to| want to) (?:just )?(?:take|have|get|grab|buy)"
    r"| (?:take|grab|buy|want)|['’]?d like| would like)|let['’]?s (?:take|have|get|buy)) "
    r"(?:(?:(?:it|them|that(?: one)?|this|these|those) )?(?:all|everything)(?: that"
    r"| of (?:it|them|that|this|these|those))?"
    r"|the (?:whole )?(?:lot|everything))"
    r"(?: (?:in|from) (?:my|the) (?:cart|basket|bag))?(?:,? (?:then|please|now|thanks|thank you))*[^\w?]*",
    re.IGNORECASE,
)
"""As in "perfect, I'll take it all", and nothing besides: the cart, where no list is at hand."""

EVERY_COLOR: Final = re.compile(
    r"\b(?:of|in|from) (?:each|every|all)(?: (?:of )?(?:the|your|its|their|available))* colou?rs?\b",
    re.IGNORECASE,
)
"""Wants goods in all their colours: "one saddle pad of each colour"."""
