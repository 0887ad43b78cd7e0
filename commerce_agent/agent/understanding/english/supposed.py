"""How English asks about an act or supposes it: "why should I buy it?", "what happens if I put it in my cart?"."""

import re
from typing import Final

_ACT: Final = (
    r"(?:add|put|take|remove|delete|drop|empty|clear|change|swap|replace|order|buy|purchase|check ?out|place|proceed"
    r"|pay|throw|pop|get|grab|make|keep|undo|send|ship|go)"
)
_LEADS: Final = r"(?:(?:please|just|then|now|also|so|yes|ok(?:ay)?|let['’]?s|i want to|i['’]?d like to) )*"
_NO_END: Final = (
    r"(?!\b(?:but|anyway|instead|though)\b|\bi(?:['’]ll| will)\b|\b(?:can|could|shall|will) (?:i|we|you)\b"
    rf"|[,:-] ?(?:and )?{_LEADS}{_ACT}\b|[,:] ?(?:so|yes|ok(?:ay)?|please|i|we)\b"
    rf"|\band {_LEADS}{_ACT}\b(?![^.?!;\n]{{0,200}}\?))"
)
"""What is asked for behind the question is asked for all the same: "tell me why you chose it, then add it"."""
_REST: Final = rf"(?:{_NO_END}[^.?!;\n])*"
_UP_TO_COMMA: Final = r"(?:(?!\b(?:can|could|may|shall|will) (?:i|we|you)\b)[^.?!;,\n])*"

_BY_REQUEST: Final = r"(?! (?:if )?(?:you|i|we) (?:can|could|would|may|might)\b)"
"""As in "I was wondering if you could add it": who asks so wants it done."""
_EVEN: Final = (
    r"(?:(?:really|still|even|just|ever|honestly|personally|yourself|also|actually|usually|rather) )*"
)
_OTHERS: Final = (
    r"(?:people|others|folks|customers|shoppers|buyers|anyone|anybody|everyone|everybody|(?:my|your) friends)"
)

_ABOUT: Final = (
    r"(?<!that's )(?<!that’s )(?<!thats )(?<!that is )(?<!which is )(?<!this is )"
    r"why (?!not\b|do(?:n['’]?t| not) (?:you|we|i)\b)(?=\w)",
    r"should(?:n['’]?t| not)? (?:i|we|one)\b",
    rf"would(?:n['’]?t)? you {_EVEN}(?:buy|purchase|order|take|get|pick|choose|own|wear|go (?:for|with))\b(?! me\b)"
    r"(?![^.?!]{0,120}\b(?:for me|please|out|off|away)\b)",
    rf"(?:do|would) you {_EVEN}(?:think|say|reckon|believe|recommend|suggest|advise)\b{_BY_REQUEST}",
    rf"{_OTHERS} (?:\w+ly |often |mostly |also )*{_ACT}\b",
    rf"who (?:(?:would|should|might) {_EVEN}|(?:usually|typically|normally|mostly|else) )?"
    rf"(?:{_ACT}|buys|orders|takes)\b",
    rf"what (?:happens|(?:will|would) happen|if)\b{_BY_REQUEST}",
    r"(?:(?:don['’]?t|do not) know|not (?:so |quite |really )?sure|unsure|undecided|wonder(?:ing)?|can['’]?t decide"
    rf"|no idea|tell me|asking myself) (?:about )?(?:whether|if)\b{_BY_REQUEST}",
    r"whether\b(?! you\b| (?:i|we) (?:can|could|may|might)\b)",
    r"if (?:i|we) (?:should|must)\b|(?:know not|not (?:know|sé)) if\b(?! you\b)",
    rf"(?:is|would|will|isn['’]?t|wouldn['’]?t) (?:it|that|this|now) (?:be )?{_EVEN}(?:an? |the )?"
    r"(?:(?:good|bad|great|smart|right|wise|best) (?:idea|time|moment|choice|place),?|safe|ok(?:ay)?"
    r"|worth(?: it|while)?|wise|smart|sensible|better|best|cheaper|risky|necessary|dangerous|good|bad"
    r"|stupid|crazy|silly) "
    r"(?:for (?:me|us) )?(?:(?:it )?to|of|buy|if (?!you\b))\b",
    r"(?:good|bad|best|right) (?:time|moment) (?:for (?:me|us) )?to\b(?=[^.!;\n]{0,120}\?)",
    r"(?:convince|persuade) me\b|sell me on\b|talk me (?:into|out of)\b",
    r"reasons? (?:(?:why|not|for me) )*(?:to|(?:i|we) should)\b",
    rf"(?:do|would|will|did) (?:i|we) {_EVEN}(?:have|need|want) to\b|must (?:i|we)\b",
)
"""What stands before an act that advice is sought on, or that somebody else would do."""

_CONDITION: Final = (
    r"\b(?:(?:before|if|when|once|after|until) (?:i|we)\b(?! (?:could|may|might|can)\b)"
    r"|before (?:of )?(?:buy|order|purchase)\b)"
)

_SUPPOSED: Final = re.compile(rf"\b(?:{'|'.join(_ABOUT)}){_REST}", re.IGNORECASE)
_CONDITIONED: Final = re.compile(_CONDITION + _UP_TO_COMMA, re.IGNORECASE)
_QUESTION: Final = re.compile(
    r"[^?]*\?\s*$|\W*(?:\w+\W+){0,2}?(?:would|will|does|do|is|are|how|what|when|which)\b(?! (?:i|we) )",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[^.?!;\n]*[.?!;\n]*")


def blank_supposed(said: str) -> str:
    """The message without the acts that it asks about or supposes, each word in its place."""
    left = _SUPPOSED.sub(blank, said)
    return _SENTENCE.sub(_blank_conditions, left)


def _blank_conditions(sentence: re.Match[str]) -> str:
    """As in "before I buy it, is it waterproof?": a condition that something is asked on; others bring an order."""
    text = sentence.group()
    return _CONDITIONED.sub(blank, text) if _QUESTION.match(text) else text


def blank(match: re.Match[str]) -> str:
    """As many spaces, so that each other word keeps its place."""
    return " " * len(match.group())
