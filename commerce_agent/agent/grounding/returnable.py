"""Goods that may be sent back, where the shop's own text says that they may not: "opened strings can go back too"."""

import re
from collections.abc import Iterator
from functools import cache

from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.grounds import Grounds
from commerce_agent.agent.grounding.item_texts import list_meanings
from commerce_agent.agent.grounding.mentions import Read

_OPEN = ("negation", "unsure", "condition")


@cache
def _get_may_back() -> re.Pattern[str]:
    pieces = get_cues().pieces
    return re.compile(
        rf"(?<!\w)(?:{pieces['may_return']})(?:\s+(?:(?:{pieces['also']})\s+)?(?:{pieces['going_back']})"
        rf"|(?!\w)[^.;!?]{{0,40}}(?<!\w)(?:{pieces['gone_back']}))(?!\w)",
        re.IGNORECASE,
    )


@cache
def _get_used_before() -> re.Pattern[str]:
    """As in "opened paints can be returned"."""
    return re.compile(
        rf"(?<!\w)(?:{get_cues().pieces['used']})\s+(?:[^\W\d_][\w’'-]*|•+)(?:\s+(?:[^\W\d_][\w’'-]*|•+))?\s*$",
        re.IGNORECASE,
    )


@cache
def _get_used_behind() -> re.Pattern[str]:
    """As in "you can send back opened ink"."""
    pieces = get_cues().pieces
    return re.compile(
        rf"\s+(?:(?:{pieces['back_too']})\s+)?(?:{pieces['used']})\s+(?:[^\W\d_]|•)", re.IGNORECASE
    )


@cache
def _get_taken_used() -> re.Pattern[str]:
    """As in "we refund used lamps too" and "opened toys are welcome back"."""
    pieces = get_cues().pieces
    return re.compile(
        rf"(?<!\w)(?:{pieces['takes_used']})\s+(?:(?:{pieces['back_too']})\s+)?(?:[\w’'-]+\s+){{0,2}}?(?:{pieces['used']})\s+[\w•]+"
        rf"|(?<!\w)(?:{pieces['takes_used']})\s+(?:[\w’'-]+\s+){{0,2}}?(?:{pieces['used']})(?!\w)"
        rf"|(?<!\w)(?:{pieces['used']})\s+(?:[\w’'-]+\s+){{0,2}}?[\w•]+\s+(?:{pieces['welcome']})(?!\w)",
        re.IGNORECASE,
    )


def list_returnable(read: Read, *, grounds: Grounds) -> Iterator[Claim]:
    """Each, where a policy was read; and "even if ...", whatever that is: nobody promises it but the shop."""
    cues, text = get_cues(), read.text
    is_of_returns = cues.find_topics(text) or cues.has("back_too", text=text)
    for match in _get_taken_used().finditer(text) if is_of_returns and cues.has("used", text=text) else ():
        if not any(cues.has(each, text=text) for each in _OPEN):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="used_returns")
    for match in _get_may_back().finditer(text) if cues.words["may_return"].may_be_in(text) else ():
        clause = read.find_clause(match.start())
        own, before = text[clause.start : clause.end], text[: match.start()]
        if _is_of_used(text, before=before, own=own[: match.start() - clause.start], end=match.end()):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="used_returns")
        elif not any(cues.has(each, text=before) for each in _OPEN) and _is_denied(own, grounds=grounds):
            yield Claim(kind="promise", text=match.group(), start=match.start(), unit="returnable")


def _is_of_used(text: str, *, before: str, own: str, end: int) -> bool:
    """Whether what may be sent back is used, be that said before it, behind it or by "even if"."""
    cues = get_cues()
    if any(cues.has(each, text=own) for each in _OPEN):
        return False
    if _get_used_behind().match(text, end) or cues.has("even_if", text=before):
        return True
    if any(cues.has(each, text=before) for each in _OPEN):
        return False
    return cues.has("even_if", text=text[end:]) or _get_used_before().search(own) is not None


def _is_denied(own: str, *, grounds: Grounds) -> bool:
    """Whether a text that says of some goods that they do not go back speaks of these."""
    said = list_meanings(own)
    return any(words & said for words in grounds.denied_of.get("no_returns", ()))
