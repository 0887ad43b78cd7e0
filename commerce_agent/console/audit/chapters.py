"""A conversation's chapters with what the list of them says before one is opened."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from commerce_agent.agent.explain import Account
from commerce_agent.console.audit.story import Chapter, Story
from commerce_agent.models import CaseFlag, CaseNote

QUESTION_MARKS = "?？؟"


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """Something to know of a turn before it is opened."""

    words: str
    mood: str


class ChapterSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A chapter, what is marked of it, and its reasons in one line."""

    story: Chapter
    badges: tuple[Badge, ...]
    summary: str
    notes: tuple[CaseNote, ...]


def list_chapters(
    story: Story, *, flags: Iterable[CaseFlag], notes: Iterable[CaseNote]
) -> tuple[ChapterSeen, ...]:
    """The chapters, each with the flags and notes of its turn."""
    flagged: dict[int, list[CaseFlag]] = defaultdict(list)
    noted: dict[int, list[CaseNote]] = defaultdict(list)
    for flag in flags:
        flagged[flag.turn].append(flag)
    for note in notes:
        noted[note.turn].append(note)
    return tuple(
        ChapterSeen(
            story=chapter,
            badges=_list_badges(chapter, flags=flagged[chapter.number] if chapter.number else []),
            summary=_sum_up(chapter.reasons) if chapter.reasons else "",
            notes=tuple(noted[chapter.number]) if chapter.number else (),
        )
        for chapter in story.chapters
    )


def _list_badges(chapter: Chapter, *, flags: list[CaseFlag]) -> tuple[Badge, ...]:
    found = [Badge(words=f"Flag: {flag.get_kind_display()}", mood="none") for flag in flags]
    reasons = chapter.reasons
    if reasons is not None:
        stale = sum(1 for fact in reasons.facts if fact.warning)
        stopped = sum(1 for verdict in reasons.verdicts if not verdict.passed)
        if stale:
            whose = "its" if stale == 1 else "their"
            found.append(Badge(words=f"{_count(stale, 'fact')} past {whose} time", mood="low"))
        if stopped:
            found.append(Badge(words=f"{_count(stopped, 'claim')} stopped", mood="none"))
        if any(meant.outcome == "Ambiguous" for meant in reasons.references):
            asked = any(mark in chapter.reply for mark in QUESTION_MARKS)
            found.append(Badge(words="Asked which one" if asked else "Words fit several items", mood="low"))
        if reasons.rejected and not reasons.kept:
            found.append(Badge(words="Found nothing", mood="low"))
    if chapter.status == "failed":
        found.append(Badge(words="Failed", mood="none"))
    return tuple(found)


def _sum_up(reasons: Account) -> str:
    parts = []
    if reasons.kept or reasons.rejected:
        parts.append(f"{len(reasons.kept)} kept, {len(reasons.rejected)} rejected")
    if reasons.facts:
        parts.append(_count(len(reasons.facts), "fact"))
    if reasons.terms:
        parts.append("; ".join(term.words for term in reasons.terms))
    if reasons.tools:
        parts.append(_count(len(reasons.tools), "tool"))
    return "Why: " + (" · ".join(parts) or "no search, no fact")


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s' * (number != 1)}"
