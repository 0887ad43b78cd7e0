"""How English asks what one thinks of goods: "is it worth it?", "should I buy it?". Nothing is bought by asking."""

from typing import Final

_EVEN: Final = (
    r"(?:(?:really|still|even|just|actually|honestly|personally|all that|truly|that|be|so|then|rather) )*"
)
_THEM: Final = (
    r"(?:it|this|that|them|these|those|both"
    r"|(?:the|this|that|these|those) (?:(?!(?:in|for|or|with)\b)[\w'’&.-]+ ?){1,5}?)"
)
_OR: Final = rf"(?:,? or {_THEM})?"
_END: Final = (
    r"(?:,? (?:then|now|or not|after all|yourself|at all|too|please|today|at that price|for the money))*\W*$"
)
_GETS: Final = r"(?:buy|get|order|take|purchase|choose|pick|go (?:for|with))"

ASKS_OPINION: Final = (
    r"\bworth (?:it|buying|getting|having|paying for|(?:the|its|that|all that) (?:extra )?(?:money|price|cost|extra)"
    r"|(?:every|the) (?:penny|cent)|that much|so much|(?:my|the) while)\b",
    rf"\bshould(?:n['’]?t)? (?:i|we) {_EVEN}{_GETS} {_THEM}{_OR}{_END}",
    rf"\bwould you {_EVEN}(?:recommend|{_GETS}) {_THEM}{_END}",
    rf"\bdo you {_EVEN}(?:recommend|like|rate) {_THEM}{_END}",
    rf"\bwhat (?:do|would) you {_EVEN}(?:think|say|reckon|make) (?:of|about|to) {_THEM}{_END}",
    rf"\b(?:is|are|was) {_THEM} ?{_EVEN}(?:(?:any|very|so )?good|good value|decent|recommended|recommendable"
    rf"|an? (?:good|wise|smart|sensible|solid|decent|safe) (?:buy|choice|pick|option|purchase|one|idea"
    rf"|idea to {_GETS} {_THEM})){_END}",
    rf"\bis it an? (?:good|wise|smart) idea to {_GETS} {_THEM}{_END}",
)
