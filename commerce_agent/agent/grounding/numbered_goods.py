"""Which SKU goes with which goods: "the item number of the lamp is B-2", where B-2 is the chair."""

import re
from collections.abc import Iterator
from functools import cache

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK, get_cues
from commerce_agent.agent.grounding.grounds import Grounds
from commerce_agent.agent.grounding.mentions import Mention, Read

_FARTHEST = 60
_BESIDE = re.compile(r"[^\w.;!?]{1,6}")
"""Between a name and the SKU that is set beside it: "**Lamp** (`A-1`)", "| Lamp | A-1 |"."""
_DASHED = re.compile(r"[`*\s]*[–—:|-][`*\s]*")
"""Between a SKU that opens a line and the name it is set before."""
_IS_THE = re.compile(
    r"[`*\s]*(?:is|are|ist|sind|es|son|est|sont)\s+(?:(?:the|our|der|die|das|unser\w*|el|la|los|las|nuestr\w+|le|les|notre)\s*|l['’])"
    r"[*\s\"“„«]*",
    re.IGNORECASE,
)
"""As in "A-1 is the lamp"."""
_LOOKED_UP = re.compile(
    r"\b(?:item|product|article|part|model)\s?(?:#|no\b|nr\b)|\b(?:ask(?:ing)? (?:about|for)|goes by|filed under"
    r"|läuft unter|search\w*|find|quote"
    r"|mention\w*|type|enter|listed"
    r"|look(?:ing)? (?:up|for)|such\w*|finde\w*|nenn\w*|busc\w*|encontr\w*|mencion\w*|cherch\w*|trouv\w*)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]")
_MORE_OF = re.compile(r"[.!?\n]|\S\s[|/]\s\S")


@cache
def _get_links() -> re.Pattern[str]:
    """What may stand between a SKU and the name of its goods, where the SKU comes first."""
    return re.compile(
        r"[\s\W]*(?:(?:that['’]s|that is|this is|it['’]s|das ist|es el|es la|c['’]est|is|are|for|belongs to"
        r"|stands for|refers to|means|goes with|ist|sind|gehört zu[mr]?|steht für|für"
        r"|es|son|corresponde a|pertenece a|para|est|sont|correspond à|désigne|pour)\s+)"
        r"(?:(?:the|our|der|die|das|den|dem|unser\w*|el|la|los|las|le|les|l['’]|un[ea]?|ein[en]*"
        r"|an?)\s*)?[\s*_\"“„«]*",
        re.IGNORECASE,
    )


def list_misnumbered(
    read: Read, *, sentence: str, grounds: Grounds, about: frozenset[str]
) -> Iterator[Claim]:
    """Each SKU that is said to be that of other goods than its own; `about` are those of a heading before it."""
    numbers = [each for each in read.mentions if sentence[each.start : each.end] in grounds.items]
    if not numbers:
        return
    names = [each for each in read.mentions if each not in numbers]
    if not names and len(numbers) == 1 and about and about.isdisjoint(numbers[0].skus):
        start, end = numbers[0].start, numbers[0].end
        left = get_cues().words["sku"].blank_in(read.text[:start] + " " + read.text[end:])
        if left.count(BLANK) == 0 and get_cues().has("sku", text=read.text) and not _WORD.search(left):
            yield Claim(kind="sku", text=sentence[start:end], start=start, unit="another's")
    is_told = _is_of_numbers(read.text)
    for number in numbers:
        owner = _find_owner(number, names, numbers=numbers, text=read.text, is_told=is_told)
        if owner and owner.skus.isdisjoint(number.skus):
            written = sentence[number.start : number.end]
            yield Claim(kind="sku", text=written, start=number.start, unit="another's")


def _find_owner(
    number: Mention, names: list[Mention], *, numbers: list[Mention], text: str, is_told: bool
) -> Mention | None:
    """The name that the SKU is set beside, or that a sentence about numbers ties it to."""
    before = [each for each in names if each.end <= number.start]
    after = [each for each in names if each.start >= number.end]
    if before:
        between = text[before[-1].end : number.start]
        taken = any(before[-1].end <= each.start < number.start for each in numbers)
        if not taken and (_BESIDE.fullmatch(between) or (is_told and _is_near(between))):
            return before[-1]
    if after and not _WORD.search(text[: number.start].replace(BLANK, "")):
        between = text[number.end : after[0].start]
        if not any(each.start < number.start for each in names) and _DASHED.fullmatch(between):
            return after[0]
    if after and _IS_THE.fullmatch(text[number.end : after[0].start]):
        return after[0]
    if after and is_told:
        between = text[number.end : after[0].start]
        is_tied = _BESIDE.fullmatch(between) or _get_links().fullmatch(between)
        if is_tied or (_is_near(between) and _is_of_numbers(between)):
            return after[0]
    return None


def _is_of_numbers(text: str) -> bool:
    """Whether goods are looked up in it, or their numbers told."""
    return get_cues().has("sku", text=text) or _LOOKED_UP.search(text) is not None


def _is_near(between: str) -> bool:
    return len(between) <= _FARTHEST and not _MORE_OF.search(between)
