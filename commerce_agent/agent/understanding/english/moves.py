"""How English asks for things: one pattern a move. Words of a shop's goods never stand here."""

import re
from collections.abc import Mapping
from typing import Final

from commerce_agent.agent.understanding.english.asking_why import ASKS_WHY, ASKS_WHY_NOT
from commerce_agent.agent.understanding.english.cues import ADDS_UP, PACKED, PICTURE
from commerce_agent.agent.understanding.english.of_cart import KEEPS_IN, MULTIPLIES, TAKES_OUT
from commerce_agent.agent.understanding.english.opinions import ASKS_OPINION
from commerce_agent.agent.understanding.english.placed import ORDERS
from commerce_agent.agent.understanding.english.pleasantries import GREETS, PAUSES, THANKS
from commerce_agent.agent.understanding.english.sums import PRICE_GAP, PRICE_SUM
from commerce_agent.agent.understanding.english.taking import ADDS, NO_STATEMENT, NUMBER, PIECES, TAKES
from commerce_agent.agent.understanding.move_wording import Wording
from commerce_agent.agent.understanding.moves import MoveKind

_OPENING = (
    r"^\W*(?:(?:ok(?:ay)?|cheers|lol|haha|well|oh|so|hm+|and|no|thanks|thank you|great|cool|alright|right|sweet"
    r"|awesome|perfect|nice|good|lovely|brilliant|amazing|wonderful|excellent|fine|yes|yeah|yep|then|i think)\b\W*)*"
)
"""What people say before they say it."""


_RANGE = (
    r"\bwhat (?:all |kinds? of (?:things|stuff|goods|products) |else )?do you (?:sell|carry|have|offer)\W*$"
)

_NO_MEASURE = (
    r"(?![^.?!]*\b(?:budget|limit|prices?|cost|max(?:imum)?|min(?:imum)?|ceiling|spend|sizes?|temp(?:erature)?|heat"
    r"|brightness|volume|speed|power|level|dial|timer|alarm|heights?|widths?|lengths?|weights?|depth|age|range"
    r"|dollars?|bucks|euros?|pounds?)\b|[^.?!]*[$€£])"
)
"""As in "raise my budget to 90", "set the temperature to 5": what is no number of pieces."""

