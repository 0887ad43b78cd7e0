"""How English counts pieces of goods."""

import re
from collections.abc import Mapping
from typing import Final

from commerce_agent.agent.understanding.english.taking import NUMBER, PIECES
from conversations.language.colors import build_palette, find_color
from conversations.language.tongues import get_tongue

NUMBER_WORDS: Final[Mapping[str, int]] = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "half a dozen": 6, "a dozen": 12, "one dozen": 12,
    "a couple": 2, "a pair": 2,
}  # fmt: skip

COUNT_BEHIND: Final = re.compile(r"\W*\b[x×] ?(?P<number>\d{1,2})\b", re.IGNORECASE)
"""How many, behind the name of the goods: "the tuna x 3"."""

NUMBER_ALONE: Final = re.compile(
    r"^\W*(?:(?:oh|ah|ok(?:ay)?|alright|fine|well|then|so|just|only|actually|sorry|wait|no|hm+|damn|shame|make it"
    r"|lol|haha|wow|nah|rather|keep|leave(?: me)?|back (?:down )?to|down to|up to"
    r"|i'?ll (?:take|have)|i (?:only )?(?:need|want)|i said|i meant)"
    rf"\W+)+(?:the )?(?P<number>{NUMBER})(?: {PIECES}| of (?:it|them|those|these)| each)?"
    r"(?: (?:then|please|only|actually|instead|(?:is|are) (?:enough|plenty|fine)))*\W*$"
    rf"|^\W*(?P<alone>{NUMBER})(?: {PIECES})?,? (?:actually|instead|then|sorry|(?:is|are) (?:enough|plenty))\W*$",
    re.IGNORECASE,
)
"""As in "ok, five then", where so many as were asked for could not be had."""

NOT_SO_MANY: Final = re.compile(
    r"^\W*(?:(?:no|oh|sorry|wait|oops|hm+|hey|but|well|actually|i (?:said|meant|asked for|wanted|want)|said|meant"
    r"|make (?:it|that)|it'?s|it should be|should be)\W+)+"
    rf"(?P<number>{NUMBER})(?: {PIECES})?,? (?:and )?not (?P<other>{NUMBER})(?: {PIECES})?"
    r"(?: (?:of (?:it|them|those|these)|please))*\W*$",
    re.IGNORECASE,
)
"""As in "I said three, not four"."""

ONLY: Final = re.compile(r"\b(?:only|just)\b", re.IGNORECASE)
"""As in "I only need one": fewer than there are."""

ADD_COUNT: Final = re.compile(
    rf"\b(?:add|put|take|grab|have|get|order|buy) (?:me )?(?P<number>{NUMBER})\b(?! (?:in|into)\b)",
    re.IGNORECASE,
)
"""How many are to be added: "add two packs"."""

COUNT_LAST: Final = re.compile(
    rf"(?<!sorry)(?<!actually)(?<!wait)(?<!\bno)(?<!oops)[,;.!-]\s*(?:(?:and|make that|say)\s+)?"
    rf"(?P<number>(?!\d){NUMBER}|\d{{1,2}}(?= (?:{PIECES}|of)\b)|[2-5](?=,? (?:please|pls|then)\b))"
    rf"(?: {PIECES})?(?: of (?:it|them|those|these))?(?:,? (?:please|pls|then|thanks))*[^\w?]*$",
    re.IGNORECASE,
)
"""How many, said last: "add it, two please". A larger number alone may be a size."""

COUNT_BEFORE: Final = re.compile(
    rf"\b(?P<number>{NUMBER})(?: ?[x×])?(?: more)?(?: \w+)?(?: of(?: the| those| these)?)?\s*$",
    re.IGNORECASE,
)
"""A number of pieces right before the name of the goods: "two packs of", "3 of the"."""

SWAPS_SOME: Final = re.compile(
    rf"\b(?:swap|replace|exchange|trade|change|switch) (?P<number>{NUMBER}) (?:{PIECES} )?of\b", re.IGNORECASE
)
"""As in "swap one of the mugs for a bowl"."""


_COUNTED: Final = re.compile(
    rf"\b{NUMBER} (?P<what>[a-z]+(?: [a-z]+)??)(?P<ones> ones?)?"
    r"(?=,? (?:and|plus) |, |(?:,? (?:please|then|too))*\W*$)",
    re.IGNORECASE,
)
_SEVERAL: Final = 2


def write_ones(said: str) -> str:
    """The message with "ones" behind each colour that is counted beside another: "two white ones and one pink ones"."""
    palette = build_palette(get_tongue("en"))
    found = [
        match for match in _COUNTED.finditer(said) if match["ones"] or find_color(match["what"], palette)
    ]
    if len(found) < _SEVERAL:
        return said
    for match in reversed(found):
        end = match.end("what")
        said = said if match["ones"] else f"{said[:end]} ones{said[end:]}"
    return said


def get_number(said: str) -> str:
    """The number of pieces in digits."""
    return str(NUMBER_WORDS.get(said.lower(), said))
