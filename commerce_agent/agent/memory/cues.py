"""Words that reach into earlier visits, in the English in which every message is read: "same size as last time"."""

import re
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

CueKind = Literal["size", "seen", "reorder", "show", "forget", "forget_all", "allow", "refuse"]


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """What of earlier visits a message asks for."""

    kind: CueKind
    text: str
    """The words that say so."""
    start: int
    what: str = ""
    """The goods, or what is to be forgotten; empty where the words name none."""
    since: timedelta | None = None
    until: timedelta | None = None
    """So long ago at the most, and at the least."""


_I: Final = re.IGNORECASE
_BEFORE: Final = (
    r"(?:(?:the )?last time|before|the time before|previously|my last (?:order|one|pair|purchase))"
)
_SIZE: Final = re.compile(
    r"\b(?:in |at )?(?:the |my )?(?:same|usual|normal|regular) size"
    r"(?: (?:as|i (?:had|took|bought|ordered|wore)|that i had)?"
    rf"(?: ?(?:in|for))? ?{_BEFORE})?"
    r"|\b(?:in )?my size\b(?! (?:is|was)\b)",
    _I,
)
_LOOKED: Final = (
    r"(?:looked at|was looking at|were looking at|saw|had seen|viewed|checked out|asked about|talked about|"
    r"was shown|were shown|liked|considered)"
)
_WHEN: Final = (
    r"(?P<when>yesterday|today|earlier|this (?:morning|week)|last (?:time|night|week|month)|the other day|"
    r"(?:a few|\d+|two|three) (?:days|weeks) ago|(?:a|one) (?:week|month) ago|before|on \w+day)"
)
_SEEN: Final = re.compile(
    rf"\b(?:the|that|those|this) (?P<what>[\w][\w' -]{{1,50}}?)(?: (?:that|which))? (?:i|we|you) (?:had )?"
    rf"(?:{_LOOKED}|showed me)(?: at)?(?:,? {_WHEN})?(?=\W|$)"
    rf"|\b(?:the|that|those) (?P<from>[\w][\w' -]{{1,50}}?) (?:from|of) "
    r"(?P<day>yesterday|last (?:time|night|week|month)|the other day|my last visit)\b",
    _I,
)
_REORDER: Final = re.compile(
    r"\bre-?(?:order|buy|purchase)\b(?: (?:my|the|that|those|some|more))?(?: (?:usual|regular|last|same))?"
    r"(?P<a>(?: [\w'-]+){0,5})"
    r"|\b(?:order|buy|get|have|need|want) (?:me )?(?:(?:some|more|my|the|that|those) )(?:usual |same |regular )?"
    r"(?P<b>[\w' -]{2,40}?) again\b"
    r"|\bmy usual(?! size)(?P<c>(?: [\w'-]+){0,4})"
    r"|\b(?:the|that) same (?!size)(?P<d>[\w' -]{2,40}?) (?:as|that i|i) "
    r"(?:last time|before|(?:bought|ordered|got|had)(?: last time| before)?)\b",
    _I,
)
_SHOW: Final = re.compile(
    r"\bwhat (?:do|did) you (?:still )?(?:remember|keep|store)\b"
    r"|\bwhat (?:do you know|have you (?:saved|stored|kept|remembered)) about me\b"
    r"|\bshow (?:me )?(?:what you remember|my (?:memory|profile|saved (?:things|data)))\b",
    _I,
)
_FORGET_ALL: Final = re.compile(
    r"\b(?:forget|delete|erase|clear) (?:everything|all)(?: (?:that )?(?:you (?:know|remember)|of it))? about me\b"
    r"|\b(?:forget|delete|erase|clear) (?:everything|all) (?:that )?you (?:know|remember)\b"
    r"|\b(?:forget|delete|erase|clear) my (?:memory|profile|saved (?:things|data))\b",
    _I,
)
_KEEPS: Final = r"(?<!n['’]t )(?<!nt )(?<!not )(?<!never )(?<!not to )"
"""Whoever says not to forget it wants nothing forgotten."""
_FORGET: Final = re.compile(
    rf"{_KEEPS}\bforget (?:about )?my (?P<what>[\w' -]{{2,40}})"
    rf"|{_KEEPS}\bforget that i (?:looked at|saw|liked?|prefer|wear|bought) (?:the |an? )?(?P<that>[\w' -]{{2,40}})",
    _I,
)
_REFUSE: Final = re.compile(
    r"\b(?:don'?t|do not|stop|never) (?:remember(?:ing)?|keep(?:ing)?|stor(?:e|ing)|sav(?:e|ing)) "
    r"(?:me|my|anything|things|what)\b",
    _I,
)
_ALLOW: Final = re.compile(
    r"\b(?:you (?:may|can)|please|do|yes,?) remember (?:me|my|this|that|it|things|what)\b|^\W*remember me\b",
    _I,
)
_AGAIN: Final = re.compile(r"\b(?:please|again|thanks?|for me|as last time|like last time|order|one)\b", _I)
_DAY: Final = timedelta(days=1)
_SPANS: Final[dict[str, tuple[timedelta, timedelta]]] = {
    "today": (_DAY, timedelta()),
    "earlier": (2 * _DAY, timedelta()),
    "this morning": (_DAY, timedelta()),
    "this week": (7 * _DAY, timedelta()),
    "yesterday": (2 * _DAY, timedelta(hours=2)),
    "last night": (2 * _DAY, timedelta(hours=2)),
    "the other day": (14 * _DAY, timedelta(hours=2)),
    "last week": (14 * _DAY, timedelta(hours=12)),
    "last month": (62 * _DAY, 7 * _DAY),
}


