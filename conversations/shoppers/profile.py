"""The profile of a shopper and its rules. Plain: no clock, no store; whoever changes it hands in the instant."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from conversations.ids import EntityRef
from conversations.redaction import redact

Kind = Literal["size", "preference", "seen", "address", "payment"]
Source = Literal["stated", "merchant", "inferred"]
Consent = Literal["unasked", "given", "refused"]
Rule = Literal["authority", "newer", "older"]

AUTHORITY: dict[Source, int] = {"inferred": 1, "merchant": 2, "stated": 3}
"""The shopper's own word outweighs the shop's records, and these what was only inferred."""
MOST_SEEN = 60
MOST_KEPT = 200
MOST_OVERRULED = 50
MOST_FORGOTTEN = 200


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is remembered. Its kind with its topic says what it is about; there is one of each."""

    id: str
    kind: Kind
    topic: str
    """What it is about: `boots`, `brand`, the SKU of an item that was seen, `address`; of what pays a digest of it."""
    value: str
    source: Source
    at: datetime
    confidence: float = 1.0
    consented: bool = False
    """It was kept under the shopper's consent."""
    expires_at: datetime | None = None
    ref: EntityRef | None = None
    name: str = ""
    """What an item, or a means of payment, is called."""
    words: tuple[str, ...] = ()
    """What an item may be called besides: its kind, its colour."""
    conversation: str = ""
    """Where it was said; empty where it was not in a conversation."""

    @property
    def about(self) -> str:
        """What it is about, as one word."""
        return f"{self.kind}:{self.topic.casefold()}"


class Overruled(msgspec.Struct, frozen=True, kw_only=True):
    """Two writers said different things of the same: what gave way, to what, and by which rule."""

    about: str
    lost: str
    lost_source: Source
    held: str
    held_source: Source
    rule: Rule
    at: datetime


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is remembered of a shopper. `version` rises by one with every change that is stored."""

    version: int = 0
    consent: Consent = "unasked"
    consent_at: datetime | None = None
    kept: tuple[Kept, ...] = ()
    """In the order in which each was first kept, or last overruled."""
    overruled: tuple[Overruled, ...] = ()
    forgotten: tuple[str, ...] = ()
    """What the shopper had taken out: it is not inferred again, only said again."""
    count: int = 0


EMPTY = Profile()


def may_keep(profile: Profile, *, needs_consent: bool) -> bool:
    """Whether anything may be kept now."""
    return profile.consent == "given" or (profile.consent == "unasked" and not needs_consent)


def list_usable(profile: Profile, *, now: datetime, needs_consent: bool) -> tuple[Kept, ...]:
    """What may be used now: nothing without the consent that is needed, nothing that ran out."""
    if not may_keep(profile, needs_consent=needs_consent):
        return ()
    return tuple(kept for kept in profile.kept if not _is_over(kept, now=now))


def find_kept(profile: Profile, *, id: str) -> Kept | None:
    """What has this id."""
    return next((kept for kept in profile.kept if kept.id == id), None)


def remember(profile: Profile, news: Iterable[Kept], *, now: datetime) -> Profile:
    """The profile with the news in it; of two that say different things one holds, and the other is recorded.

    The higher authority holds, of equal ones the newer. What the shopper had forgotten is not inferred again.
    """
    for each in news:
        profile = _remember_one(profile, each, now=now)
    return _cut(profile)


def correct(profile: Profile, *, id: str, value: str, now: datetime) -> Profile:
    """The shopper's own word in place of what is kept under the id; unchanged where there is none, and of what pays:
    that is the checkout's reference, which nobody can word. A card's number is taken out first, whoever brings it.
    """
    before = find_kept(profile, id=id)
    if before is None or before.kind == "payment":
        return profile
    stated = msgspec.structs.replace(
        before,
        value=redact(value).text,
        source="stated",
        confidence=1.0,
        at=now,
        expires_at=None,
        conversation="",
    )
    return remember(profile, (stated,), now=now)


def take_down(profile: Profile, given: Iterable[Kept], *, kinds: frozenset[Kind], now: datetime) -> Profile:
    """The profile with what the merchant has down now of these kinds: what it says no more goes, what it says anew is
    remembered by the rules. What is known already stays as it is, till half of its time is over.
    """
    news = tuple(given)
    said = {each.about: each.value for each in news}
    kept = tuple(
        each
        for each in profile.kept
        if each.kind not in kinds or each.source != "merchant" or each.about in said
    )
    if len(kept) < len(profile.kept):
        profile = msgspec.structs.replace(profile, kept=kept)
    return remember(profile, (each for each in news if not _is_known(profile, each, now=now)), now=now)


def forget(profile: Profile, *, ids: Iterable[str]) -> Profile:
    """The profile without these, and without what of them had been overruled before."""
    wanted = set(ids)
    gone = {kept.about for kept in profile.kept if kept.id in wanted}
    return msgspec.structs.replace(
        profile,
        kept=tuple(kept for kept in profile.kept if kept.id not in wanted),
        overruled=tuple(each for each in profile.overruled if each.about not in gone),
        forgotten=(*profile.forgotten, *sorted(gone - set(profile.forgotten)))[-MOST_FORGOTTEN:],
    )


def consent(profile: Profile, *, given: bool, now: datetime) -> Profile:
    """The shopper's answer. A no takes everything out."""
    answered = msgspec.structs.replace(profile, consent="given" if given else "refused", consent_at=now)
    return answered if given else msgspec.structs.replace(answered, kept=(), overruled=(), forgotten=())