MOVES: Final[Mapping[MoveKind, Wording | re.Pattern[str]]] = {
    "greet": GREETS,
    "thank": THANKS,
    "pause": PAUSES,
    "part": Wording(
        _OPENING + r"(?:bye|goodbye|see you|that'?s (?:all|it|everything)|that is (?:all|it|everything)|"
        r"i'?m (?:all )?(?:done|set)|(?:that|this) (?:will|'ll) be (?:all|it|everything)|nothing else)\b(?! i\b)"
    ),
    "help": Wording(
        r"what can you (?:do|help)",
        r"how (?:does this|do you) work",
        r"^\W*(?:help|help me)\W*$",
        r"\bwhere (?:do|should|can|could) (?:i|we) (?:even )?(?:start|begin)\b",
        r"\b(?:no|not (?:any|much of an)|don'?t have (?:any|a)) (?:idea|clue) (?:what|which|where)\b",
        _RANGE,
    ),
    "identity": Wording(
        r"\bare you (?:an? |the )?(?:(?:real|actual|live)\b ?)?(?:(?:ro|chat ?)?bot|human|person|machine|ai|$|\?)",
        r"\b(?:am i|is this) (?:\w+ing )?(?:to |with )?an? (?:real )?(?:robot|bot|human|person|machine|ai)\b",
        r"\bwho are you\b",
        r"\bwho am i (?:talking|speaking|chatting)\b",
        r"\bwhat(?:'s| is) your name\b|\bdo you have a name\b",
    ),
    "recap": Wording(
        r"what (?:did|have|had) i (?:just |already )?(?:ask|say|said|tell|told|want)",
        r"what i (?:have |had |'ve )?(?:asked|said|told|wanted)\b[^.?!]*\?",
        r"what (?:am|was) i looking for",
        r"\bmy (?:filters|criteria|requirements|limits)\b",
        r"remind me what",
        r"\bwhat (?:was|is|'s|did i say(?: was)?|did i have in mind for) (?:my|the|our) (?:budget|limit|price limit)\b",
        r"what do you know about (?:me|what i)",
        r"what have you (?:got )?(?:noted|written down)",
        r"where were we",
    ),
    "start_over": Wording(
        r"\bstart(?:ing)? (?:over|again|afresh|fresh)\b",
        r"\breset\b",
        r"\bforget (?:everything|all (?:of )?(?:it|that))\b",
        r"\bfrom scratch\b",
    ),
    "never_mind": Wording(
        r"\bnever\s?mind\b",
        r"^\W*forget (?:it|that)\b",
        r"\bleave it\b",
        r"^\W*(?:(?:no|ok(?:ay)?|actually|hm+|wait|well|then|so|on second thoughts?)\W+)*"
        r"(?:i(?:['’]ll| will|['’]d rather| want to)? |let['’]?s )?(?:just )?keep (?:it|them|that|those|both)"
        r"(?:,? (?:then|after all|as (?:it|they) (?:is|are)|please))*\W*$",
        r"(?:^|[.!,;])\W*(?:(?:ok(?:ay)?|then|so|no|let'?s|just)\W+)*leave (?:the|those|these) (?:\w+ ?){1,3}"
        r"(?:then|out)?\W*$",
        r"\b(?:scratch|disregard|ignore) that\b",
        r"^\W*(?:(?:please|ok(?:ay)?|no|nah|hm+|sorry|actually|then|and)\W+)*"
        r"cancel(?: (?:it|that|this))?(?:,? please)?\W*$",
        r"\b(?:don't|do not) (?:order|buy|purchase|check ?out|place (?:the|my|an|this) order)\b",
    ),
    "call_person": Wording(
        r"\b(?:talk|speak|chat|connect|transfer)\w*\b.*\b(?:human|person|someone|somebody|agent|representative|staff)\b",
        r"\b(?:real|actual) (?:human|person)\b",
        r"\b(?:someone|somebody|anyone|anybody) (?:that |who )?(?:i|we) (?:can|could|may) (?:speak|talk|chat)\b",
        r"\bhuman (?:agent|being)\b",
        r"\bcustomer (?:service|support|care)\b",
    ),
    "promotions": Wording(
        r"\bdiscounts?\b",
        r"\bdeals?\b",
        r"\b(?:get|have|take|knock) \d{1,2} ?(?:%|percent|per cent) off\b",
        r"\b(?:get|take|have|knock) (?:something|anything|some money|a bit) off\b(?!-| white| road| the shoulder)",
        r"\b(?:what|how much) (?:do|would|will|can) (?:i|we) (?:(?:get|save)\b[^.?!]{0,20}\boff\b"
        r"|save\b(?:[^.?!]{0,10}\bas an? |\W*$))",
        r"\bpromo(?:tion)?s?\b",
        r"\b(?:coupon|voucher)s?\b",
        r"\b(?:on|any|in the|have a|having a|is there a|there'?s a) sales?\b(?! price)",
        r"\bsales? (?:on|going on|running)\b",
        r"\bspecial offers?\b|\bon offer\b",
        r"\b(?:what|which|any|your|current) offers?\b",
        r"\boffers? (?:on|today|now)\b",
        r"\b(?:any|a|the|your|what(?:'?s| is)? the|which) codes?(?:\W*$| (?:for|on)\b)",
        r"\b(?:cheaper|less|lower|reduced) than (?:usual|normal|before|normally|usually|it was|list price|rrp)\b",
        ADDS_UP.pattern,
    ),
    "orders": ORDERS,
    "empty_cart": Wording(
        r"\b(?:empty|clear|reset)\b[^.?!]*\b(?:cart|basket|bag)\b",
        r"\b(?:remove|take out|delete) (?:everything|all(?: of (?:it|them))?)\b"
        r"|\b(?<!n't )(?<!n’t )(?<!not )(?<!never )(?<!did you )(?<!have you )(?<!\bi )(?<!\bwe )"
        r"(?:take|throw|kick) (?:everything|all of (?:it|them)|it all|them all)(?: back)? out"
        r"(?=\W*$|[.!?;,]|,? (?:please|then|again|now|except|but|and (?:then )?(?:add|put|start)"
        r"|of (?:my|the|this) (?:cart|basket|bag))\b)",
        r"\b(?<!n't )(?<!n’t )(?<!not )(?<!never )(?<!you )"
        r"(?:forget|scrap|ditch|dump|bin|drop) (?:about )?(?:the|my)(?: whole)? (?:cart|basket)\b",
    ),
    "undo": Wording(
        r"^\W*(?:(?:no|oh|oops|ok(?:ay)?|actually|wait|sorry|hm+|please|can you|could you)\W+)*"
        r"(?:(?:undo|revert)\b(?![^.?!]*\b(?:order|code)\b)|reverse(?: (?:it|that|this))?\W*$)",
        r"\b(?:put|change|set|turn|make) (?:it|that|everything|them|my (?:cart|basket)|the (?:cart|basket)) back "
        r"(?:to )?(?:how|as|the way|what|like) (?:it|they|that|everything) (?:was|were)\b",
        r"\bgo back to how (?:it|my (?:cart|basket)|the (?:cart|basket)) was(?: before)?\W*$"
        r"|\bgo back to what i had in (?:my|the) (?:cart|basket)\b",
        KEEPS_IN,
    ),
    "show_cart": Wording(
        r"\b(?:what'?s|what is|what was|how much (?:is|was)) (?:my|the|it|that|this|everything|all)\b[^.?!]*"
        r"\b(?:total|together|altogether)\b",
        r"\bhow much (?:is|does|for|are) (?:everything|it all|that all|all (?:of )?(?:it|that|this|them))\b",
        r"\b(?:tell|give|show) me (?:the|my) (?:new )?total\b",
        r"\b(?:what|how much) (?:does|do|would|will|is) (?:my|the|this) (?:whole )?(?:cart|basket|bag)\b",
        r"(?:^|[.!?;] )\W*(?:and |so |ok |my |the |final |grand |overall )*total\W*$",
        r"\b(?:am i|are we|is (?:it|that|this|everything)) (?:still )?"
        r"(?:(?:within|under|over|inside) it|(?:within|under|over|inside|in) (?:(?:my|the|our) )?(?:budget|limit))\b",
        r"\bhow much (?:have i|did i|do i|is|will i have|would i have)\b[^.?!]*\b(?:spent|left|over|remaining)\b"
        r"[^.?!]*\b(?:budget|spend|so far)\b|\bhow much (?:have i|did i) (?:spent|spend)\b",
        r"\bwhat (?:do|will|would) i (?:pay|owe|have to pay|need to pay)"
        r"(?: (?:you|now|then|so far|in total|in all|altogether|for everything|for (?:it|that|this|them) all))*\W*$",
        r"\bwhat (?:do|have) i (?:have|got)(?: (?:so far|now|in there))?\W*$",
        r"^\W*(?:(?:ok|and|now|please|can you) )*(?:show me|tell me|list) (?:what|everything|all) (?:that )?"
        r"(?:i(?:'ve| have)(?: got)?|i picked|i chose)(?: (?:so far|now|in there))?(?: please)?\W*$",
        r"\b(?:what'?s|what is|show|see|view|open)\b[^.?!]*\b(?:cart|basket|(?:my|your|shopping) bag)\b",
        r"^\W*(?:my )?(?:cart|basket)\W*$|\bwhat(?:'s| is| have i got) in (?:there|my order)\b",
        r"\bhow (?:much|far)\b[^.?!]*\b(?:more|left|away|off|far|short|missing)\b[^.?!]*"
        r"\bfree (?:shipping|delivery|postage)\b",
        r"\b(?:how much|where|what) am i (?:at|up to)\b|\bwhat(?:'s| is) the damage\b",
        r"\b(?:is|are|do i (?:still )?have) (?:my|the) (?:cart|basket)(?: items)? (?:still )?"
        r"(?:there|empty|saved|ok(?:ay)?|kept|intact)\b",
        r"\b(?:do i|have i|did i) (?:still |already )?(?:have|got|put|add(?:ed)?)\b[^.?!]*"
        r"\bin (?:my|the) (?:cart|basket|bag)\b[^.!]*\?",
        r"\bwhat(?:'s|s| is| does) (?:(?:it|that|this) all|all (?:of )?(?:it|that|this)) (?:come|add|amount)\b",
        r"\b(?:what|how much) (?:does|do|is|would) (?:that|this|it|they|everything|all that) (?:all )?"
        r"(?:come to|add up to|make altogether)\b",
    ),
    "add_to_cart": Wording(*ADDS, *TAKES),
    "swap": Wording(
        r"\b(?:swap|replace|exchange|trade)\b[^.?!]*\b(?:for|with|by)\b",
        r"\bswap (?:it|them|that)\b",
        r"\bchange\b(?! (?:it|that|the quantity)\b[^.?!]*\bto\b)[^.?!]*\bfor\b",
    ),
    "take_from_cart": Wording(*TAKES_OUT),
    "set_quantity": Wording(
        *MULTIPLIES,
        rf"\bmake (?:it|that|them) (?P<n1>{NUMBER})\b(?! more\b)(?!\s*(?:dollars|bucks|euros|pounds|\$|€|£))",
        rf"\bchange\b{_NO_MEASURE}[^.?!]*\bto (?P<n2>{NUMBER})\W*$",
        rf"\bmake (?:it|that|them){_NO_MEASURE} (?P<n4>{NUMBER})\b (?!more\b)\w+\W*$",
        rf"(?:^|[.,;!?] ?|\b(?:think|just|only|but|actually|ok|so|no|and|well|that) )"
        rf"(?P<n6>{NUMBER}) (?:\w+ )?(?:(?:is|are|will be|would be) (?:enough|plenty)|(?:will|would) do)\b",
        rf"\bmake (?:the|my|those|these){_NO_MEASURE} [^.?!]{{2,40}}? "
        rf"(?P<n5>{NUMBER})(?: {PIECES})?(?=\W*$|[.!?;,]|,? and\b)",
        r"\b(?:reduce|cut|lower|drop|bring|knock|increase|raise|bump|up|set|change) "
        rf"(?:the|my|those|these|it|that|them)\b{_NO_MEASURE}[^.?!]{{0,40}}? "
        rf"(?:down |up |back )?to (?:just |only )?(?P<n7>{NUMBER})(?: {PIECES})?(?=\W*$|[.!;,]|,? and\b)",
        rf"{_OPENING}(?:(?:the|that|those|these)\b[^.?!]{{2,40}}|(?:[\w']+ ){{0,4}})"
        rf"\b(?P<n3>{NUMBER}) (?:\w+ )?of (?:it|them|those|these|that)\b{NO_STATEMENT}",
    ),
    "check_out": Wording(
        r"\b(?<!n't )(?<!not )(?<!n't want to )(?<!not want to )check ?out\b",
        r"\b(?<!n't )(?<!not )place (?:the|my|an|this) order\b",
        r"\b(?<!n't )(?<!not )(?:buy|order|purchase)\b "
        r"(?:it|this|that|them|these|those|now|the|both|everything|all|what'?s in my)\b",
        r"\bready to (?:buy|order|pay)\b",
        r"^\W*(?:(?:ok(?:ay)?|yes|yeah|yep|yup|good|great|fine|perfect|cool|nice|(?:all ?)?right|so|now|then|please|"
        r"let'?s|let me|i(?:'d like| want) to|i'?ll|go ahead(?: and)?)\W+)*"
        r"(?:order|pay)(?: (?:now|then|please|pls|plz))*\W*$",
        r"\bproceed\b",
        r"\b(?<!how )(?<!what )(?<!when )(?<!where )(?<!which )"
        r"(?:i(?:'d| would) like to|i want to|let me|let'?s|can i|i'?m ready to) (?:pay|check ?out|order)"
        r"(?: (?:now|please|then|for (?:it|them|that|this|everything)|it all))*\W*$",
        rf"{_OPENING}(?:please )?(?:ship|send|deliver) (?:it|them|that|this|those|everything|it all)"
        r"(?: all)?(?: (?:to (?:me|my (?:place|home|house|address)|us)|over|off|please|then|now))*\W*$",
    ),
    "recommend": Wording(
        r"\b(?:which|what)\b[^.?!]*\b(?:(?:(?:would|do) you|should i) "
        r"(?:recommend|suggest|pick|choose|take|buy|get|prefer|go for|go with))\b",
        r"\bwhat(?:'s| is| would be) (?:your|the) (?:favou?rite|recommendation|best choice)\b",
        r"\bwhich (?:one |of (?:them|these|those|the two) )?(?:is|would be) (?:the )?(?:best|better)\W*$",
        r"\b(?:help me|can'?t) (?:decide|choose)\b",
        r"\byour (?:advice|opinion)\b",
    ),
    "opinion": Wording(*ASKS_OPINION),
    "compare": Wording(
        r"\bcompar\w+",
        r"^\W*(?:(?:and|so|but|ok)\W+)*(?:is|are) (?:it|that|this|they|the|those|these)\b[^.?!]*"
        r"\b(?:\w+er|more \w+|less \w+|as \w+) (?:than|as)\b",
        r"\bwhich (?:one |of (?:them|these|those|the two) )?(?:would|should|do) (?:you|i)\b"
        r"(?! (?:have|sell|stock|carry|got)\b)",
        r"\bdifferen(?:ce|t from)\b",
        r"\bversus\b",
        r"\bvs\.?\b",
        r"\bside by side\b",
        r"\bwhich (?:one |of (?:them|these|those|the two) )?(?:is|would be|has|are|should)\b",
    ),
    "stock": Wording(
        r"\b(?:in|out of) stock\b",
        r"\bavailab\w+",
        r"\bhow many\b[^.?!]*\b(?:left|stock|you have|you got|there are|are there)\b",
        r"\bany (?:left|more of)\b",
        r"\b(?:is|are) (?:it|that|this|they|those|these|the [\w ]{2,30}?) (?:really )?(?:the|your) last ones?"
        r"(?: (?:left|in stock|(?:that )?you(?:'ve| have)(?: got)?))?\W*$",
        r"\b(?:still )?(?:have|got) (?:it|this|that|them|these|those)\b",
        r"\b(?:do you still (?:have|sell|stock|carry)|have you still got) (?:the|my|our)\b",
        rf"\b(?:only|just) {NUMBER} left\b",
        r"\b(?:tell|let|notify|ping|email|message|text) me (?:know )?(?:when|once|if|as soon as)\b"
        r"[^.?!]*\b(?:back|stock|available|again|there|restocked|arrives?)\b",
        r"\b(?:needs?|wants?|could use|would like) one,? (?:too|as well|also)\b",
        r"\b(?:about|going|likely|close|set) to (?:sell|run) out\b(?! of (?!stock\b))"
        r"|\b(?:nearly|almost|soon) (?:sold out|gone)\b|\b(?:selling|sells?) (?:out|low)\b"
        r"|\b(?:running|runs?) (?:out|low)\b(?! (?:of|on) (?!stock\b))",
        r"\b(?:are|will) (?:you|they) (?:\w+ )?(?:running|run|about to run|going to run) (?:out|low)\b",
        r"\bsold out\b|\b(?:really|already|all|still) gone\b|\bwhen do you get (?:more|some|it|them)\b",
        r"\b(?:be|come|coming) back\b|\bwhen(?:'s| is) (?:it|that|they) back\b|\brestock\w*|\bback in\b",
    ),
    "price": Wording(
        r"\bhow much\b"
        r"(?! (?:(?:\w+ )?(?:does|do|did|will|can) [\w' ]{2,40}? )?(?:weighs?|weight|holds?|carry|fit|takes?)\b)"
        r"(?! (?!is |are |does |do |for |would |will |did |was |the |it |they |that |this |these |those |my )"
        r"\w+(?: \w+)? (?:(?:does|do|has|have|can) (?:it|they|that|this|the)|per|in (?:it|each|one)|an?)\b)",
        r"\b(?:price|cost) of\b",
        r"\bwhat(?:'?s| is| does| do| did| are| was| would| will|'?ll|'?d)\b[^.?!]*\b(?:price|cost)s?\b",
        r"\b(?:price|cost)\?",
        r"\bwhat (?:do|would|will|did) (?:i|we) (?:have to )?pay for "
        r"(?!(?:it|that|this|them|those|these|everything|all)\b)\w",
    ),
    "price_gap": PRICE_GAP,
    "price_sum": PRICE_SUM,
    "variants": Wording(
        r"\b(?:what|which|any|other|another) (?:other )?(?:colou?rs?|sizes?|versions?|variants?|options?|materials?)\b",
        r"\bcomes? (?!"
        + PACKED
        + r")in\b|\b(?:get|have) (?:it|that|this|them) in (?:any|some|an?other|a different)|"
        r"\b(?:bigger|larger|smaller) (?:bag|pack(?:et)?|bottle|box|size|tub|jar|can|tin|version)s?\b",
        r"\bin (?:an?other|a different) (?:colou?r|size)\b",
    ),
    "details": Wording(
        r"\btell me (?:more|about|something)\b",
        r"\b(?:more )?(?:details?|info|information|specs?|specifications?)\b",
        r"\bdescribe\b",
        PICTURE,
        r"\b(?:more|know) about\b",
        r"\breviews?\b",
        r"\b(?:others|people|customers|shoppers|buyers) (?:think|say|like)\b",
        r"\bratings?\b",
        r"\brated\b",
        r"\bmade (?:of|from)\b",
        r"\bwho (?:wrote|makes|made|designed|published|produces)\b",
        r"\bhow (?:heavy|light|big|large|long|wide|tall|high|deep|warm|thick|old|many|much)\b",
        r"\bwhat(?:'?s| is| are) (?:its|their|the)\b(?! (?:main |actual |real )?(?:reason|basis|rationale)\b)",
    ),
    "why_not": ASKS_WHY_NOT,
    "why": ASKS_WHY,
    "more": Wording(
        r"\b(?:show|see|any|got|have|what)\b[^.?!]*\b(?:more|others?(?! (?:think|say|like|ones?)\b)"
        r"|else|different ones?)\b",
        r"^\W*(?:(?:hm+|ok(?:ay)?|and|or|no|nah|maybe|well)\W+)*(?:more|next|others"
        r"|(?:any|some)thing (?:else|different)|(?:(?:any|some) )?other (?:options|ones|choices|ideas))"
        r"(?:\W+(?:please|maybe|perhaps|then|instead))?\W*$",
        r"\b(?:what'?s|what is|anything|something|got|have) (?:similar|comparable)\b",
        r"\b(?:what(?:'?s| is| comes)?|which(?: one)?(?: is)?|anything|something)\b[^.?!]{0,20}"
        r"\b(?:closest|nearest|next best)(?: (?:thing|one|match|alternative))?"
        r"(?: (?:to|for) (?:it|that|this|them|those|the)\b"
        r"|\W*$)",
    ),
    "agree": Wording(
        r"^\W*(?:yes|yeah|yep|sure|ok|okay|please do|go ahead|sounds good|(?:i )?confirm(?:ed)?)\b"
    ),
    "decline": Wording(
        r"^\W*(?:(?:hold on|hang on|wait|hm+|oh|sorry|actually)\W+)*"
        r"(?:no|nope|nah|not now|no thanks?|neither|none(?: of (?:them|these|those))?)\b"
    ),
    "search": Wording(
        r"\b(?:looking|searching|shopping|hunting) for\b",
        r"\b(?:show|find|get|give|recommend|suggest) (?:me |us )?\b",
        r"\bi(?: need| want| would like|['’]?d like)\b(?! to (?!buy|see|find|get|look|order|purchase|browse))",
        r"\b(?:do|have) you (?:have|got|sell|carry|stock)\b",
        r"\bwhat(?:'ve| have|'ve you| do) you (?:got|have|sell)\b|\bgot (?:any|some|an?|something|anything)\b",
        r"\bany\b",
        r"\bwhat about\b",
        r"\bhow about\b",
        r"\b(?:and|now|then),? (?:now )?(?:something|anything) for\b",
        r"\bswitch to\b",
    ),
}

