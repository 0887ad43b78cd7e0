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
    r"|(?:would|should|will|could)(?:n['’]?t| not)|won['’]?t"
    r"|(?:did|do)(?:n['’]?t| not) (?:say|mean|ask|tell|want|ask(?:ed)?|tell) (?:you )?to"
    r"|(?:do|would|did)(?:n['’]?t| not) (?:\w+ )?(?:want|like|need|have|mean|intend|wish)(?: you)? to)"
)
_SOFT: Final = r"(?:(?:please|just|yet|actually|even|ever|go|and|really|all|now) )*"
_UNTIL: Final = (
    r"(?:(?!\bbut\b|\binstead\b|\bthough\b|\bjust (?:add|put|take|remove|make)\b"
    rf"|\band (?:then )?(?!(?:don|do not|never)){_ACT}\b|, (?:just |please |rather |then |but )*{_ACT}\b)[^.?!;\n])*"
)
_UNDONE: Final = re.compile(rf"\b{_NOT} {_SOFT}{_ACT}\b{_UNTIL}", re.IGNORECASE)
_OF_OFFER: Final = re.compile(
    r"\b(?:(?:order|buy|purchase|check|cancel|return|send|ship|exchange|pay|confirm)\w*|place|proceed)\b",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"^\W*(?:\w+\W+){0,2}?(?:why|who|what|which|how|where|when)\b|\b(?:if|unless|when|because|since|in case)\b[^,]*$",
    re.IGNORECASE,
)
_GIVES_UP: Final = re.compile(
    r"(?<=want) to (?:buy|order|purchase|take|have)\b(?=[^.?!;\n]*\b(?:any ?more|after all)\b)",
    re.IGNORECASE,
)
"""As in "I don't want to buy the lamp any more": that goods are to go is wanted, and only the buying is not."""


def blank_undone(said: str) -> str:
    """The message without what is not to be done, each word in its place; questions say nothing of the kind."""
    return _UNDONE.sub(_blank, said)


def _blank(match: re.Match[str]) -> str:
    before = re.split(r"[.?!;\n]", match.string[: match.start()])[-1]
    if _ASKS.match(before) or match.string[match.end() : match.end() + 1] == "?":
        return match.group()
    given_up = _GIVES_UP.sub(lambda buying: " " * len(buying.group()), match.group())
    return given_up if given_up != match.group() else " " * len(match.group())


def undoes_cart_only(said: str) -> bool:
    """Whether all that is not to be done is a change of the cart, which leaves an open offer as it is."""
    undone = "".join(one if one != left else " " for one, left in zip(said, blank_undone(said), strict=True))
    return bool(undone.strip()) and _OF_OFFER.search(undone) is None