def find_cue(said: str) -> Cue | None:
    """What of earlier visits the message asks for; None for nearly every message."""
    for kind, pattern in _PLAIN:
        match = pattern.search(said)
        if match:
            return Cue(kind=kind, text=match.group(), start=match.start())
    match = _FORGET.search(said)
    if match:
        what = match.group("what") or match.group("that")
        return Cue(kind="forget", text=match.group(), start=match.start(), what=what)
    match = _REORDER.search(said)
    if match:
        return Cue(kind="reorder", text=match.group(), start=match.start(), what=_find_goods(match))
    match = _SEEN.search(said)
    if match:
        return _read_seen(match)
    match = _SIZE.search(said)
    if match:
        return Cue(kind="size", text=match.group(), start=match.start())
    return None


_PLAIN: Final[tuple[tuple[CueKind, re.Pattern[str]], ...]] = (
    ("refuse", _REFUSE),
    ("forget_all", _FORGET_ALL),
    ("allow", _ALLOW),
    ("show", _SHOW),
)


def is_within(cue: Cue, *, at: datetime, now: datetime) -> bool:
    """Whether something of that instant is what "yesterday" or "last week" means; a day here is a long one."""
    ago = now - at
    return (cue.since is None or ago <= cue.since) and (cue.until is None or ago >= cue.until)


def is_later(cue: Cue, *, at: datetime, now: datetime) -> bool:
    """Whether it was looked at since then. Of each item the newest look alone is kept: whoever looked yesterday and
    again today still means that one.
    """
    return cue.since is None or now - at <= cue.since


def _read_seen(match: re.Match[str]) -> Cue:
    when = (match.group("when") or match.group("day") or "").lower()
    since, until = _SPANS.get(when, (None, None))
    return Cue(
        kind="seen",
        text=match.group(),
        start=match.start(),
        what=match.group("what") or match.group("from"),
        since=since,
        until=until,
    )


def _find_goods(match: re.Match[str]) -> str:
    named = next((words for words in match.groupdict().values() if words), "")
    return " ".join(_AGAIN.sub(" ", named).split())
