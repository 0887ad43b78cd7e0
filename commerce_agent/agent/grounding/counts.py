"""How many of something a sentence says that there are."""

import re
from collections.abc import Iterator
from functools import cache

from commerce_agent.agent.grounding.claims_made import Claim, Kind
from commerce_agent.agent.grounding.cues import BLANK, alternate, get_cues
from commerce_agent.agent.grounding.numbers import DIGITS, get_large_pattern, get_number_pattern, read_number

_VERBS = r"(?!\s*\b(?:is|are|was|were|ist|sind|war|está|están|es|son|est|sont)\b)"
_MEASURED = (
    r"(?!\s?-?(?:mm|cm|m|km|inch|inches|kg|g|lbs?|oz|l|ml|w|v|gb|tb|mah|hz|lumens?|lm|persons?|stars?|x)\b)"
)
"""What a count is not followed by: a verb begins another thought, a unit makes it a measure."""
_SIZES = "size|sizes|größe|größen|talla|tallas|taille|tailles|eu|us|uk|nr|no"
_SIZED = re.compile(rf"(?:\b(?:{_SIZES})\.?\s*|[#-])$", re.IGNORECASE)
_OF_THOSE = re.compile(
    r"\b(?:first|last|other|these|those|all|the|top|ersten|letzten|anderen|diese|alle|die|primer[oa]s|otr[oa]s|est[oa]s|los|las"
    r"|premiers|premières|autres|ces|les)$",
    re.IGNORECASE,
)
"""Before how many of those that were shown: "the first two are in stock"."""
_LEFT_IT = re.compile(
    r"\s+(?:our|the|its|their|your|it|him|her|them|you|us|behind|out|unser\w*|das|den|die)(?!\w)",
    re.IGNORECASE,
)
"""As in "it left our warehouse", where nothing is left over."""
_LEFT = re.compile(r"\bleft$", re.IGNORECASE)
_WAYS_TO_GO = re.compile(r"\b(?:ways?|options?|choices?|things?|steps?|routes?)\s", re.IGNORECASE)


MOST = "most"
"""How many of it there are at the most, for whoever wants them: "you can order up to five"."""


def list_counts(sentence: str) -> Iterator[Claim]:
    """Each of them once, whichever of its forms it fits."""
    if get_cues().words["getting"].may_be_in(sentence):
        for match in _get_up_to().finditer(sentence):
            yield read_claim("count", match, written=match["n"], unit=MOST)
    seen: set[int] = set()
    for needed, pattern in _get_counts():
        for match in pattern.finditer(sentence) if get_cues().words[needed].may_be_in(sentence) else ():
            before = sentence[max(0, match.start("n") - 20) : match.start("n")].rstrip()
            is_of_others = _SIZED.search(before) or (needed in ("left", "some") and _OF_THOSE.search(before))
            is_gone = _LEFT.search(match.group()) and _LEFT_IT.match(sentence, match.end())
            if is_gone and not sentence[: match.start()].rstrip().endswith(("are", "is")):
                continue
            if match.start("n") not in seen and not is_of_others and not _WAYS_TO_GO.search(match.group()):
                seen.add(match.start("n"))
                is_some = not read_number(match["n"])
                least = is_some or _get_more_than().search(before) is not None
                unit = "" if needed == "has" else "left"
                written = "2" if is_some else match["n"]
                yield read_claim("count", match, written=written, unit=unit, least=least)


@cache
def _get_counts() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """How pieces are counted: before "left", as "a few", behind "only", and where "there are" so many.

    Each with the meaning of a word without which it finds nothing.
    """
    cues, pieces = get_cues(), get_cues().pieces
    units = alternate(cues.periods)
    apart = rf"(?:{_VERBS}(?:{BLANK}++|[^.?!;,|$€£{BLANK}])){{0,24}}?"
    small = alternate(form for form, value in cues.numbers.items() if value > 1)
    counted = rf"(?:{DIGITS}|(?<!\w)(?:{small})(?!\w))"
    many = rf"(?:{DIGITS}|(?<!\w)(?:{get_large_pattern()}|{small})(?!\w))"
    return (
        (
            "left",
            re.compile(
                rf"(?<![\d.,\w€£$-])(?P<n>{many})(?![\d%€£$-]|[.,]\d|\s?(?:{units}|{pieces['money']})\b){_VERBS}{_MEASURED}{apart}"
                rf"\s*(?<!\w)(?:{pieces['left']})(?!\w)",
                re.IGNORECASE,
            ),
        ),
        (
            "left",
            re.compile(
                rf"(?<![\d.,\w-])(?P<n>{counted})\s+(?:(?:{pieces['pieces_of']})\s+)?(?:(?:{pieces['of']})\s+)?{BLANK}+\w{{0,2}}"
                rf"\s+(?:are|remain|wait|sind|liegen|quedan|están|restent|sont)\s+(?:\w+\s+){{0,2}}?(?:{pieces['left']})(?!\w)",
                re.IGNORECASE,
            ),
        ),
        (
            "some",
            re.compile(
                rf"(?<!\w)(?P<n>{pieces['some']})\s+(?:(?:{pieces['of']})\s+)?(?={BLANK}|(?:{pieces['left']})(?!\w))"
                rf"{BLANK}*\w{{0,2}}{apart}(?<!\w)(?:{pieces['left']})(?!\w)",
                re.IGNORECASE,
            ),
        ),
        (
            "before_count",
            re.compile(
                rf"(?<!\w)(?:{pieces['before_count']})\s+(?P<n>{counted})"
                rf"(?![\d%]|\s?[€£$]|[.,]\d|\s?(?:{units})\b|\s(?:{pieces['money']})\b)",
                re.IGNORECASE,
            ),
        ),
        *_build_had(counted),
    )


def _build_had(counted: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """As in "we have a few lamps" and "there are 4 of the lamps"."""
    pieces = get_cues().pieces
    return (
        (
            "has",
            re.compile(
                rf"(?<!\w)(?:{pieces['has']})\s+(?P<n>{pieces['some']})\s+(?:(?:{pieces['of']})\s+)?(?={BLANK})",
                re.IGNORECASE,
            ),
        ),
        (
            "has",
            re.compile(
                rf"(?<!\w)(?:{pieces['has']})\s+(?:{BLANK}+\w{{0,2}}[,\s]+)?(?P<n>{counted})"
                rf"(?=\s*(?:(?:(?:{pieces['pieces_of']})\s+)?(?:{pieces['of']})\s+{BLANK}"
                rf"|(?:(?:{pieces['pieces_of']})\s+)?{BLANK}|[.;!?)](?!\d)|$))",
                re.IGNORECASE,
            ),
        ),
    )


@cache
def _get_up_to() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{get_cues().pieces['getting']}|have|take|add)\s+(?:up\s+to|as\s+many\s+as|bis\s+zu|hasta|jusqu['’]à)\s+"
        rf"(?P<n>{get_number_pattern()})(?=\s+(?:of\s+(?:the\s+)?|de\s+)?{BLANK})",
        re.IGNORECASE,
    )


@cache
def _get_more_than() -> re.Pattern[str]:
    """As in "more than three are left"."""
    return re.compile(rf"(?<!\w)(?:{get_cues().pieces['more_than']})$", re.IGNORECASE)


def read_claim(
    kind: Kind, match: re.Match[str], *, written: str, unit: str = "", least: bool = False
) -> Claim:
    """The claim of a match, its number read."""
    return Claim(
        kind=kind,
        text=match.group().strip(),
        start=match.start(),
        values=read_number(written),
        unit=unit,
        least=least,
    )
