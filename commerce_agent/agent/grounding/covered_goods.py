"""Which goods a warranty is for, by the shop's own words: "tanks are covered for two years" covers no dog bed."""

import re
from collections.abc import Iterator
from functools import cache

from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import BLANK, get_cues
from commerce_agent.agent.grounding.mentions import Read
from commerce_agent.agent.grounding.offer_scope import list_of_kind

_SENTENCE = re.compile(r"(?<=[.!?;])\s|\n")


@cache
def _get_has_one() -> re.Pattern[str]:
    having = get_cues().pieces["having"]
    return re.compile(rf"{BLANK}+\w{{0,2}}[^.;:!?,{BLANK}]{{0,16}}?\s(?:{having})(?!\w)", re.IGNORECASE)


@cache
def _get_kind_has_one() -> re.Pattern[str]:
    pieces = get_cues().pieces
    return re.compile(
        rf"(?:^|(?<=[,;:]\s))(?:(?:{pieces['all_our']})\s+)*(?P<kind>(?:[^\W\d_]{{3,}}\s+){{1,2}}?)(?:{pieces['having']})(?!\w)",
        re.IGNORECASE,
    )


def list_covered(read: Read) -> Iterator[Claim]:
    """As in "the A has a two-year warranty"."""
    cues = get_cues()
    if "warranty" not in cues.find_topics(read.text) or not read.mentions:
        return
    for match in _get_has_one().finditer(read.text):
        clause = read.find_clause(match.start())
        own = read.text[clause.start : clause.end]
        if "warranty" in cues.find_topics(own) and not any(
            cues.has(each, text=own) for each in ("negation", "unsure", "condition")
        ):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="covered")


def list_kinds_covered(read: Read) -> Iterator[Claim]:
    """As in "our plush toys are covered for a year", which names no goods of the talk, but what they are."""
    cues = get_cues()
    if "warranty" not in cues.find_topics(read.text) or read.mentions:
        return
    if any(cues.has(each, text=read.text) for each in ("negation", "unsure", "condition")):
        return
    for match in _get_kind_has_one().finditer(read.text):
        yield Claim(kind="promise", text=match["kind"].strip(), start=match.start("kind"), unit="covered")


def find_covered(claim: Claim, case: Case) -> str | None:
    """By the sentences of the shop on it; where one of them names no goods it may be meant of all."""
    if case.is_asked(claim):
        return "asked"
    meant = next((each.skus for each in case.read.mentions if each.start == claim.start), frozenset[str]())
    if not case.read.mentions:
        if case.cues.has("things", text=claim.text):
            return None if _is_for_some(case) else "policy"
        meant = list_of_kind(case.grounds, claim.text)
    return None if is_left_out(case, skus=meant) else "policy"


def is_left_out(case: Case, *, skus: frozenset[str]) -> bool:
    """Whether every sentence of the shop on a warranty names other goods than these."""
    told = _list_told(case)
    return bool(skus and told) and all(named and not named & skus for named in told)


def _is_for_some(case: Case) -> bool:
    """Whether every sentence of the shop on a warranty names some of the goods: "every product" has none then."""
    told = _list_told(case)
    return bool(told) and all(told) and not any(set(case.grounds.items) <= named for named in told)


def _list_told(case: Case) -> list[frozenset[str]]:
    """The goods that each sentence of the shop on a warranty names."""
    return [
        list_of_kind(case.grounds, sentence)
        for text in case.grounds.told.terms
        for sentence in _SENTENCE.split(text)
        if "warranty" in case.cues.find_topics(sentence)
    ]