OFTEN_MISSPELT: Final = (
    "warranty", "guarantee", "delivery", "shipping", "returns", "return", "refund", "discount", "discounts",
    "available", "availability", "compare", "difference", "checkout", "basket", "promotion", "promotions", "voucher",
    "human",
)  # fmt: skip
"""The words of the moves that people misspell, to be read as they were meant."""

ASKS_RANGE: Final = re.compile(_RANGE, re.IGNORECASE)
"""Asks what the shop has at all."""

OPEN_QUESTION: Final = re.compile(
    r"^\W*(?:(?:and|so|but|ok|hm+)\W+)*(?:what time|when|where|who|whose|how (?:do|does|can|come|long|often)|can you|"
    r"could you|will you|are you|do you (?!have|sell|stock|carry|got)|is (?:it|there) (?:possible|a way))\b",
    re.IGNORECASE,
)
"""A question that asks for no goods."""

WHY_NOT: Final = re.compile(
    r"\bwhy not\b|\bwhy (?:did|do|was|were|is|are)(?:n'?t| not)\b|\bwhy (?:did|do) you not\b", re.IGNORECASE
)
"""The words of a why-not question that would seem to refuse what follows them."""

ASKS_WHETHER: Final = re.compile(
    r"\b(?:does|do|is|are|has|have|will|would|can|could) (?:it|that|this|they|these|those|the)\b|\bcomes? with\b"
    r"|\bhow\b[^.?!]*\b(?:is|are|does|has) (?:it|the|that|this)\b",
    re.IGNORECASE,
)
"""A question about what an item is or has."""