def drop_expired(profile: Profile, *, now: datetime) -> Profile:
    """The profile without what ran out."""
    kept = tuple(each for each in profile.kept if not _is_over(each, now=now))
    return profile if len(kept) == len(profile.kept) else msgspec.structs.replace(profile, kept=kept)


def _remember_one(profile: Profile, news: Kept, *, now: datetime) -> Profile:
    if news.source != "stated" and news.kind != "seen" and news.about in profile.forgotten:
        return profile
    held = next((each for each in profile.kept if each.about == news.about), None)
    others = tuple(each for each in profile.kept if each is not held)
    count, id = profile.count, held.id if held else ""
    if not id:
        count, id = count + 1, f"m{count + 1}"
    news = msgspec.structs.replace(news, id=id, consented=profile.consent == "given")
    replace = msgspec.structs.replace
    if held is None or held.value == news.value or _is_over(held, now=now):
        refreshed = news if held is None else _refresh(held, news)
        forgotten = tuple(about for about in profile.forgotten if about != news.about)
        in_place = tuple(refreshed if each is held else each for each in profile.kept)
        kept = in_place if held else (*profile.kept, refreshed)
        return replace(profile, kept=kept, count=count, forgotten=forgotten)
    rule = _find_rule(held, news)
    wins = rule == "newer" or (rule == "authority" and _rank(news) > _rank(held))
    winner, loser = (news, held) if wins else (held, news)
    overruled = Overruled(
        about=news.about,
        lost=loser.value,
        lost_source=loser.source,
        held=winner.value,
        held_source=winner.source,
        rule=rule,
        at=now,
    )
    kept_all = (*others, winner) if wins else profile.kept
    return replace(
        profile, kept=kept_all, count=count, overruled=(*profile.overruled, overruled)[-MOST_OVERRULED:]
    )


def _is_known(profile: Profile, news: Kept, *, now: datetime) -> bool:
    """Whether this was said before: it holds, or gave way to what holds."""
    held = next((each for each in profile.kept if each.about == news.about), None)
    if held is None:
        return False
    if held.value != news.value:
        return any(
            (each.about, each.lost, each.held) == (news.about, news.value, held.value)
            for each in profile.overruled
        )
    if _rank(held) > _rank(news):
        return True
    lasts = None if held.expires_at is None else held.expires_at - held.at
    return held.name == news.name and (lasts is None or now < held.at + lasts / 2)


def _find_rule(held: Kept, news: Kept) -> Rule:
    if _rank(held) != _rank(news):
        return "authority"
    return "newer" if news.at >= held.at else "older"


def _refresh(held: Kept, news: Kept) -> Kept:
    """The same said again, or said in place of what ran out. What was inferred makes no older word a newer one."""
    if held.value == news.value and (_rank(news) < _rank(held) or news.at < held.at):
        return news if _rank(news) > _rank(held) else held
    return news


def _rank(kept: Kept) -> int:
    return AUTHORITY[kept.source]


def _is_over(kept: Kept, *, now: datetime) -> bool:
    return kept.expires_at is not None and kept.expires_at <= now


def _cut(profile: Profile) -> Profile:
    """So much is kept and no more: of what was seen the latest, of all the newest."""
    seen = sorted((each for each in profile.kept if each.kind == "seen"), key=lambda each: each.at)
    over = {each.id for each in seen[: max(0, len(seen) - MOST_SEEN)]}
    kept = tuple(each for each in profile.kept if each.id not in over)[-MOST_KEPT:]
    return profile if len(kept) == len(profile.kept) else msgspec.structs.replace(profile, kept=kept)
