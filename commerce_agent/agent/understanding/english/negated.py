"""How English says that something is not to be done: "don't take it out", "no need to check out yet"."""

import re
from typing import Final

_ACT: Final = (
    r"(?:add|put|take|remove|delete|drop|empty|clear|reset|change|swap|replace|switch|order|buy|purchase|check ?out"
    r"|place|cancel|return|send|ship|exchange|apply|use|enter|make|proceed|pay|confirm|throw|toss|kick|get rid|start"
    r"|touch|adding|putting|taking|removing|deleting|emptying|clearing|changing|swapping|replacing|ordering|buying"
    r"|checking out|cancel+ing|returning|sending|exchanging|applying|using)"
)
_NOT: Final = (
    r"(?:(?<!why )(?:do not|don['’]?t)(?! you\b)|never|(?:there(?:['’]s| is) )?no need to"
    r"|not (?:going|trying|planning) to|(?:please )?(?:without|avoid|stop)(?= \w+ing\b)|not to"
    r"|should(?:n['’]?t| not)|(?:(?<=\bi )|(?<=\bwe ))(?:(?:would|will|could)(?:n['’]?t| not)|won['’]?t)"
    r"|(?:did|do)(?:n['’]?t| not) (?:say|mean|ask|tell|want|ask(?:ed)?|tell) (?:you )?to"
    r"|(?:do|would|did)(?:n['’]?t| not) (?:\w+ )?(?:want|like|need|have|mean|intend|wish)(?: you)? to)"
)
_SOFT: Final = r"(?:(?:please|just|yet|actually|even|ever|go|and|really|all|now) )*"
_UNTIL: Final = (
    r"(?:(?!\bbut\b|\binstead\b|\bthough\b|\bso\b|, (?:i|we)\b|\bjust (?:add|put|take|remove|make)\b"
    rf"|\band (?:then )?(?!(?:don|do not|never)){_ACT}\b|, (?:just |please |rather |then |but )*{_ACT}\b)[^.?!;\n])*"
)
_VERB: Final = r"(?:add|put|take|remove|delete|empty|clear|buy)"
"""Acts that are called by no noun: there is an order, and no "empty"."""
_GOODS: Final = (
    r"(?:it|them|th(?:at|is)(?: one)?"
    r"|(?:the|my|this|that|these|those) (?!not\b)[\w'-]+(?: (?!not\b)[\w'-]+){0,2})"
)
_STILL: Final = r"(?: (?:please|still|yet|now))*"
_NOT_BEHIND: Final = (
    rf"(?:{_VERB}{_STILL} not\b|(?:i want to )?{_ACT}{_STILL} {_GOODS}{_STILL} not"
    r"(?=\W*(?:$|[.,!?;])| (?:out|back|yet|still|any ?more)\b| (?:in|into|to|from) (?:the|my) (?:cart|basket|bag)\b))"
)
_NOT_BEFORE: Final = (
    rf"(?<!why )(?<!or )(?<!if )not (?:i want to {_ACT}|{_ACT}{_STILL} {_GOODS}"
    rf"|(?:please )?(?:the |it |them )?{_VERB})\b"
)
"""Where other languages say "not", read word by word: "nimm sie nicht raus", "no la quites", "n'enlève pas"."""
_UNDONE: Final = re.compile(
    rf"\b(?:{_NOT} {_SOFT}{_ACT}\b|{_NOT_BEHIND}|{_NOT_BEFORE}){_UNTIL}", re.IGNORECASE
)
_MAY_BE_UNDONE: Final = re.compile(r"n(?:['’]?t|ot|ever|o need)|without|avoid|stop", re.IGNORECASE)
"""One of these is in whatever is not to be done. Most messages have none, and are looked through once."""
_END: Final = (
    r"(?=(?: (?:yet|(?:for )?now|then|please|today|after all|any ?more|just yet|back))*\W*(?:$|[.!,;]))"
)
_OF_OFFER: Final = re.compile(
    r"\b(?:(?:order|buy|purchas|check(?:ing)? ?out|cancel|return|exchang|confirm)\w*"
    r"|(?:place|placing) (?:the|my|an|this) order|proceed)\b"
    rf"|\b(?:send|ship|pay|place)(?:ing)?(?: (?:it|them|that|this|anything|for it|for that))?{_END}",
    re.IGNORECASE,
)
_SAYS_NO: Final = re.compile(
    r"\W*(?:(?>(?:no thank you|no thanks?|no|nope|nah|never ?mind|thanks|thank you"
    r"|not (?:now|yet|today|really|this time)|never"
    r"|(?:forget|leave|cancel|scratch|drop|stop) (?:it|that|this|the order|the offer)|cancel|stop|neither"
    r"|(?:please )?(?:don['’]?t|do not)(?: do (?:it|that))?|i(?:['’]d| would)? rather not|rather not|(?:maybe )?later"
    r"|i(?:['’]ve| have)? changed my mind|i (?:don['’]?t|do not) want (?:it|that|to|them|this)(?: any ?more)?"
    r"|(?:that['’]?s |it['’]?s |that is |it is )?too (?:expensive|much|dear|pricey)"
    r"|wait|hold on|hang on|sorry|actually|oh|hm+|well|ok(?:ay)?|please|then|after all|just|yet|(?:for )?now|today)"
    r"\b)\W*)++",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"^\W*(?:\w+\W+){0,2}?(?:why|who|what|which|how|where|when)\b|\b(?:if|unless|when|because|since|in case)\b[^,]*$",
    re.IGNORECASE,
)
_DESCRIBES: Final = re.compile(r"\w\W+(?:that|which|who)\s+$", re.IGNORECASE)
"""As in "filters that do not use bleach": what goods are like, and nothing that is to be done."""
_GIVES_UP: Final = re.compile(
    r"(?<=want) to (?:buy|order|purchase|take|have)\b(?=[^.?!;\n]*\b(?:any ?more|after all)\b)",
    re.IGNORECASE,
)
"""As in "I don't want to buy the lamp any more": that goods are to go is wanted, and only the buying is not."""