BARE_TOPIC: Final = re.compile(
    r"\W*(?:(?:nice|ok(?:ay)?|good|great|cool|right|thanks|lovely|perfect|so|hm+)\W+)*(?:any )?[a-z]+\??\W*",
    re.IGNORECASE,
)
"""Nothing but the name of a term: "nice. warranty?"."""

ASKS_WHEN: Final = re.compile(r"\bwhen\b", re.IGNORECASE)

PLAIN_YES: Final = re.compile(
    r"(?:(?:yes|yeah|yep|yup|sure|ok|okay|alright|please|please do|go ahead|go on|do that|do it|sounds good|why not|"
    r"that'?s fine|then)(?:[ ,.!]+|$))+",
    re.IGNORECASE,
)
"""An answer that says nothing but yes."""

SAME_GOODS: Final = re.compile(r"\bones?\b|\bof (?:them|those|these)\b", re.IGNORECASE)
"""Words that stand for the goods already talked about."""

CLAUSE_END: Final = re.compile(r"[.!?;]|,? (?:and|also|then|plus)\b", re.IGNORECASE)
"""Where one request of a message ends and the next begins."""

OF_MORE: Final = frozenset({"other", "others", "different", "options", "choices", "ideas", "alternatives"})
"""Words that ask for more of the same, and name no goods."""

ALSO: Final = re.compile(
    r"^\W*(?:and|also|plus)\b(?![^.?!]*\?)|^[^?]*\b(?:too|as well|also)\W*$", re.IGNORECASE
)
"""Asks for the same again of another item."""

POINTS_ONLY: Final = re.compile(r"(?:this|that|these|those) ones?", re.IGNORECASE)
"""Points without describing."""

ASKS_WHAT: Final = re.compile(r"\bwhat(?:'?s| is| are) (?:its|their)\b", re.IGNORECASE)
"""A question for something of an item."""

AND_OF: Final = re.compile(r"^\W*(?:and|what about|how about)\b", re.IGNORECASE)
"""Goes on with the question before, of another item."""