def blank_undone(said: str) -> str:
    """The message without what is not to be done, each word in its place; questions say nothing of the kind."""
    return _UNDONE.sub(_blank, said) if _MAY_BE_UNDONE.search(said) else said


def _blank(match: re.Match[str]) -> str:
    before = re.split(r"[.?!;\n]", match.string[: match.start()])[-1]
    if _ASKS.match(before) or _DESCRIBES.search(before) or match.string[match.end() : match.end() + 1] == "?":
        return match.group()
    given_up = _GIVES_UP.sub(lambda buying: " " * len(buying.group()), match.group())
    return given_up if given_up != match.group() else " " * len(match.group())


_REFUSES_PRICE: Final = re.compile(
    r"\W*(?:(?:no|nope|nah|hm+|oh|sorry|wait|actually|ok(?:ay)?|well|thanks|thank you|no thanks?)\b\W*)*"
    r"(?:(?:it|that|this|they|those)(?:['’]?s| is|['’]?re| are| all)? )?"
    r"(?:(?:a bit|a little|way|far|just|still|all|much|really) )*"
    r"too (?:expensive|dear|pricey|costly|much(?: money)?)"
    r"(?: (?:for (?:me|us)|now|altogether|in total|all in all|really))*"
    r"(?:[\s,.;!-]+(?:(?:and|so|but|then|please|can|could|i|you|we|want|need|show|find|get|give|me|us|have|got|do|is|there"
    r"|any(?:thing)?|something|some|a|one|ones|cheaper|less|expensive|instead|else)\b[\s,.;!?]*)*)?\W*",
    re.IGNORECASE,
)
"""As in "no, that's too expensive, anything cheaper?": nothing is said but what it costs."""


def refuses_price(said: str) -> bool:
    """Whether what is offered is too dear, and no more is said."""
    return _REFUSES_PRICE.fullmatch(said) is not None


def withdraws_offer(said: str) -> bool:
    """Whether it is a bare no to what was offered, or says that it is not to be done; "no problem" is neither."""
    undone = "".join(one if one != left else " " for one, left in zip(said, blank_undone(said), strict=True))
    return _OF_OFFER.search(undone) is not None or _SAYS_NO.fullmatch(said) is not None
